"""File names and numbers of cameras."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.folder.file_names import camera_numbers, file_name


@pytest.mark.parametrize("camera", ["gate", "c041", "gate-2.north", "A_1"])
def test_plain_names_stay_as_they_are(camera: str) -> None:
    assert file_name(camera) == camera


@pytest.mark.parametrize(
    ("camera", "legible"),
    [
        pytest.param("Main gate", "Main-gate~", id="space"),
        pytest.param("../../etc/passwd", "etc-passwd~", id="slashes"),
        pytest.param("..", "camera~", id="the-folder-above"),
        pytest.param("", "camera~", id="nothing"),
        pytest.param(".hidden", "hidden~", id="hidden"),
        pytest.param("-rf", "rf~", id="an-option"),
        pytest.param("gate.", "gate~", id="a-dot-at-the-end"),
        pytest.param("門", "camera~", id="no-latin-letter"),
        pytest.param("gate~0123456789", "gate-0123456789~", id="what-looks-like-ours"),
        pytest.param("x" * 500, "x" * 69 + "~", id="too-long"),
        pytest.param("\udcff", "camera~", id="bytes-that-are-no-text"),
    ],
)
def test_other_names_stay_legible(camera: str, legible: str) -> None:
    assert re.fullmatch(re.escape(legible) + "[0-9a-f]{10}", file_name(camera))


@given(st.lists(st.text(alphabet="aA ./~-é", max_size=6), unique=True))
def test_two_cameras_never_get_one_name(cameras: list[str]) -> None:
    assert len({file_name(camera) for camera in cameras}) == len(cameras)


@pytest.mark.parametrize(
    ("cameras", "numbers"),
    [
        pytest.param(["c041", "c042"], [41, 42], id="digits-all-have"),
        pytest.param(["c2", "c10"], [10, 2], id="by-name-not-by-number"),
        pytest.param(["a1", "b1"], [1, 2], id="digits-twice"),
        pytest.param(["c07", "gate"], [1, 2], id="digits-not-all-have"),
        pytest.param([], [], id="no-camera"),
    ],
)
def test_cameras_are_numbered(cameras: list[str], numbers: list[int]) -> None:
    assert list(camera_numbers(cameras).values()) == numbers

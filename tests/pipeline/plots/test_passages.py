"""Who went from which camera to which."""

from __future__ import annotations

import warnings
from itertools import pairwise
from pathlib import Path

import cv2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.plots.passages import Passages, draw_passages, find_passages

Seen = tuple[int, str, float, float]


@pytest.mark.parametrize(
    ("seen", "ways"),
    [
        pytest.param([], {}, id="nobody"),
        pytest.param([(1, "a", 0, 5), (2, "b", 6, 9)], {}, id="two-who-were-seen-once"),
        pytest.param(
            [(1, "b", 8, 9), (1, "a", 0, 5)], {("a", "b"): [3]}, id="time-decides-not-the-order-of-rows"
        ),
        pytest.param([(1, "a", 0, 5), (1, "b", 4, 9)], {("a", "b"): [-1]}, id="seen-by-both-at-once"),
        pytest.param([(1, "a", 0, 5), (1, "a", 9, 10)], {("a", "a"): [4]}, id="back-in-the-same-camera"),
        pytest.param(
            [(1, "a", 0, 1), (1, "b", 2, 3), (2, "a", 0, 1), (2, "b", 5, 6), (1, "a", 9, 9)],
            {("a", "b"): [1, 4], ("b", "a"): [6]},
            id="each-way-by-itself",
        ),
    ],
)
def test_ways(seen: list[Seen], ways: Passages) -> None:
    assert find_passages(seen) == ways


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from("abc"), st.integers(0, 9), st.integers(10, 19))))
def test_each_identity_passes_once_less_than_it_was_seen(seen: list[Seen]) -> None:
    assert sum(map(len, find_passages(seen).values())) == len(seen) - len({who for who, *_ in seen})


def test_any_name_can_be_drawn_and_more_cameras_than_fit_are_too(tmp_path: Path) -> None:
    names = [r"$\frac", "\u202eEDOC\u202c", "門", "x" * 300, "", *map(str, range(40))]
    ways = {(a, b): [1.0, 700.0, -3.0] for a, b in pairwise(names)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw_passages(ways, tmp_path / "flow.png")
    drawn = cv2.imread(str(tmp_path / "flow.png"))
    assert drawn is not None and drawn.shape == (2000, 2510, 3)  # as of 30 cameras

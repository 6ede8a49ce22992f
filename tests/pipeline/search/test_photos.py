"""Who is cut out of a photograph, and what is said where nobody can be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.boxes import Detections
from pipeline.errors import PipelineError
from pipeline.search.photos import find_all, find_objects, read_photo

Found = list[tuple[str, float, tuple[int, int, int, int]]]
"""Class, confidence and corners."""


class Sees:
    """A detector that sees the same in every picture, or one thing after another."""

    def __init__(self, *found: Found) -> None:
        self.found = list(found)

    def detect(self, frames: Sequence[NDArray[np.uint8]], numbers: Sequence[int]) -> list[Detections]:
        del numbers
        seen = self.found.pop(0) if len(self.found) > 1 else self.found[0]
        kinds, sure, boxes = zip(*seen, strict=True) if seen else ((), (), ())
        return [
            Detections(
                np.array(boxes, np.float32).reshape(-1, 4),
                np.array(sure, np.float32),
                np.array(kinds, np.str_),
            )
            for _ in frames
        ]

    def boxes_after(self, number: int) -> int:
        return number


def unheard(text: str) -> None:
    del text


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """100 pixels wide, 60 high; each pixel says its column."""
    columns = np.tile(np.arange(100, dtype=np.uint8)[None, :, None], (60, 1, 3))
    cv2.imwrite(str(tmp_path / "photo.png"), columns)
    return tmp_path / "photo.png"


STREET: Found = [
    ("person", 0.9, (10, 0, 20, 30)),
    ("person", 0.6, (30, 0, 50, 40)),
    ("car", 0.9, (60, 0, 95, 50)),
    ("person", 0.2, (0, 0, 100, 60)),
]


@pytest.mark.parametrize(
    ("group", "kind", "first", "shape"),
    [
        (None, "car", 60, (50, 35, 3)),
        ("person", "person", 30, (40, 20, 3)),
        ("vehicle", "car", 60, (50, 35, 3)),
    ],
)
def test_the_largest_sure_box_of_the_kind_is_cut_out(
    photo: Path, group: str | None, kind: str, first: int, shape: tuple[int, int, int]
) -> None:
    (cut,), found = find_objects([photo], lambda: Sees(STREET), group, warn=unheard)
    assert (found, cut.shape, int(cut[0, 0, 0])) == (kind, shape, first)


def test_of_several_it_is_said_which_one_was_taken_and_of_one_nothing(photo: Path) -> None:
    said: list[str] = []
    find_objects([photo], lambda: Sees(STREET), None, warn=said.append)
    find_objects([photo], lambda: Sees(STREET), "person", warn=said.append)
    find_objects([photo], lambda: Sees(STREET), "vehicle", warn=said.append)
    assert [text.removeprefix(f"{photo}: ").partition(" (--each")[0] for text in said] == [
        "shows 2 people and 1 vehicle; looked for is the largest, number 3 from the left, a car",
        "shows 2 people; looked for is the largest, number 2 from the left, a person",
    ]


def test_everybody_in_a_picture_is_cut_out_from_left_to_right(photo: Path) -> None:
    shown = find_all(read_photo(photo), "photo", Sees(STREET[::-1]), None)
    assert [(one.kind, int(one.picture[0, 0, 0])) for one in shown] == [
        ("person", 10),
        ("person", 30),
        ("car", 60),
    ]


def test_a_whole_picture_needs_no_detector(photo: Path) -> None:
    (cut,), kind = find_objects([photo], None, None, warn=unheard)
    assert (kind, cut.shape) == ("person", (60, 100, 3))
    assert find_objects([photo], None, "vehicle", warn=unheard)[1] == "vehicle"


def test_where_nobody_is_found_the_way_out_is_said(photo: Path) -> None:
    with pytest.raises(
        PipelineError, match=r"photo\.png: the detector finds no person in it; .* give --whole"
    ):
        find_objects([photo], lambda: Sees([STREET[2]]), "person", warn=unheard)


def test_pictures_of_different_kinds_are_no_one_query(photo: Path) -> None:
    with pytest.raises(PipelineError, match=r"shows a car and .* a person; several pictures are one query"):
        find_objects([photo, photo], lambda: Sees([STREET[0]], [STREET[2]]), None, warn=unheard)

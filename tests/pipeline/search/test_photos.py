"""Objects found in photographs, and errors if none is found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.boxes import Detections
from pipeline.errors import PipelineError
from pipeline.search.photos import find_objects, largest_objects, read_photo

Found = list[tuple[str, float, tuple[int, int, int, int]]]
"""Class, confidence and corners."""


class Sees:
    """A detector that finds the same boxes in every picture, or other boxes each time."""

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

    notes: tuple[str, ...] = ()
    step = 1.0

    def misfits(self, size: tuple[int, int], total: int | None) -> list[str]:
        del size, total
        return []


def unheard(text: str) -> None:
    del text


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture 100 pixels wide and 60 high; the value of each pixel is its column."""
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
def test_the_largest_confident_box_of_the_class_is_cut_out(
    photo: Path, group: str | None, kind: str, first: int, shape: tuple[int, int, int]
) -> None:
    (cut,), found = largest_objects([photo], lambda: Sees(STREET), group, warn=unheard)
    assert (found, cut.shape, int(cut[0, 0, 0])) == (kind, shape, first)


def test_a_warning_names_the_object_that_was_chosen_of_several(photo: Path) -> None:
    said: list[str] = []
    largest_objects([photo], lambda: Sees(STREET), None, warn=said.append)
    largest_objects([photo], lambda: Sees(STREET), "person", warn=said.append)
    largest_objects([photo], lambda: Sees(STREET), "vehicle", warn=said.append)
    assert [text.removeprefix(f"{photo}: ").partition(" Give --each")[0] for text in said] == [
        "shows 2 people and 1 vehicle; searching for the largest, number 3 from the left, a car.",
        "shows 2 people; searching for the largest, number 2 from the left, a person.",
    ]


def test_all_objects_of_a_picture_are_cut_out_from_left_to_right(photo: Path) -> None:
    shown = find_objects(read_photo(photo), "photo", Sees(STREET[::-1]), None)
    assert [(one.kind, int(one.picture[0, 0, 0])) for one in shown] == [
        ("person", 10),
        ("person", 30),
        ("car", 60),
    ]


def test_a_whole_picture_needs_no_detector(photo: Path) -> None:
    (cut,), kind = largest_objects([photo], None, None, warn=unheard)
    assert (kind, cut.shape) == ("person", (60, 100, 3))
    assert largest_objects([photo], None, "vehicle", warn=unheard)[1] == "vehicle"


def test_a_picture_without_objects_is_an_error_that_names_the_way_out(photo: Path) -> None:
    with pytest.raises(
        PipelineError, match=r"photo\.png: the detector finds no person in it; .* give --whole"
    ):
        largest_objects([photo], lambda: Sees([STREET[2]]), "person", warn=unheard)


def test_pictures_of_different_classes_are_refused(photo: Path) -> None:
    with pytest.raises(
        PipelineError, match=r"shows a car, but .* shows a person; several pictures must show the same object"
    ):
        largest_objects([photo, photo], lambda: Sees([STREET[0]], [STREET[2]]), None, warn=unheard)

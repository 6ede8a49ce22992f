"""The format of AI City 2019-2022 (CityFlow): one text file for all cameras."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.folder.atomic import whole_file
from pipeline.folder.file_names import camera_numbers
from pipeline.results.records import FinishedRun


def export_aicity(run: FinishedRun, path: Path) -> dict[str, int]:
    """Write the boxes that have an identity as lines of camera, identity, frame, xmin, ymin, width, height, -1, -1.

    Fields are separated by spaces; frames count from 1; boxes are rounded to whole pixels. Returns the
    camera numbers that the file uses, by camera name.

    Raises:
        RunError: tracks.csv is missing or damaged, or the file cannot be written.
    """
    numbers = camera_numbers(run.cameras)
    boxes = run.boxes.select(run.boxes.identities > 0)
    columns = (boxes.cameras, boxes.identities, boxes.frames, boxes.corners)
    with whole_file(path) as file:
        for camera, identity, frame, corners in zip(*(column.tolist() for column in columns), strict=True):
            file.write(f"{numbers[camera]} {identity} {frame + 1} {_rectangle(corners)} -1 -1\n")
    return numbers


def _rectangle(corners: Sequence[float]) -> str:
    """Format left, top, width and height; rounding corners, not sizes, keeps adjacent boxes adjacent.

    >>> _rectangle([0.4, 0.6, 10.4, 20.6])
    '0 1 10 20'
    """
    left, top, right, bottom = (round(side) for side in corners)
    return f"{left} {top} {max(right - left, 1)} {max(bottom - top, 1)}"

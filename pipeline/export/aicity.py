"""AI City 2019-2022 (CityFlow): one text file for all cameras."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from pipeline.folder.atomic import whole_file
from pipeline.results.reading import Box, boxes, cameras_of


def export_aicity(run: Path, path: Path) -> dict[str, int]:
    """Write the boxes that have an identity as camera obj frame xmin ymin width height -1 -1.

    Separated by spaces; frames count from 1; boxes are rounded to whole pixels.

    Args:
        run: folder of a finished run.
        path: file to write.

    Returns:
        The number written for each camera.

    Raises:
        RunError: the run's files are missing or damaged.
    """
    numbers = camera_numbers(cameras_of(run))
    with whole_file(path) as file:
        file.writelines(_row(box, numbers[box.camera]) for box in boxes(run) if box.identity is not None)
    return numbers


def camera_numbers(cameras: Iterable[str]) -> dict[str, int]:
    """Number cameras by the digits that their names end in, or else from 1 in the order of names.

    Digits serve only if every name has them and no two the same.

    >>> camera_numbers(["c041", "c042"]), camera_numbers(["gate", "c042"])
    ({'c041': 41, 'c042': 42}, {'c042': 1, 'gate': 2})
    """
    names = sorted(cameras)
    digits = [found.group() for name in names if (found := re.search(r"[0-9]+$", name))]
    numbers = [int(number) for number in digits]
    if len(set(numbers)) < len(names):
        numbers = list(range(1, len(names) + 1))
    return dict(zip(names, numbers, strict=True))


def _row(box: Box, camera: int) -> str:
    """Format one box; rounding its corners, not its size, keeps neighbouring edges together."""
    left, top = round(box.left), round(box.top)
    width, height = round(box.left + box.width) - left, round(box.top + box.height) - top
    frame = box.frame + 1
    return f"{camera} {box.identity} {frame} {left} {top} {max(width, 1)} {max(height, 1)} -1 -1\n"

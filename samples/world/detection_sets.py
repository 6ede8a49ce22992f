"""How do pictures of the world become a detection set in Ultralytics' format?

A label is the box around what can be seen. Who can hardly be seen, or is tiny, is neither to be found nor to be
denied: the place is blurred away where no labelled box is, and left as it is where one is.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from reid.files import PARTIAL
from samples.benchmarks import write_text
from samples.world.errors import WorldError
from samples.world.footage import Opening
from samples.world.sensor import Image, Sensor
from samples.world.tracklets import looks

if TYPE_CHECKING:  # what draws is known only to who opens it
    from samples.world.production import Sighting

Part = Literal["train", "val"]
NAMES = ("person", "vehicle")
"""Both are names that the detectors know; the world does not tell a bus from a lorry."""
SHARE = 0.25
"""Visible share from which somebody is to be found."""
TALL = 12.0
"""Visible height from which somebody is to be found, in pixels."""
FAINT = 0.02
"""Visible share under which nothing needs to be blurred away."""


@dataclass(frozen=True)
class View:
    """One production that is looked at now and then, a worker's task."""

    opening: Opening
    sensors: tuple[Sensor, ...]
    """One for each camera."""
    seed: int
    every: float = 2.0
    """Seconds between two looks; each gives a picture a camera."""


@dataclass(frozen=True)
class Example:
    """One picture, as JPEG, and its labels."""

    picture: bytes
    labels: tuple[str, ...]
    """Class, and middle, width and height of the box as shares of the picture's."""


def examples(view: View) -> list[Example]:
    """Take pictures through all cameras and label who is seen."""
    qualities = np.random.default_rng(view.seed).integers(60, 96, len(view.sensors)).tolist()
    taken = looks(view.opening, view.sensors, 1 / view.every, view.seed)
    return [_example(image, sightings, qualities[camera]) for camera, _, image, sightings in taken]


def wanted(sighting: Sighting) -> bool:
    """Whether a detector should find somebody."""
    _, top, _, bottom = sighting.visible
    return bool(sighting.share >= SHARE and bottom - top >= TALL)


def label(sighting: Sighting, height: int, width: int) -> str:
    """Write one line of Ultralytics' labels."""
    left, top, right, bottom = sighting.visible
    middle = (left + right) / 2 / width, (top + bottom) / 2 / height
    values = (*middle, (right - left) / width, (bottom - top) / height)
    return " ".join([str(NAMES.index(sighting.category)), *(f"{value:.6f}" for value in values)])


def without(image: Image, sightings: Sequence[Sighting]) -> Image:
    """Blur away who is not to be found, where nobody is who is."""
    cleared = image.copy()
    kept = [one.visible for one in sightings if wanted(one)]
    for one in sightings:
        if not wanted(one) and one.share >= FAINT and not any(_touch(one.visible, box) for box in kept):
            rows, columns = _place(one.visible, image)
            cleared[rows, columns] = cv2.blur(image[rows, columns], (31, 31))
    return cleared


class DetectionWriter:
    """Collects pictures and labels: images/train, images/val, labels/, and last data.yaml."""

    def __init__(self, folder: Path) -> None:
        """Begin a data set under another name, which takes its own on closing.

        Raises:
            WorldError: It is there already.
        """
        if folder.exists():
            raise WorldError(f"{folder} is there already; name another folder, or delete it")
        self._folder, self._partial = folder, folder.with_name(folder.name + PARTIAL)
        shutil.rmtree(self._partial, ignore_errors=True)
        self._counts: dict[Part, int] = {"train": 0, "val": 0}

    def add(self, part: Part, example: Example) -> None:
        """Add one picture."""
        name = f"{self._counts[part]:06d}"
        write_text(self._partial / "labels" / part / f"{name}.txt", list(example.labels))
        images = self._partial / "images" / part
        images.mkdir(parents=True, exist_ok=True)
        (images / f"{name}.jpg").write_bytes(example.picture)
        self._counts[part] += 1

    def close(self) -> None:
        """Write data.yaml, in which paths are relative to its own folder; then the set has its name."""
        for part, count in self._counts.items():
            if not count:
                raise WorldError(f"{self._folder}: no picture for {part}; ask for more productions")
        classes = [f"  {number}: {name}" for number, name in enumerate(NAMES)]
        write_text(
            self._partial / "data.yaml", ["train: images/train", "val: images/val", "names:", *classes]
        )
        self._partial.rename(self._folder)


def _example(image: Image, sightings: Sequence[Sighting], quality: int) -> Example:
    height, width = image.shape[:2]
    labels = tuple(label(one, height, width) for one in sightings if wanted(one))
    _, encoded = cv2.imencode(
        ".jpg", without(image, sightings)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    return Example(encoded.tobytes(), labels)


def _place(box: Sequence[float], image: Image) -> Iterator[slice]:
    """Give the rows and columns of a box, and a little around it."""
    for low, high, size in ((box[1], box[3], image.shape[0]), (box[0], box[2], image.shape[1])):
        yield slice(max(0, int(low) - 2), min(size, int(np.ceil(high)) + 2))


def _touch(one: Sequence[float], other: Sequence[float]) -> bool:
    return (
        max(one[0], other[0]) < min(one[2], other[2]) + 4
        and max(one[1], other[1]) < min(one[3], other[3]) + 4
    )

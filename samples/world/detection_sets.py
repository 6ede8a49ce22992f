"""Detection data sets in the format of Ultralytics.

A label is the box around the visible part of a person or vehicle. A person or vehicle that is hardly visible
or tiny gets no label. It is blurred, so that a detector does not learn to ignore it, unless a labelled box
touches it.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from reid.files import PARTIAL
from samples.miniatures.benchmarks import write_text
from samples.world.errors import WorldError
from samples.world.footage import Opening
from samples.world.sensor import Image, Sensor
from samples.world.tracklets import take_pictures

if TYPE_CHECKING:  # importing the renderer needs OpenGL
    from samples.world.production import Sighting

Part = Literal["train", "val"]
NAMES = ("person", "vehicle")
"""Class names that the detectors know. The renderer does not distinguish buses from lorries."""
SHARE = 0.25
"""Smallest visible share that gets a label."""
TALL = 12.0
"""Smallest visible height that gets a label, in pixels."""
FAINT = 0.02
"""Smallest visible share that is blurred if it gets no label."""


@dataclass(frozen=True)
class View:
    """Hold the task of one worker: a production from which images are taken at regular times."""

    opening: Opening
    sensors: tuple[Sensor, ...]
    """One sensor per camera."""
    seed: int
    """Seed of the sensor noise and of the JPEG qualities."""
    every: float = 2.0
    """Seconds between two images of a camera."""


@dataclass(frozen=True)
class Example:
    """One JPEG image and its labels."""

    picture: bytes
    labels: tuple[str, ...]
    """Lines of class number and box: x and y of the centre, width and height, as shares of the image size."""


def examples(view: View) -> list[Example]:
    """Return labelled images of all cameras."""
    qualities = np.random.default_rng(view.seed).integers(60, 96, len(view.sensors)).tolist()
    images = take_pictures(view.opening, view.sensors, 1 / view.every, view.seed)
    return [_example(image, sightings, qualities[camera]) for camera, _, image, sightings in images]


def wanted(sighting: Sighting) -> bool:
    """Return whether a person or vehicle is visible enough for a label."""
    _, top, _, bottom = sighting.visible
    return bool(sighting.share >= SHARE and bottom - top >= TALL)


def label(sighting: Sighting, height: int, width: int) -> str:
    """Return one line of an Ultralytics label file."""
    left, top, right, bottom = sighting.visible
    x, y = (left + right) / 2 / width, (top + bottom) / 2 / height
    values = (x, y, (right - left) / width, (bottom - top) / height)
    return " ".join([str(NAMES.index(sighting.category)), *(f"{value:.6f}" for value in values)])


def without(image: Image, sightings: Sequence[Sighting]) -> Image:
    """Return the image with unlabelled people and vehicles blurred, unless a labelled box touches them."""
    blurred = image.copy()
    labelled = [sighting.visible for sighting in sightings if wanted(sighting)]
    for sighting in sightings:
        box = sighting.visible
        if wanted(sighting) or sighting.share < FAINT or any(_touch(box, other) for other in labelled):
            continue
        rows = _span(box[1], box[3], image.shape[0])
        columns = _span(box[0], box[2], image.shape[1])
        blurred[rows, columns] = cv2.blur(image[rows, columns], (31, 31))
    return blurred


class DetectionWriter:
    """Writer of a detection data set: images/train, images/val, labels/, and data.yaml last."""

    def __init__(self, folder: Path) -> None:
        """Start a data set under a temporary name; `close` gives it its final name.

        Raises:
            WorldError: the folder already exists.
        """
        if folder.exists():
            raise WorldError(f"{folder} already exists; name another folder or delete it")
        self._folder, self._partial = folder, folder.with_name(folder.name + PARTIAL)
        shutil.rmtree(self._partial, ignore_errors=True)
        self._counts: dict[Part, int] = {"train": 0, "val": 0}

    def add(self, part: Part, example: Example) -> None:
        """Add one image to a split."""
        name = f"{self._counts[part]:06d}"
        write_text(self._partial / "labels" / part / f"{name}.txt", list(example.labels))
        images = self._partial / "images" / part
        images.mkdir(parents=True, exist_ok=True)
        (images / f"{name}.jpg").write_bytes(example.picture)
        self._counts[part] += 1

    def close(self) -> None:
        """Write data.yaml, whose paths are relative to its folder, and give the data set its final name.

        Raises:
            WorldError: a split has no image.
        """
        for part, count in self._counts.items():
            if not count:
                raise WorldError(f"{self._folder}: no image for {part}; ask for more people or days")
        classes = [f"  {number}: {name}" for number, name in enumerate(NAMES)]
        write_text(
            self._partial / "data.yaml", ["train: images/train", "val: images/val", "names:", *classes]
        )
        self._partial.rename(self._folder)


def _example(image: Image, sightings: Sequence[Sighting], quality: int) -> Example:
    """Label and encode one image."""
    height, width = image.shape[:2]
    labels = tuple(label(sighting, height, width) for sighting in sightings if wanted(sighting))
    pixels = without(image, sightings)[..., ::-1]  # OpenCV takes blue first
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return Example(encoded.tobytes(), labels)


def _span(low: float, high: float, size: int) -> slice:
    """Return the rows or columns from `low` to `high` and 2 more on both sides, inside an image of `size`."""
    return slice(max(0, int(low) - 2), min(size, int(np.ceil(high)) + 2))


def _touch(box: Sequence[float], other: Sequence[float]) -> bool:
    """Return whether two boxes are less than 4 pixels apart."""
    x_touch = max(box[0], other[0]) < min(box[2], other[2]) + 4
    y_touch = max(box[1], other[1]) < min(box[3], other[3]) + 4
    return x_touch and y_touch

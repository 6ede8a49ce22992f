"""Boxes: what a detector found in one frame, and the geometry of boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PERSON = "person"
VEHICLE = "vehicle"
VEHICLES = ("bicycle", "car", "motorcycle", "bus", "truck", "van", VEHICLE)


@dataclass(frozen=True, eq=False)
class Detections:
    """All boxes of one frame; arrays share their first axis, `n` boxes."""

    boxes: NDArray[np.float32]
    """(n, 4) pixel corners x0, y0, x1, y1 in the source frame, x0 < x1, y0 < y1."""
    scores: NDArray[np.float32]
    """(n,) detector confidence in [0, 1]."""
    classes: NDArray[np.str_]
    """(n,) class names, such as "person" or "car"."""
    tracks: NDArray[np.int64] | None = None
    """(n,) track numbers where the detections came with tracks, else None."""
    colours: NDArray[np.uint8] | None = None
    """(n, c) colours of each box, as `detectors.colours` counts them, for a tracker to tell neighbours apart."""

    def __post_init__(self) -> None:
        n = len(self.scores)
        shapes = self.boxes.shape == (n, 4) and self.classes.shape == (n,)
        given = self.tracks is None or self.tracks.shape == (n,)
        coloured = self.colours is None or (self.colours.ndim == 2 and len(self.colours) == n)
        if not (shapes and given and coloured):
            raise ValueError(f"expected n matching rows: {self.boxes.shape=}, {self.scores.shape=}")
        if n and not (self.boxes[:, :2] < self.boxes[:, 2:]).all():
            raise ValueError("boxes need x0 < x1 and y0 < y1")

    def __len__(self) -> int:
        return len(self.scores)

    def select(self, keep: NDArray[np.bool_] | NDArray[np.intp]) -> Detections:
        """Keep some rows, by mask or by index."""
        tracks = None if self.tracks is None else self.tracks[keep]
        colours = None if self.colours is None else self.colours[keep]
        return Detections(self.boxes[keep], self.scores[keep], self.classes[keep], tracks, colours)

    @classmethod
    def empty(cls) -> Detections:
        """A frame in which nothing was found."""
        return cls(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, np.str_))


def class_group(name: str) -> str:
    """Name the group within which a tracker may associate and a matcher may link.

    A detector may call one lorry `truck` here and `bus` there, so all vehicles are one group; any
    other class is a group of its own.

    >>> class_group("truck"), class_group("person"), class_group("dog")
    ('vehicle', 'person', 'dog')
    """
    return VEHICLE if name in VEHICLES else name


def overlap(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Measure how much of each box the most covering other box of its frame hides.

    Args:
        boxes: (n, 4) corners.

    Returns:
        (n,) largest share in [0, 1] of the box's own area inside one other box.

    >>> overlap(np.array([[0, 0, 2, 2], [1, 0, 5, 2], [8, 8, 9, 9]], np.float32)).tolist()
    [0.5, 0.25, 0.0]
    """
    if len(boxes) < 2:
        return np.zeros(len(boxes), np.float32)
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])  # (n, n, 2)
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)  # (n, n) pixels
    np.fill_diagonal(shared, 0)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    covered: NDArray[np.float32] = shared.max(axis=1) / np.maximum(area, np.finfo(np.float32).tiny)
    return covered

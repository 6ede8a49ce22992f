"""Boxes of one frame, their classes and their geometry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


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
    """(n,) track numbers if the detections come with tracks, else None."""
    colours: NDArray[np.uint8] | None = None
    """(n, c) colours of each box from `detectors.colours`, with which a tracker tells neighbours apart."""

    def __post_init__(self) -> None:
        n = len(self.scores)
        matching = (
            self.boxes.shape == (n, 4)
            and self.classes.shape == (n,)
            and (self.tracks is None or self.tracks.shape == (n,))
            and (self.colours is None or (self.colours.ndim == 2 and len(self.colours) == n))
        )
        if not matching:
            raise ValueError(f"expected n matching rows: {self.boxes.shape=}, {self.scores.shape=}")
        if n and not (self.boxes[:, :2] < self.boxes[:, 2:]).all():
            raise ValueError("boxes need x0 < x1 and y0 < y1")

    def __len__(self) -> int:
        return len(self.scores)

    def select(self, keep: NDArray[np.bool_] | NDArray[np.intp]) -> Detections:
        """Return some of the rows, chosen by mask or by index."""
        tracks = None if self.tracks is None else self.tracks[keep]
        colours = None if self.colours is None else self.colours[keep]
        return Detections(self.boxes[keep], self.scores[keep], self.classes[keep], tracks, colours)

    @classmethod
    def empty(cls) -> Detections:
        """Return the detections of a frame without boxes."""
        return cls(np.empty((0, 4), np.float32), np.empty(0, np.float32), np.empty(0, np.str_))


def paired_iou(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the intersection over union of (m, 4) and (m, 4) corners, row by row; (m,) in [0, 1].

    It is computed in float64. Two boxes without area have an IoU of 0.

    >>> a, b = np.array([[0, 0, 2, 2], [0, 0, 2, 2.0]]), np.array([[0, 0, 1, 2], [5, 5, 6, 6.0]])
    >>> paired_iou(a, b).tolist()
    [0.5, 0.0]
    """
    a, b = a.astype(np.float64), b.astype(np.float64)
    sides = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])  # (m, 2)
    shared = np.clip(sides, 0, None).prod(axis=1)
    union = _areas(a) + _areas(b) - shared
    iou: NDArray[np.float64] = shared / np.maximum(union, np.finfo(np.float64).tiny)
    return iou


def iou_matrix(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the intersection over union of each of (m, 4) with each of (n, 4) corners; (m, n) in [0, 1].

    >>> a, b = np.array([[0, 0, 2, 2]], np.float32), np.array([[0, 0, 1, 2], [5, 5, 6, 6]], np.float32)
    >>> iou_matrix(a, b).tolist()
    [[0.5, 0.0]]
    """
    shared = _intersections(a, b)
    union: NDArray[np.float32] = _areas(a)[:, None] + _areas(b) - shared
    return np.divide(shared, union)


def overlap(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the largest share of the area of each of (n, 4) corners that lies inside one other box; (n,) in [0, 1].

    >>> overlap(np.array([[0, 0, 2, 2], [1, 0, 5, 2], [8, 8, 9, 9]], np.float32)).tolist()
    [0.5, 0.25, 0.0]
    """
    if len(boxes) < 2:
        return np.zeros(len(boxes), np.float32)
    shared = _intersections(boxes, boxes)
    np.fill_diagonal(shared, 0)
    covered: NDArray[np.float32] = shared.max(axis=1) / np.maximum(_areas(boxes), np.finfo(np.float32).tiny)
    return covered


def _intersections(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the area that each of (m, 4) shares with each of (n, 4) corners; (m, n) square pixels."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])  # (m, n, 2)
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared: NDArray[np.float32] = np.clip(high - low, 0, None).prod(axis=2)
    return shared


def _areas(boxes: NDArray[Any]) -> NDArray[Any]:
    return np.asarray((boxes[:, 2:] - boxes[:, :2]).prod(axis=1))

"""Which boxes of one camera are the same object over time?"""

from __future__ import annotations

from typing import Protocol

import lap
import numpy as np
from numpy.typing import NDArray

from detectors.boxes import Detections, class_group
from detectors.motion import Motion

NO_TRACK = -1
SURE = 0.25
"""Boxes from this score on choose their tracks first; the others take what is left."""
NEW = 0.4
"""Boxes from this score on may begin a track."""
NEAR = 0.1
"""Least overlap, times the score, of a sure box with where its track should be."""
NEAR_UNSURE = 0.3
"""Least overlap of another box with where its track should be."""
PATIENCE = 2.5
"""Seconds after which an object that is not seen is given up."""

Rows = NDArray[np.intp]


class GroupTracker(Protocol):
    """Follows the objects of one class group."""

    def update(
        self, seconds: float, boxes: NDArray[np.float32], scores: NDArray[np.float32]
    ) -> NDArray[np.int64]:
        """Take the next frame's (n, 4) corners and (n,) scores; (n,) own number of each, or -1."""
        ...


class ClassTrackers:
    """Follows the objects of one camera, each class group by itself: no person becomes a car."""

    def __init__(self) -> None:
        self._groups: dict[str, GroupTracker] = {}
        self._numbers: dict[tuple[str, int], int] = {}

    def update(self, seconds: float, detections: Detections) -> NDArray[np.int64]:
        """Take the next frame's detections.

        Args:
            seconds: the frame's time; never less than the last one's.
            detections: boxes; where they come with tracks, these are taken as they are.

        Returns:
            (n,) track number of each box, from 1 by first appearance in this camera, or -1 for none.
        """
        if detections.tracks is not None:
            return detections.tracks
        own = np.full(len(detections), NO_TRACK, np.int64)
        groups = np.array([class_group(name) for name in detections.classes], np.str_)
        for group in sorted({*self._groups, *groups.tolist()}):
            rows = np.flatnonzero(groups == group)
            tracker = self._groups.setdefault(group, SecondsByteTrack())
            own[rows] = tracker.update(seconds, detections.boxes[rows], detections.scores[rows])
        pairs = zip(groups.tolist(), own.tolist(), strict=True)
        return np.array([self._number(group, number) for group, number in pairs], np.int64)

    def _number(self, group: str, own: int) -> int:
        if own == NO_TRACK:
            return NO_TRACK
        return self._numbers.setdefault((group, own), len(self._numbers) + 1)


class SecondsByteTrack:
    """ByteTrack (Zhang et al. 2022) whose clock is the footage's.

    Sure boxes find their tracks first, then the unsure ones, which are often objects half hidden. Motion
    and patience are in seconds, so that a stride, a variable frame rate or a gap change the evidence but
    not the rules. Other than in the paper, an unsure box may also find a track that was lost for a while.
    """

    def __init__(self) -> None:
        self._seconds = float("-inf")
        self._motion = Motion.start(np.empty((0, 4), np.float32))
        self._numbers = np.empty(0, np.int64)
        self._last = np.empty(0)
        """(m,) seconds at which each track was seen last."""
        self._proven = np.empty(0, np.bool_)
        """(m,) whether it was seen twice."""
        self._begun = 0

    def update(
        self, seconds: float, boxes: NDArray[np.float32], scores: NDArray[np.float32]
    ) -> NDArray[np.int64]:
        """Take the next frame's (n, 4) corners and (n,) scores; (n,) number of each, from 1, or -1."""
        self._advance(seconds)
        tracks, found = self._associate(boxes, scores)
        numbers = np.full(len(boxes), NO_TRACK, np.int64)
        numbers[found] = self._numbers[tracks]
        self._see(tracks, boxes[found])
        new = np.flatnonzero((numbers == NO_TRACK) & (scores >= NEW))
        numbers[new] = self._begin(boxes[new])
        return numbers

    def _advance(self, seconds: float) -> None:
        if seconds < self._seconds:
            raise ValueError(f"frames must come in order of time: {seconds=} after {self._seconds}")
        self._keep(seconds - self._last <= PATIENCE)
        if len(self._numbers):
            self._motion = self._motion.after(seconds - self._seconds)
        self._seconds = seconds

    def _associate(self, boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> tuple[Rows, Rows]:
        """Pair tracks with boxes: (p,) rows of tracks and (p,) rows of boxes."""
        similarity = iou(self._motion.boxes, boxes)  # (m, n)
        tracks, sure = np.arange(len(similarity)), np.flatnonzero(scores >= SURE)
        unsure = np.flatnonzero(scores < SURE)
        first = assign(similarity[:, sure] * scores[sure], NEAR)
        left = np.delete(tracks, first[0])
        second = assign(similarity[np.ix_(left, unsure)], NEAR_UNSURE)
        return (
            np.concatenate([first[0], left[second[0]]]),
            np.concatenate([sure[first[1]], unsure[second[1]]]),
        )

    def _see(self, tracks: Rows, boxes: NDArray[np.float32]) -> None:
        """Correct the tracks that were seen; forget those that were seen once and now not again."""
        self._motion = self._motion.seen(tracks, boxes)
        self._last[tracks] = self._seconds
        self._proven[tracks] = True
        self._keep(self._proven)

    def _begin(self, boxes: NDArray[np.float32]) -> NDArray[np.int64]:
        numbers = self._begun + 1 + np.arange(len(boxes))
        self._begun += len(boxes)
        self._motion = self._motion.join(Motion.start(boxes))
        self._numbers = np.concatenate([self._numbers, numbers])
        self._last = np.concatenate([self._last, np.full(len(boxes), self._seconds)])
        self._proven = np.concatenate([self._proven, np.zeros(len(boxes), np.bool_)])
        return numbers

    def _keep(self, keep: NDArray[np.bool_]) -> None:
        self._motion = self._motion.select(keep)
        self._numbers, self._last, self._proven = self._numbers[keep], self._last[keep], self._proven[keep]


def assign(similarity: NDArray[np.floating], least: float) -> tuple[Rows, Rows]:
    """Pair rows with columns such that the sum of what exceeds `least` is greatest.

    >>> rows, columns = assign(np.array([[0.9, 0.8], [0.8, 0.1]]), 0.3)
    >>> rows.tolist(), columns.tolist()
    ([0, 1], [1, 0])
    """
    if 0 in similarity.shape:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    _, column, _ = lap.lapjv(1 - similarity, extend_cost=True, cost_limit=1 - least)
    rows = np.flatnonzero(column >= 0)
    return rows, column[rows].astype(np.intp)


def iou(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Measure intersection over union of (m, 4) and (n, 4) corners as (m, n) in [0, 1].

    >>> iou(np.array([[0, 0, 2, 2]], np.float32), np.array([[0, 0, 1, 2], [5, 5, 6, 6]], np.float32)).tolist()
    [[0.5, 0.0]]
    """
    low = np.maximum(a[:, None, :2], b[None, :, :2])  # (m, n, 2)
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared: NDArray[np.float32] = np.clip(high - low, 0, None).prod(axis=2)  # (m, n)
    area_a, area_b = ((boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (a, b))
    union: NDArray[np.float32] = area_a[:, None] + area_b - shared
    return np.divide(shared, union)

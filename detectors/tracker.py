"""Which boxes of one camera are the same object over time?"""

from __future__ import annotations

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
DOUBLE = 0.4
"""Overlap with a box of a track from which another box begins none: one body is often found twice."""
NEAR = 0.05
"""Least likeness, times the score, of a sure box and its track; what is likeness, `_associate` says."""
NEAR_UNSURE = 0.3
"""Least likeness of another box and its track."""
ALONE = 0.5
"""Overlap from which a sure box and a track that nobody else wants are one, whatever the colours: light changes."""
STRICT = 6
"""Power of the likeness of colours: somebody in other clothes is somebody else, wherever they are."""
FRESH = 0.1
"""Weight of a new picture in what is remembered of a track's colours."""
COVERED = 0.3
"""Overlap with another box from which a box's colours may be the other's."""
PATIENCE = 2.5
"""Seconds after which an object that is not seen is given up."""

Rows = NDArray[np.intp]


class ClassTrackers:
    """Follows the objects of one camera, each class group by itself: no person becomes a car."""

    def __init__(self) -> None:
        self._groups: dict[str, SecondsByteTrack] = {}
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
            seen = detections.select(rows)
            own[rows] = tracker.update(seconds, seen.boxes, seen.scores, seen.colours)
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
    not the rules. Other than in the paper, an unsure box may also find a track that was lost for a while, and
    where colours are told, a box must look like its track as well as lie where it should be, unless both would be
    left over.
    """

    def __init__(self) -> None:
        self._seconds = float("-inf")
        self._motion = Motion.start(np.empty((0, 4), np.float32))
        self._numbers = np.empty(0, np.int64)
        self._last = np.empty(0)
        """(m,) seconds at which each track was seen last."""
        self._proven = np.empty(0, np.bool_)
        """(m,) whether it was seen twice."""
        self._looks = np.empty((0, 1), np.float32)
        """(m, c) colours of each, rows of length 1."""
        self._begun = 0

    def update(
        self,
        seconds: float,
        boxes: NDArray[np.float32],
        scores: NDArray[np.float32],
        colours: NDArray[np.uint8] | None = None,
    ) -> NDArray[np.int64]:
        """Take the next frame's (n, 4) corners, (n,) scores and (n, c) colours.

        Args:
            seconds: the frame's time; never less than the last one's.
            boxes: corners.
            scores: of the detector.
            colours: as `detectors.colours` counts them, in all frames or in none.

        Returns:
            (n,) number of each, from 1, or -1.
        """
        looks = np.ones((len(boxes), 1), np.float32) if colours is None else _unit(colours.astype(np.float32))
        self._advance(seconds)
        tracks, found = self._associate(boxes, scores, looks)
        numbers = np.full(len(boxes), NO_TRACK, np.int64)
        numbers[found] = self._numbers[tracks]
        self._remember(tracks, found, boxes, looks)
        self._see(tracks, boxes[found])
        new = self._new(boxes, scores, found)
        numbers[new] = self._begin(boxes[new], looks[new])
        return numbers

    def _advance(self, seconds: float) -> None:
        if seconds < self._seconds:
            raise ValueError(f"frames must come in order of time: {seconds=} after {self._seconds}")
        self._keep(seconds - self._last <= PATIENCE)
        if len(self._numbers):
            self._motion = self._motion.after(seconds - self._seconds)
        self._seconds = seconds

    def _associate(
        self, boxes: NDArray[np.float32], scores: NDArray[np.float32], looks: NDArray[np.float32]
    ) -> tuple[Rows, Rows]:
        """Pair tracks with boxes by overlap times likeness of colours: (p,) rows of tracks and (p,) of boxes."""
        if not len(self._numbers) or not len(boxes):
            return np.empty(0, np.intp), np.empty(0, np.intp)
        overlap = iou(self._motion.boxes, boxes)  # (m, n)
        likeness = overlap * (self._looks @ looks.T) ** STRICT
        sure, unsure = np.flatnonzero(scores >= SURE), np.flatnonzero(scores < SURE)
        left = np.arange(len(likeness))
        rounds = ((likeness * scores, sure, NEAR), (likeness, unsure, NEAR_UNSURE), (overlap, sure, ALONE))
        pairs = np.empty((0, 2), np.intp)
        for similarity, wanted, least in rounds:
            free = np.setdiff1d(wanted, pairs[:, 1])
            rows, columns = assign(similarity[np.ix_(left, free)], least)
            pairs = np.concatenate([pairs, np.stack([left[rows], free[columns]], axis=1)])
            left = np.delete(left, rows)
        return pairs[:, 0], pairs[:, 1]

    def _remember(
        self, tracks: Rows, found: Rows, boxes: NDArray[np.float32], looks: NDArray[np.float32]
    ) -> None:
        """Add what is seen of the tracks' colours where nobody else's can be among them."""
        if not len(found):
            return
        shared = iou(boxes[found], boxes)
        shared[np.arange(len(found)), found] = 0
        free = shared.max(axis=1) < COVERED
        tracks, found = tracks[free], found[free]
        self._looks[tracks] = _unit((1 - FRESH) * self._looks[tracks] + FRESH * looks[found])

    def _see(self, tracks: Rows, boxes: NDArray[np.float32]) -> None:
        """Correct the tracks that were seen; forget those that were seen once and now not again."""
        self._motion = self._motion.seen(tracks, boxes)
        self._last[tracks] = self._seconds
        self._proven[tracks] = True
        self._keep(self._proven)

    @staticmethod
    def _new(boxes: NDArray[np.float32], scores: NDArray[np.float32], found: Rows) -> Rows:
        """Choose the boxes that begin a track, the surest first: none that lies on another one's box."""
        taken = np.zeros(len(boxes), np.bool_)
        taken[found] = True
        for row in np.argsort(-scores, kind="stable"):
            if not taken[row] and scores[row] >= NEW:
                taken[row] = not (iou(boxes[[row]], boxes[taken]) >= DOUBLE).any()
        taken[found] = False
        return np.flatnonzero(taken)

    def _begin(self, boxes: NDArray[np.float32], looks: NDArray[np.float32]) -> NDArray[np.int64]:
        numbers = self._begun + 1 + np.arange(len(boxes))
        self._begun += len(boxes)
        self._motion = self._motion.join(Motion.start(boxes))
        self._looks = np.concatenate([self._looks, looks]) if len(self._looks) else looks
        self._numbers = np.concatenate([self._numbers, numbers])
        self._last = np.concatenate([self._last, np.full(len(boxes), self._seconds)])
        self._proven = np.concatenate([self._proven, np.zeros(len(boxes), np.bool_)])
        return numbers

    def _keep(self, keep: NDArray[np.bool_]) -> None:
        self._motion = self._motion.select(keep)
        self._numbers, self._last, self._proven = self._numbers[keep], self._last[keep], self._proven[keep]
        self._looks = self._looks[keep]


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give (n, c) rows that are not all zeros length 1."""
    length: NDArray[np.float32] = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / length


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

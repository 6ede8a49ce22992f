"""Trackers that link the boxes of one camera from frame to frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from detectors.boxes import Detections, iou_matrix
from detectors.class_names import class_group
from detectors.motion import Motion

NO_TRACK = -1
HIGH_SCORE = 0.25
"""Smallest score of a box that is matched in the first round."""
NEW_TRACK_SCORE = 0.4
"""Smallest score of a box that starts a track."""
DUPLICATE_IOU = 0.4
"""IoU with a tracked box from which a box starts no track: detectors often find one body twice."""
HIGH_SCORE_SIMILARITY = 0.05
"""Smallest similarity times score of a high-score box and its track; see `SecondsByteTrack`."""
LOW_SCORE_SIMILARITY = 0.3
"""Smallest similarity of a low-score box and its track."""
UNMATCHED_IOU = 0.5
"""Smallest IoU of an unmatched high-score box and an unmatched track; colours are ignored, since light changes."""
COLOUR_POWER = 6
"""Power of the colour similarity: people in different clothes are not matched, however near they are."""
COLOUR_UPDATE = 0.1
"""Weight of a new box in the remembered colours of its track."""
OCCLUDED_IOU = 0.3
"""IoU with another box from which the colours of a box may be those of the other."""
PATIENCE = 2.5
"""Seconds without a box after which a track ends."""

Rows = NDArray[np.intp]


class ClassTrackers:
    """A tracker of one camera that tracks each class group separately: a person never becomes a car."""

    def __init__(self) -> None:
        self._trackers: dict[str, SecondsByteTrack] = {}
        self._numbers: dict[tuple[str, int], int] = {}

    def update(self, seconds: float, detections: Detections) -> NDArray[np.int64]:
        """Return the track number of each box in the next frame.

        Args:
            seconds: the frame's time, not less than that of the frame before.
            detections: the frame's boxes; if they come with tracks, these are returned unchanged.

        Returns:
            (n,) track numbers, from 1 by first appearance in this camera; -1 for no track.
        """
        if detections.tracks is not None:
            return detections.tracks
        in_group = np.full(len(detections), NO_TRACK, np.int64)
        groups = np.array([class_group(name) for name in detections.classes], np.str_)
        for group in sorted({*self._trackers, *groups.tolist()}):
            rows = np.flatnonzero(groups == group)
            tracker = self._trackers.setdefault(group, SecondsByteTrack())
            members = detections.select(rows)
            in_group[rows] = tracker.update(seconds, members.boxes, members.scores, members.colours)
        tracks = np.full(len(detections), NO_TRACK, np.int64)
        for row in np.flatnonzero(in_group != NO_TRACK):
            key = str(groups[row]), int(in_group[row])
            tracks[row] = self._numbers.setdefault(key, len(self._numbers) + 1)
        return tracks


class SecondsByteTrack:
    """ByteTrack (Zhang et al. 2022) with times in seconds instead of frames.

    High-score boxes are matched first, then low-score boxes, which often are partly hidden objects. Motion and
    patience are in seconds, so strides, variable frame rates and gaps are handled by the same rules.

    It differs from the paper in three ways. A low-score box may also match a track that was lost for a while.
    If colours are given, the similarity of a box and a track is their IoU times a power of their colour similarity.
    A third round matches the remaining high-score boxes and tracks by IoU alone.
    """

    def __init__(self) -> None:
        self._seconds = float("-inf")
        self._motion = Motion.start(np.empty((0, 4), np.float32))
        self._numbers = np.empty(0, np.int64)
        self._last_seen = np.empty(0)
        """(m,) seconds of each track's last box."""
        self._confirmed = np.empty(0, np.bool_)
        """(m,) whether the track has two boxes or more."""
        self._colours = np.empty((0, 1), np.float32)
        """(m, c) colours of each track, rows of length 1."""
        self._started = 0
        """Number of tracks started so far."""

    def update(
        self,
        seconds: float,
        boxes: NDArray[np.float32],
        scores: NDArray[np.float32],
        colours: NDArray[np.uint8] | None = None,
    ) -> NDArray[np.int64]:
        """Return the track number of each box in the next frame.

        Args:
            seconds: the frame's time, not less than that of the frame before.
            boxes: (n, 4) corners.
            scores: (n,) detector confidence.
            colours: (n, c) from `detectors.colours`, in all frames or in none.

        Returns:
            (n,) track numbers, from 1; -1 for no track.
        """
        counts = np.ones((len(boxes), 1), np.float32) if colours is None else colours.astype(np.float32)
        unit_colours = _unit_rows(counts)
        self._advance(seconds)
        tracks, rows = self._match(boxes, scores, unit_colours)
        numbers = np.full(len(boxes), NO_TRACK, np.int64)
        numbers[rows] = self._numbers[tracks]
        self._update_colours(tracks, rows, boxes, unit_colours)
        self._motion = self._motion.update(tracks, boxes[rows])
        self._last_seen[tracks] = self._seconds
        self._confirmed[tracks] = True
        self._keep(self._confirmed)  # drops the tracks that have one box and no match now
        new = _rows_of_new_tracks(boxes, scores, rows)
        numbers[new] = self._start_tracks(boxes[new], unit_colours[new])
        return numbers

    def _advance(self, seconds: float) -> None:
        """End the tracks that were lost too long ago and predict the others."""
        if seconds < self._seconds:
            raise ValueError(f"frames must come in order of time: {seconds=} after {self._seconds}")
        self._keep(seconds - self._last_seen <= PATIENCE)
        if len(self._numbers):
            self._motion = self._motion.predict(seconds - self._seconds)
        self._seconds = seconds

    def _match(
        self, boxes: NDArray[np.float32], scores: NDArray[np.float32], colours: NDArray[np.float32]
    ) -> tuple[Rows, Rows]:
        """Return the matched (p,) rows of tracks and (p,) rows of boxes."""
        if not len(self._numbers) or not len(boxes):
            return np.empty(0, np.intp), np.empty(0, np.intp)
        iou = iou_matrix(self._motion.boxes, boxes)  # (m, n)
        similarity = iou * (self._colours @ colours.T) ** COLOUR_POWER
        high, low = np.flatnonzero(scores >= HIGH_SCORE), np.flatnonzero(scores < HIGH_SCORE)
        rounds = (
            (similarity * scores, high, HIGH_SCORE_SIMILARITY),
            (similarity, low, LOW_SCORE_SIMILARITY),
            (iou, high, UNMATCHED_IOU),
        )
        free_tracks = np.arange(len(similarity))
        pairs = np.empty((0, 2), np.intp)
        for values, candidates, threshold in rounds:
            free_boxes = np.setdiff1d(candidates, pairs[:, 1])
            tracks, columns = associate(values[np.ix_(free_tracks, free_boxes)], threshold)
            pairs = np.concatenate([pairs, np.stack([free_tracks[tracks], free_boxes[columns]], axis=1)])
            free_tracks = np.delete(free_tracks, tracks)
        return pairs[:, 0], pairs[:, 1]

    def _update_colours(
        self, tracks: Rows, rows: Rows, boxes: NDArray[np.float32], colours: NDArray[np.float32]
    ) -> None:
        """Update the colours of tracks whose boxes are not occluded."""
        if not len(rows):
            return
        iou = iou_matrix(boxes[rows], boxes)
        iou[np.arange(len(rows)), rows] = 0
        clear = iou.max(axis=1) < OCCLUDED_IOU
        tracks, rows = tracks[clear], rows[clear]
        mean = (1 - COLOUR_UPDATE) * self._colours[tracks] + COLOUR_UPDATE * colours[rows]
        self._colours[tracks] = _unit_rows(mean)

    def _start_tracks(self, boxes: NDArray[np.float32], colours: NDArray[np.float32]) -> NDArray[np.int64]:
        """Start a track for each box and return the (k,) new numbers."""
        numbers = self._started + 1 + np.arange(len(boxes))
        self._started += len(boxes)
        self._motion = self._motion.join(Motion.start(boxes))
        self._colours = np.concatenate([self._colours, colours]) if len(self._colours) else colours
        self._numbers = np.concatenate([self._numbers, numbers])
        self._last_seen = np.concatenate([self._last_seen, np.full(len(boxes), self._seconds)])
        self._confirmed = np.concatenate([self._confirmed, np.zeros(len(boxes), np.bool_)])
        return numbers

    def _keep(self, keep: NDArray[np.bool_]) -> None:
        """Drop the tracks outside the (m,) mask."""
        self._motion = self._motion.select(keep)
        self._numbers, self._colours = self._numbers[keep], self._colours[keep]
        self._last_seen, self._confirmed = self._last_seen[keep], self._confirmed[keep]


def associate(similarity: NDArray[np.floating], threshold: float) -> tuple[Rows, Rows]:
    """Pair rows with columns so that the sum of the (m, n) `similarity - threshold` over the pairs is largest.

    Returns the (p,) rows, increasing, and (p,) columns of the pairs; each has a similarity above the threshold.

    >>> rows, columns = associate(np.array([[0.9, 0.8], [0.8, 0.1]]), 0.3)
    >>> rows.tolist(), columns.tolist()
    ([0, 1], [1, 0])
    """
    gain = np.maximum(similarity.astype(np.float64) - threshold, 0)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    above = gain[rows, columns] > 0
    return rows[above], columns[above]


def _rows_of_new_tracks(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], matched: Rows
) -> NDArray[np.intp]:
    """Return the rows of boxes that start a track, none on a tracked box; high scores choose first."""
    tracked = np.zeros(len(boxes), np.bool_)
    tracked[matched] = True
    for row in np.argsort(-scores, kind="stable"):
        if not tracked[row] and scores[row] >= NEW_TRACK_SCORE:
            tracked[row] = not (iou_matrix(boxes[[row]], boxes[tracked]) >= DUPLICATE_IOU).any()
    tracked[matched] = False
    return np.flatnonzero(tracked)


def _unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale (n, c) rows, none all zeros, to length 1."""
    length: NDArray[np.float32] = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / length

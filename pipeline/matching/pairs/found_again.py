"""What being found again on the spot, and soon, says of two tracklets of one camera."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.config import MatchingConfig
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.pairs.rules import ROWS, Places, gaps, steps

EDGE = 0.01
"""Share of the picture's width and height within which a box touches its edge."""


class Nearness:
    """Where a tracker loses somebody behind somebody else it soon finds them near by; who comes back later does not.

    Found at once, two tracklets of one camera need no higher a score than two of different cameras: the term is the
    distance between the two thresholds, and falls off with the gap. A box height of distance is free, and another for
    each second. Who left the picture over one edge and came in over another was not lost but went, so there the term is
    0, as it is between cameras and where a threshold of 1 is to join nobody. It is worked out where it is asked for: of
    ten thousand tracklets few are near.
    """

    def __init__(self, gallery: Gallery, config: MatchingConfig) -> None:
        self._gallery, self._seconds = gallery, config.nearness_seconds
        room = max(config.stitch_threshold - config.threshold, 0.0)
        self._most = room if config.stitch_threshold < 1 else 0.0
        self._cameras = np.unique(gallery.cameras, return_inverse=True)[1]
        self._entries, self._exits = (
            _touched(boxes, gallery.pictures) for boxes in (gallery.first_boxes, gallery.last_boxes)
        )

    def terms(self, rows: Places, columns: Places) -> NDArray[np.float32]:
        """Tell what is added to the score of each of q rows with each of g columns; (q, g)."""
        same = self._cameras[rows][:, None] == self._cameras[columns]
        if not same.any():
            return np.zeros(same.shape, np.float32)
        gap = gaps(self._gallery, rows, columns)
        near = (
            same & (gap > 0) & (steps(self._gallery, rows, columns) <= 1 + gap) & ~self._gone(rows, columns)
        )
        fallen = np.exp(-np.maximum(gap, 0) / self._seconds)
        return np.where(near, self._most * fallen, 0).astype(np.float32).round(6)

    def added(self, scores: NDArray[np.float32], rows: Places, columns: Places) -> NDArray[np.float32]:
        """Add the terms to the (q, g) scores of some pairs."""
        return scores + self.terms(rows, columns)

    def add_to(self, scores: NDArray[np.float32]) -> None:
        """Add the terms to the (n, n) scores of all pairs, in place."""
        edges = np.searchsorted(self._cameras, np.arange(self._cameras.max(initial=-1) + 2))
        for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            for row in range(low, high, ROWS):
                rows, columns = slice(row, min(row + ROWS, high)), slice(low, high)
                scores[rows, columns] = self.added(scores[rows, columns], rows, columns)

    def _gone(self, rows: Places, columns: Places) -> NDArray[np.bool_]:
        """Tell who left the picture over one edge before the other came in over another; (q, g)."""
        a_first = self._gallery.starts[rows][:, None] <= self._gallery.starts[columns]
        there = _apart(self._exits[rows], self._entries[columns])
        back = _apart(self._exits[columns], self._entries[rows]).T
        return np.where(a_first, there, back)


def _touched(boxes: NDArray[np.float32], pictures: NDArray[np.float32] | None) -> NDArray[np.bool_]:
    """Tell which edges, left, top, right and bottom, (n, 4) boxes touch; (n, 4)."""
    if pictures is None:
        return np.zeros(boxes.shape, np.bool_)
    touched: NDArray[np.bool_] = np.hstack(
        [boxes[:, :2] <= EDGE * pictures, boxes[:, 2:] >= (1 - EDGE) * pictures]
    )
    return touched


def _apart(exits: NDArray[np.bool_], entries: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which of (q, 4) edges touched and (g, 4) edges touched are some, but none in common; (q, g)."""
    some = np.logical_and.outer(exits.any(axis=1), entries.any(axis=1))
    common = exits @ entries.T
    apart: NDArray[np.bool_] = some & ~common
    return apart

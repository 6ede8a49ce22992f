"""Nearness: what place and time add to the score of two tracklets of one camera."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.config import MatchingConfig
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.pairs.rules import ROWS, Places, gaps, steps

EDGE = 0.01
"""Share of the frame's width and height within which a box touches an edge of the frame."""


class Nearness:
    """Term added to the score of two tracklets of one camera that follow each other soon and near by.

    After an occlusion, a tracker usually finds the object again soon and near by. An object that comes back later
    appears anywhere. The term therefore begins at `stitch_threshold` - `threshold` and decays exponentially with the
    time gap. It is 0

    - beyond a distance of one box height, plus one height for each second of the gap;
    - if the object left the frame over one edge and came in over another, because it was not occluded;
    - between cameras;
    - if `stitch_threshold` is 1, which turns stitching off.

    Terms are computed on demand: of ten thousand tracklets few are near each other.
    """

    def __init__(self, gallery: Gallery, config: MatchingConfig) -> None:
        self._gallery, self._seconds = gallery, config.nearness_seconds
        strict = config.stitch_threshold.value
        self._maximum = max(strict - config.threshold.value, 0.0) if strict < 1 else 0.0
        self._cameras = np.unique(gallery.cameras, return_inverse=True)[1]
        self._entries = _touched_edges(gallery.first_boxes, gallery.frame_sizes)
        self._exits = _touched_edges(gallery.last_boxes, gallery.frame_sizes)

    def terms(self, rows: Places, columns: Places) -> NDArray[np.float32]:
        """Return the term of each of q rows with each of g columns; (q, g)."""
        same = self._cameras[rows][:, None] == self._cameras[columns]
        if not same.any():
            return np.zeros(same.shape, np.float32)
        gap = gaps(self._gallery, rows, columns)
        close = (gap > 0) & (steps(self._gallery, rows, columns) <= 1 + gap)
        near = same & close & ~self._left_elsewhere(rows, columns)
        decay = np.exp(-np.maximum(gap, 0) / self._seconds)
        return np.where(near, self._maximum * decay, 0).astype(np.float32).round(6)

    def added(self, scores: NDArray[np.float32], rows: Places, columns: Places) -> NDArray[np.float32]:
        """Return the (q, g) scores of some pairs with their terms added."""
        return scores + self.terms(rows, columns)

    def add_to(self, scores: NDArray[np.float32]) -> None:
        """Add the terms to the (n, n) scores of all pairs, in place."""
        edges = np.searchsorted(self._cameras, np.arange(self._cameras.max(initial=-1) + 2))
        for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            for row in range(low, high, ROWS):
                rows, columns = slice(row, min(row + ROWS, high)), slice(low, high)
                scores[rows, columns] = self.added(scores[rows, columns], rows, columns)

    def _left_elsewhere(self, rows: Places, columns: Places) -> NDArray[np.bool_]:
        """Return whether the earlier tracklet left and the later one entered across different edges; (q, g)."""
        a_first = self._gallery.starts[rows][:, None] <= self._gallery.starts[columns]
        a_to_b = _different_edges(self._exits[rows], self._entries[columns])
        b_to_a = _different_edges(self._exits[columns], self._entries[rows]).T
        return np.where(a_first, a_to_b, b_to_a)


def _touched_edges(boxes: NDArray[np.float32], frame_sizes: NDArray[np.float32] | None) -> NDArray[np.bool_]:
    """Return which edges (left, top, right, bottom) each of (n, 4) boxes touches; (n, 4)."""
    if frame_sizes is None:
        return np.zeros(boxes.shape, np.bool_)
    touched: NDArray[np.bool_] = np.hstack(
        [boxes[:, :2] <= EDGE * frame_sizes, boxes[:, 2:] >= (1 - EDGE) * frame_sizes]
    )
    return touched


def _different_edges(exits: NDArray[np.bool_], entries: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return pairs of (q, 4) exits and (g, 4) entries that both touch edges, but none in common; (q, g)."""
    both = np.logical_and.outer(exits.any(axis=1), entries.any(axis=1))
    common = exits @ entries.T
    different: NDArray[np.bool_] = both & ~common
    return different

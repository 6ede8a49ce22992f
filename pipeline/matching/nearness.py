"""What being found again on the spot, and soon, says of two tracklets of one camera."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.admissible import ROWS, Places, gaps, steps
from pipeline.matching.config import MatchingConfig
from pipeline.matching.gallery import Gallery


class Nearness:
    """Where a tracker loses somebody behind somebody else it soon finds them near by; who comes back later does not.

    The term is `nearness` for a gap of nothing and falls off with the gap; a box height of distance is free, and
    another for each second. Between cameras it says nothing, and within one neither where a threshold of 1 is to join
    nobody. It is worked out where it is asked for: of ten thousand
    tracklets few are near.
    """

    def __init__(self, gallery: Gallery, config: MatchingConfig) -> None:
        self._gallery, self._seconds = gallery, config.nearness_seconds
        self._most = config.nearness if config.stitch_threshold < 1 else 0.0
        self._cameras = np.unique(gallery.cameras, return_inverse=True)[1]

    def terms(self, rows: Places, columns: Places) -> NDArray[np.float32]:
        """Tell what is added to the score of each of q rows with each of g columns; (q, g)."""
        same = self._cameras[rows][:, None] == self._cameras[columns]
        if not same.any():
            return np.zeros(same.shape, np.float32)
        gap = gaps(self._gallery, rows, columns)
        near = same & (gap > 0) & (steps(self._gallery, rows, columns) <= 1 + gap)
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

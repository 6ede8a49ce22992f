"""What speaks for and against each pair of tracklets being one object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.admissible import Rule

Indices = Sequence[int] | NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Evidence:
    """The terms of the score of all pairs of `n` tracklets; a score is their sum."""

    appearance: NDArray[np.float32]
    """(n, n) symmetric cosines."""
    time: NDArray[np.float32] | None = None
    """(n, n) symmetric, what the time between the two adds, 0 where it says nothing; None: no statistics."""

    def score(self, a: int, b: int) -> float:
        """Sum up what is known of one pair."""
        return float(self.scores([a], [b])[0, 0])

    def scores(self, rows: Indices, columns: Indices) -> NDArray[np.float32]:
        """Sum up what is known of each of q rows with each of g columns; a new (q, g) array."""
        block = np.ix_(np.asarray(rows), np.asarray(columns))
        scores: NDArray[np.float32] = self.appearance[block]
        return scores if self.time is None else scores + self.time[block]

    def admissible(self, rules: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Sum up all pairs; (n, n), -inf where one of the (n, n) `Rule` values forbids a pair."""
        scores = self.appearance.copy() if self.time is None else self.appearance + self.time
        scores[rules != Rule.ADMISSIBLE] = -np.inf
        return scores

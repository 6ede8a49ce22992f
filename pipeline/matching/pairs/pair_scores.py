"""Scores of pairs of tracklets: appearance plus what place and time add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.pairs.nearness import Nearness
from pipeline.matching.pairs.rules import Rule


@dataclass(frozen=True, eq=False)
class PairScores:
    """The terms of the scores of all pairs of `n` tracklets; a score is their sum."""

    appearance: NDArray[np.float32]
    """(n, n) symmetric cosines."""
    time: NDArray[np.float32] | None = None
    """(n, n) symmetric, what the time between two tracklets adds; None: no travel times."""
    near: Nearness | None = None
    """What being found again near by adds within a camera."""

    def place_and_time(self, a: int, b: int) -> float:
        """Return what place and time add to the appearance of a pair."""
        return self.score(a, b) - float(self.appearance[a, b])

    def score(self, a: int, b: int) -> float:
        """Return the score of a pair."""
        return float(self.scores([a], [b])[0, 0])

    def scores(
        self, rows: Sequence[int] | NDArray[np.intp], columns: Sequence[int] | NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """Return the scores of each of q rows with each of g columns; a new (q, g) array."""
        block = np.ix_(np.asarray(rows, np.intp), np.asarray(columns, np.intp))
        scores: NDArray[np.float32] = self.appearance[block]
        if self.time is not None:
            scores += self.time[block]
        if self.near is not None:
            scores = self.near.added(scores, block[0][:, 0], block[1][0])
        return scores

    def admissible(self, rules: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the scores of all pairs; (n, n), -inf where one of the (n, n) `Rule` values forbids a pair."""
        scores = self.appearance.copy() if self.time is None else self.appearance + self.time
        if self.near is not None:
            self.near.add_to(scores)
        scores[rules != Rule.ALLOWED] = -np.inf
        return scores

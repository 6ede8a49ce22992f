"""What chance alone would link: false links to be expected, and true ones that a threshold misses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.pairs.rules import Rule

RATES = (0.1, 0.05, 0.03, 0.02, 0.01, 0.005, 0.002, 0.001)
"""Rates of false matches at which links are counted, to see how many there are at most."""
STEPS = 64
"""Stretches into which scores over a threshold are divided."""
CROWDED = 0.6
"""Mean probability of a candidate by chance, beyond which what is no chance can no longer be told."""


@dataclass(frozen=True, eq=False)
class Side:
    """What `n` tracklets of one camera find in another one; arrays share their first axis."""

    best: NDArray[np.float32]
    """(n,) score of the best candidate; -inf without any."""
    candidates: NDArray[np.intp]
    """(n,) how many there are."""

    def chance(self, rate: float) -> NDArray[np.float64]:
        """Tell how probably a candidate reaches by chance what this share of pairs reaches; (n,)."""
        return np.asarray(1 - (1 - rate) ** self.candidates)

    def clear(self, near: NDArray[np.float64], alone: float) -> NDArray[np.float64]:
        """Tell how probably none but one candidate of a tracklet comes near, mean over candidates.

        Args:
            near: (steps,) probability of one that it does.
            alone: share of candidates that count, having no partner of their own.
        """
        others = np.maximum(self.candidates - 1, 0) * alone
        weights = self.candidates / max(int(self.candidates.sum()), 1)
        return np.asarray((weights * (1 - near[:, None]) ** others).sum(axis=1))

    def alone(self, threshold: float, rate: float, *, more: int = 0) -> float:
        """Estimate the share that has no partner of its own over the threshold.

        Chance would leave a known share of those without a candidate, and it left so many (Storey, 2002).

        Args:
            threshold: of a link.
            rate: share of pairs of two objects that reach it.
            more: added to those left, to stay on the strict side.
        """
        left = int((self.best < threshold).sum()) + more
        return float(min(1.0, left / max((1 - self.chance(rate)).sum(), 1e-9)))


def sides(
    scores: NDArray[np.float32], rules: NDArray[np.uint8], cameras: NDArray[np.str_]
) -> list[tuple[Side, Side]]:
    """See what each pair of cameras finds in each other; one entry a pair of cameras.

    Args:
        scores: (n, n) scores of all pairs.
        rules: (n, n) `Rule` values.
        cameras: (n,) camera names.
    """
    found = []
    for one, other in combinations(np.unique(cameras), 2):
        block = np.ix_(np.flatnonzero(cameras == one), np.flatnonzero(cameras == other))
        free = rules[block] == Rule.ADMISSIBLE
        kept = np.where(free, scores[block], np.float32(-np.inf))
        found.append((Side(kept.max(axis=1), free.sum(axis=1)), Side(kept.max(axis=0), free.sum(axis=0))))
    return found


def expected_false(
    views: Sequence[tuple[Side, Side]], *, threshold: float, rate: Callable[[float], float], margin: float
) -> float:
    """Expect so many false links between cameras.

    Two that have no partner of their own are linked if their score s reaches the threshold and no other such
    candidate of either reaches s - margin. So over all pairs of such tracklets the probability of s is summed, times
    that of none of their candidates coming near.

    Args:
        views: of each pair of cameras.
        threshold: of a link.
        rate: tells which share of pairs of two objects reaches a score.
        margin: by which a link must lead.

    >>> nobody = Side(np.array([0.5], np.float32), np.array([1]))
    >>> round(expected_false([(nobody, nobody)], threshold=0.6, rate=lambda score: 1 - score, margin=0.1), 6)
    0.4
    """
    edges = np.linspace(threshold, 1, STEPS + 1)
    within = -np.diff([rate(edge) for edge in edges.tolist()])  # (steps,) share of pairs
    near = np.array([rate(float(middle) - margin) for middle in (edges[1:] + edges[:-1]) / 2])
    total = 0.0
    for one, other in views:
        alone_a, alone_b = (side.alone(threshold, rate(threshold), more=1) for side in (one, other))
        clear = one.clear(near, alone_b) * other.clear(near, alone_a)  # (steps,)
        total += float((within * clear).sum() * one.candidates.sum()) * alone_a * alone_b
    return total


def expected_missed(
    views: Sequence[tuple[Side, Side]],
    *,
    threshold: float,
    rate: Callable[[float], float],
    at: Callable[[float], float],
) -> float | None:
    """Expect this share of those with a partner in another camera not to reach it.

    The more a threshold gives way, the more tracklets have a candidate beyond what chance gives them: the most
    there ever are have a partner.

    Args:
        views: of each pair of cameras.
        threshold: of a link.
        rate: tells which share of pairs of two objects reaches a threshold.
        at: tells the threshold that such a share reaches.

    Returns:
        The share; None where nobody seems to have a partner.
    """
    if not views:
        return None
    cuts = [threshold, *(cut for cut in map(at, RATES) if cut < threshold)]
    crowded = [np.concatenate([s.chance(rate(cut)) for pair in views for s in pair]).mean() for cut in cuts]
    usable = [cut for cut, share in zip(cuts, crowded, strict=True) if share <= CROWDED]
    if threshold not in usable:
        return None
    partnered = [_partnered(views, cut, rate(cut)) for cut in usable]
    return 1 - partnered[0] / max(partnered) if max(partnered) > 0 else None


def _partnered(views: Sequence[tuple[Side, Side]], threshold: float, rate: float) -> float:
    """Estimate how many tracklets have a partner of their own over the threshold."""
    return sum(len(side.best) * (1 - side.alone(threshold, rate)) for pair in views for side in pair)

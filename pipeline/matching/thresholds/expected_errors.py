"""Expected errors: false links that chance alone makes, and true links that a threshold misses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.pairs.rules import Rule

RATES = (0.1, 0.05, 0.03, 0.02, 0.01, 0.005, 0.002, 0.001)
"""False match rates at which partners are counted; the largest count estimates how many there are."""
STEPS = 64
"""Number of steps that the scores above a threshold are divided into."""
CROWDED = 0.6
"""Mean probability that a tracklet has a candidate by chance, above which true partners cannot be told from chance."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Candidates that `n` tracklets of one camera have in another camera; arrays share their first axis."""

    best: NDArray[np.float32]
    """(n,) score of the best candidate; -inf without any."""
    counts: NDArray[np.intp]
    """(n,) number of candidates."""

    def chance(self, rate: float) -> NDArray[np.float64]:
        """Return the probability that some candidate reaches by chance a score that this share of pairs reaches; (n,)."""
        return np.asarray(1 - (1 - rate) ** self.counts)

    def no_rival(self, reaches: NDArray[np.float64], counted: float) -> NDArray[np.float64]:
        """Return the probability that no second candidate of a tracklet is a rival, averaged over candidates.

        Args:
            reaches: (steps,) probability that one candidate scores high enough to be a rival.
            counted: share of the candidates that count, because they have no partner.

        Returns:
            (steps,) probabilities.
        """
        others = np.maximum(self.counts - 1, 0) * counted
        weights = self.counts / max(int(self.counts.sum()), 1)
        return np.asarray((weights * (1 - reaches[:, None]) ** others).sum(axis=1))

    def share_without_partner(self, threshold: float, rate: float, *, added: int = 0) -> float:
        """Estimate the share of tracklets that have no true partner above the threshold.

        Chance alone leaves a known share of these without any candidate above the threshold, so the number of
        tracklets without a candidate tells their number (Storey, 2002).

        Args:
            threshold: smallest score of a link.
            rate: share of pairs of different objects that reach the threshold.
            added: number added to the tracklets without a candidate, for an estimate on the high side.
        """
        without_candidate = int((self.best < threshold).sum()) + added
        return float(min(1.0, without_candidate / max((1 - self.chance(rate)).sum(), 1e-9)))


def candidates_by_camera_pair(
    scores: NDArray[np.float32], rules: NDArray[np.uint8], cameras: NDArray[np.str_]
) -> list[tuple[Candidates, Candidates]]:
    """Return the candidates that each pair of cameras has in each other, an entry for each pair of cameras.

    Args:
        scores: (n, n) scores of all pairs.
        rules: (n, n) `Rule` values.
        cameras: (n,) camera names.
    """
    pairs = []
    for a, b in combinations(np.unique(cameras), 2):
        block = np.ix_(np.flatnonzero(cameras == a), np.flatnonzero(cameras == b))
        admissible = rules[block] == Rule.ALLOWED
        kept = np.where(admissible, scores[block], np.float32(-np.inf))
        pairs.append(
            (
                Candidates(kept.max(axis=1), admissible.sum(axis=1)),
                Candidates(kept.max(axis=0), admissible.sum(axis=0)),
            )
        )
    return pairs


def expected_false(
    camera_pairs: Sequence[tuple[Candidates, Candidates]],
    *,
    threshold: float,
    rate: Callable[[float], float],
    margin: float,
) -> float:
    """Return the expected number of false links between cameras.

    Two tracklets without a true partner are linked if their score s reaches the threshold and none of their other
    candidates, the rivals, reaches s - margin. The sum runs over all pairs of such tracklets: the probability of s,
    times the probability that there is no rival.

    Args:
        camera_pairs: of each pair of cameras, the candidates in either direction.
        threshold: smallest score of a link.
        rate: returns the share of pairs of different objects that reach a score.
        margin: smallest difference of a link to the best alternative.

    >>> unlinked = Candidates(np.array([0.5], np.float32), np.array([1]))
    >>> round(expected_false([(unlinked, unlinked)], threshold=0.6, rate=lambda score: 1 - score, margin=0.1), 6)
    0.4
    """
    edges = np.linspace(threshold, 1, STEPS + 1)
    shares = -np.diff([rate(edge) for edge in edges.tolist()])  # (steps,) of pairs of different objects
    reaches = np.array([rate(float(middle) - margin) for middle in (edges[1:] + edges[:-1]) / 2])
    total = 0.0
    for a, b in camera_pairs:
        alone_a = a.share_without_partner(threshold, rate(threshold), added=1)
        alone_b = b.share_without_partner(threshold, rate(threshold), added=1)
        no_rival = a.no_rival(reaches, alone_b) * b.no_rival(reaches, alone_a)  # (steps,)
        total += float((shares * no_rival).sum() * a.counts.sum()) * alone_a * alone_b
    return total


def expected_missed(
    camera_pairs: Sequence[tuple[Candidates, Candidates]],
    *,
    threshold: float,
    rate: Callable[[float], float],
    at: Callable[[float], float],
) -> float | None:
    """Return the expected share of tracklets with a partner in another camera whose score with it is too low.

    The lower a threshold is, the more tracklets have a candidate beyond chance. The largest number of them at any
    threshold estimates how many have a partner.

    Args:
        camera_pairs: of each pair of cameras, the candidates in either direction.
        threshold: smallest score of a link.
        rate: returns the share of pairs of different objects that reach a threshold.
        at: returns the threshold that a share of pairs reaches.

    Returns:
        The share; None if no tracklet seems to have a partner, or if chance hides the partners.
    """
    if not camera_pairs:
        return None
    thresholds = [threshold, *(lower for lower in map(at, RATES) if lower < threshold)]
    usable = [cut for cut in thresholds if _mean_chance(camera_pairs, rate(cut)) <= CROWDED]
    if threshold not in usable:
        return None
    partnered = [_partnered(camera_pairs, cut, rate(cut)) for cut in usable]
    return 1 - partnered[0] / max(partnered) if max(partnered) > 0 else None


def _mean_chance(camera_pairs: Sequence[tuple[Candidates, Candidates]], rate: float) -> float:
    """Return the mean probability that a tracklet has a candidate by chance."""
    return float(np.concatenate([side.chance(rate) for pair in camera_pairs for side in pair]).mean())


def _partnered(camera_pairs: Sequence[tuple[Candidates, Candidates]], threshold: float, rate: float) -> float:
    """Estimate the number of tracklets that have a partner above the threshold."""
    return sum(
        len(side.best) * (1 - side.share_without_partner(threshold, rate))
        for pair in camera_pairs
        for side in pair
    )

"""Tail of the scores of different objects: how often they reach a high score, estimated from few pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32] | NDArray[np.float64]

TAIL, SHARES = 40, (0.02, 0.2)
"""Number of pairs in the tail, and its smallest and largest share of all pairs."""
CEILING = 0.999
"""Largest score that is told apart from 1, the largest cosine."""
MOST = 20_000
"""Largest number of pairs that are used; of more pairs, a sample is drawn."""
RESAMPLES = 200
INTERVAL = (0.05, 0.95)
"""Quantiles of the resamples that bound the 90% interval."""
FEWEST = 100
"""Smallest number of pairs from which a tail or the quartiles of a distribution are estimated."""


@dataclass(frozen=True, eq=False)
class Tail:
    """False match rates by threshold; arrays share their first axis, `r` resamples of the tracklets."""

    start: float
    """Score at which the tail begins."""
    scores: NDArray[np.float64]
    """(m,) scores that were used, increasing."""
    mass: NDArray[np.float64]
    """(r,) share of the pairs in the tail."""
    decay: NDArray[np.float64]
    """(r,) inverse of the power of 1 - score with which the tail falls."""

    def rates(self, threshold: float) -> NDArray[np.float64]:
        """Return the share of all pairs that reach a score, in each resample; (r,)."""
        if threshold < self.start:
            return np.minimum(self.mass * self._share(threshold) / self._share(self.start), 1.0)
        left = max(1 - threshold, 0.0) / (1 - self.start)
        return np.asarray(self.mass * left ** (1 / self.decay))

    def rate(self, threshold: float) -> float:
        """Return the expected share of pairs that reach a score: the mean of the resamples, which errs to the high side."""
        return float(self.rates(threshold).mean())

    def interval(self, threshold: float) -> tuple[float, float]:
        """Return the 90% interval of the share of pairs that reach a score."""
        low, high = np.quantile(self.rates(threshold), INTERVAL).tolist()
        return low, high

    def threshold(self, rate: float) -> float:
        """Return the lowest score that at most this share of pairs is expected to reach, to 1e-4."""
        low, high = -1.0, 1.0
        while high - low > 1e-4:
            middle = (low + high) / 2
            low, high = (middle, high) if self.rate(middle) > rate else (low, middle)
        return high

    def _share(self, threshold: float) -> float:
        return 1 - float(np.searchsorted(self.scores, threshold)) / len(self.scores)


def fit_tail(scores: Scores, pairs: NDArray[np.intp]) -> Tail:
    """Fit the upper tail of the scores of different objects.

    A rate of 1 in 1,000 cannot be counted in a few hundred pairs, so the tail is extrapolated. Above the score u that
    about the upper tenth reach, the share falls as ((1 - s) / (1 - u))^(1 / k), as do cosines near 1 of directions
    spread evenly over a part of a sphere. k is the mean of ln((1 - u) / (1 - s)): the estimator of Hill (1975) for a
    tail with an end. Its uncertainty comes from resamples of tracklets, not of pairs, because pairs share tracklets:
    each tracklet gets an exponential weight (the Bayesian bootstrap of Rubin, 1981), and a pair the product of the
    weights of its two.

    Args:
        scores: (m,) cosines, m >= 1.
        pairs: (m, 2) tracklets of each pair, numbered from 0.

    >>> even = np.linspace(0, 1, 1001)[:-1]  # the share above s is 1 - s: k = 1
    >>> tail = fit_tail(even, np.arange(2000).reshape(-1, 2))
    >>> round(tail.rate(0.5), 1), round(tail.rate(0.99), 2)
    (0.5, 0.01)
    """
    random = np.random.default_rng(0)
    if len(scores) > MOST:
        drawn = random.integers(len(scores), size=MOST)
        scores, pairs = scores[drawn], pairs[drawn]
    values = np.clip(scores, -1, CEILING).astype(np.float64)
    ordered = np.sort(values)
    share = min(max(TAIL / len(values), SHARES[0]), SHARES[1])
    start = float(ordered[-max(round(share * len(values)), 1)])
    in_tail = values >= start
    depth = np.log((1 - start) / (1 - values[in_tail]))
    tracklet_weights = random.exponential(size=(RESAMPLES, int(pairs.max()) + 1))
    weights = tracklet_weights[:, pairs[:, 0]] * tracklet_weights[:, pairs[:, 1]]  # (r, m)
    tail = weights[:, in_tail]
    decay = np.maximum(
        (tail * depth).sum(axis=1) / tail.sum(axis=1), 1e-3
    )  # all scores equal: it ends at once
    return Tail(start, ordered, tail.sum(axis=1) / weights.sum(axis=1), decay)


def carried(scores: Scores, across: Scores) -> NDArray[np.float64]:
    """Convert scores of pairs of one camera to scores of pairs of different cameras.

    The light and background of one camera make all its tracklets more similar. The values -ln(1 - score) are shifted
    and scaled so that their quartiles become those of pairs across cameras, nearly all of which are different
    objects. (Those that are not raise the upper quartile, which errs to the strict side.)

    Args:
        scores: (m,) cosines within cameras.
        across: (k,) cosines across cameras; with fewer than `FEWEST` of either, the scores do not change.

    Returns:
        (m,) cosines.

    >>> within = np.linspace(0, 0.8, 101)
    >>> carried(within, 1 - 2 * (1 - within)).round(3).tolist()[::50]  # every 1 - score twice as large
    [-1.0, -0.2, 0.6]
    """
    if min(len(scores), len(across)) < FEWEST:
        return scores.astype(np.float64)
    depths = -np.log1p(-np.clip(scores, -1, CEILING).astype(np.float64))
    depths_across = -np.log1p(-np.clip(across, -1, CEILING).astype(np.float64))
    low, middle, high = np.quantile(depths, (0.25, 0.5, 0.75))
    new_low, new_middle, new_high = np.quantile(depths_across, (0.25, 0.5, 0.75))
    if min(high - low, new_high - new_low) <= 0:  # scores that do not differ have no scale
        return scores.astype(np.float64)
    moved = new_middle + (depths - middle) * (new_high - new_low) / (high - low)
    return np.asarray(-np.expm1(-moved).clip(None, 1))

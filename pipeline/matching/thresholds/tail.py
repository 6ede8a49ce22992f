"""How often two different objects reach a score, told from few such pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32] | NDArray[np.float64]

TAIL, SHARES = 40, (0.02, 0.2)
"""Pairs that make the tail, within these shares of all: the more pairs there are, the less of it is guessed."""
CEILING = 0.999
"""Largest score told from 1, beyond which no cosine lies."""
MOST = 20_000
"""Pairs looked at; more are drawn from."""
RESAMPLES = 200
INTERVAL = (0.05, 0.95)
"""Quantiles that enclose nine of ten resamples."""
FEWEST = 100
"""Pairs without which nothing is said of a tail, or of where the middle of a distribution lies."""


@dataclass(frozen=True, eq=False)
class Tail:
    """Rates of false matches by threshold; arrays share their first axis, `r` resamples of the tracklets."""

    start: float
    """Score at which the tail begins."""
    scores: NDArray[np.float64]
    """(m,) scores it was told from, increasing."""
    mass: NDArray[np.float64]
    """(r,) share of the pairs in the tail."""
    decay: NDArray[np.float64]
    """(r,) inverse of the power of 1 - score with which it falls."""

    def rates(self, threshold: float) -> NDArray[np.float64]:
        """Tell with each resample how many of all pairs reach a score; (r,) shares."""
        if threshold < self.start:
            return np.minimum(self.mass * self._share(threshold) / self._share(self.start), 1.0)
        left = max(1 - threshold, 0.0) / (1 - self.start)
        return np.asarray(self.mass * left ** (1 / self.decay))

    def rate(self, threshold: float) -> float:
        """Expect this share of pairs to reach a score: the mean, which the doubtful case raises."""
        return float(self.rates(threshold).mean())

    def interval(self, threshold: float) -> tuple[float, float]:
        """Enclose the share of pairs that reach a score, in nine of ten cases."""
        low, high = np.quantile(self.rates(threshold), INTERVAL).tolist()
        return low, high

    def threshold(self, rate: float) -> float:
        """Find the lowest score that at most this share of pairs is expected to reach, to 1e-4."""
        low, high = -1.0, 1.0
        while high - low > 1e-4:
            middle = (low + high) / 2
            low, high = (middle, high) if self.rate(middle) > rate else (low, middle)
        return high

    def _share(self, threshold: float) -> float:
        return 1 - float(np.searchsorted(self.scores, threshold)) / len(self.scores)


def fit_tail(scores: Scores, pairs: NDArray[np.intp]) -> Tail:
    """Fit the upper tail of scores of different objects.

    A rate of 1 in 1,000 cannot be counted in some hundred pairs, so the tail is continued: over the score u
    that the upper tenth or so reach, the share falls as ((1 - s) / (1 - u))^(1 / k), as cosines of directions spread
    evenly over some part of a sphere do near 1, and k is the mean of ln((1 - u) / (1 - s)), Hill's estimator
    (1975) for a tail that ends. How sure that is shows in resamples of tracklets, not of pairs, for a pair
    shares its tracklets with others: each tracklet weighs as an exponential draw (Rubin's Bayesian bootstrap,
    1981), a pair as the product of its two.

    Args:
        scores: (m,) cosines, m >= 1.
        pairs: (m, 2) tracklets of each, numbered from 0.

    >>> even = np.linspace(0, 1, 1001)[:-1]  # the share over s is 1 - s: k = 1
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
    over = values >= start
    depth = np.log((1 - start) / (1 - values[over]))
    weights = random.exponential(size=(RESAMPLES, int(pairs.max()) + 1))
    worth = weights[:, pairs[:, 0]] * weights[:, pairs[:, 1]]  # (r, m)
    tail = worth[:, over]
    decay = np.maximum((tail * depth).sum(axis=1) / tail.sum(axis=1), 1e-3)  # all equal: it ends at once
    return Tail(start, ordered, tail.sum(axis=1) / worth.sum(axis=1), decay)


def carried(scores: Scores, across: Scores) -> NDArray[np.float64]:
    """Express scores of one camera's pairs as if the two had been seen by different cameras.

    One camera's light and background make all in it more alike. Its -ln(1 - score) are moved and stretched so
    that their quartiles become those of pairs across cameras, nearly all of which are of different objects.
    (The few that are not raise the upper quartile: that errs to the strict side.)

    Args:
        scores: (m,) cosines within cameras.
        across: (k,) cosines across cameras; too few of them change nothing.

    Returns:
        (m,) cosines.

    >>> within = np.linspace(0, 0.8, 101)
    >>> carried(within, 1 - 2 * (1 - within)).round(3).tolist()[::50]  # every 1 - score twice as large
    [-1.0, -0.2, 0.6]
    """
    if min(len(scores), len(across)) < FEWEST:
        return scores.astype(np.float64)
    here, there = (-np.log1p(-np.clip(values, -1, CEILING).astype(np.float64)) for values in (scores, across))
    low, middle, high = np.quantile(here, (0.25, 0.5, 0.75))
    new_low, new_middle, new_high = np.quantile(there, (0.25, 0.5, 0.75))
    if min(high - low, new_high - new_low) <= 0:  # scores that do not differ have no scale
        return scores.astype(np.float64)
    moved = new_middle + (here - middle) * (new_high - new_low) / (high - low)
    return np.asarray(-np.expm1(-moved).clip(None, 1))

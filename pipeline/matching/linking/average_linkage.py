"""Constrained average linkage: merges clusters, starting with the pair of the highest mean score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Merge:
    """Two groups of items proposed to be one object."""

    a: tuple[int, ...]
    b: tuple[int, ...]
    score: float
    """Mean over all pairs of an item of `a` and an item of `b`."""
    threshold: float
    """Smallest score at which the groups are merged."""


def average_linkage(
    scores: NDArray[np.float32],
    sizes: NDArray[np.int64],
    *,
    threshold: float | NDArray[np.float64],
    apart: NDArray[np.bool_] | None = None,
) -> list[Merge]:
    """Merge the two clusters with the highest mean score, again and again, while it reaches `threshold`.

    A pair scored -inf is forbidden. The mean over two clusters with a forbidden pair between them is -inf, too, so
    a cluster never holds a forbidden pair. Among equal scores the cluster with the lowest item wins, so the result
    depends on the order of the items only in ties.

    The means are updated as in Lance and Williams (1967). Averaging never raises the best score of a row, so an old
    best is an upper bound, and a row is searched again only when its bound is the highest one left: about one
    pass over a row for a merge, O(m) each.

    Args:
        scores: (m, m) symmetric scores of items, -inf where forbidden; the diagonal does not count.
        sizes: (m,) tracklets in each item, the weights of the mean.
        threshold: smallest mean score of a merge: one number, or an (m, m) symmetric array with one for each pair of
            items. In an array, each pair scores as much more as its threshold is below the highest one; scores and
            thresholds of the merges are then those of that scale.
        apart: (m, m) symmetric, further forbidden pairs.

    Returns:
        The merges in order; later ones name the clusters of earlier ones by all their items.

    >>> s = np.array([[1, 0.9, 0.7], [0.9, 1, 0.6], [0.7, 0.6, 1]], np.float32)
    >>> [(m.a, m.b, round(m.score, 2)) for m in average_linkage(s, np.ones(3, np.int64), threshold=0.6)]
    [((0,), (1,), 0.9), ((0, 1), (2,), 0.65)]
    >>> s[0, 2] = s[2, 0] = -np.inf
    >>> [(m.a, m.b) for m in average_linkage(s, np.ones(3, np.int64), threshold=0.6)]
    [((0,), (1,))]
    """
    if len(scores) == 0:
        return []
    highest = float(np.max(threshold))
    means = scores + np.asarray(highest - threshold, np.float32)
    if apart is not None:
        means[apart] = -np.inf
    np.fill_diagonal(means, -np.inf)
    bounds, weights = means.max(axis=1), sizes.astype(np.float32)
    members: list[tuple[int, ...]] = [(item,) for item in range(len(scores))]
    merges = []
    while bounds[row := int(bounds.argmax())] >= highest:
        column = int(means[row].argmax())
        score = means[row, column]
        if score < bounds[row]:
            bounds[row] = score
            continue
        merges.append(Merge(members[row], members[column], float(score), highest))
        members[row] = tuple(sorted(members[row] + members[column]))
        _absorb(means, bounds, weights, row, column)
    return merges


def _absorb(
    means: NDArray[np.float32],
    bounds: NDArray[np.float32],
    weights: NDArray[np.float32],
    row: int,
    column: int,
) -> None:
    """Merge cluster `column` into cluster `row`, in place."""
    total = weights[row] + weights[column]
    merged = (weights[row] * means[row] + weights[column] * means[column]) / total
    merged[[row, column]] = -np.inf
    means[row], means[:, row] = merged, merged
    means[column], means[:, column] = -np.inf, -np.inf
    weights[row], bounds[row], bounds[column] = total, merged.max(), -np.inf

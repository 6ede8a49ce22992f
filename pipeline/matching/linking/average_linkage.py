"""Constrained average linkage: clusters grown from the best pair down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Merge:
    """Two groups of items proposed to be one."""

    a: tuple[int, ...]
    b: tuple[int, ...]
    score: float
    """Mean over all pairs across the groups."""
    threshold: float
    """What the mean had to reach."""


def average_linkage(
    scores: NDArray[np.float32],
    sizes: NDArray[np.int64],
    *,
    threshold: float,
    apart: NDArray[np.bool_] | None = None,
) -> list[Merge]:
    """Merge, again and again, the two clusters with the highest mean score, while it reaches `threshold`.

    A pair scored -inf is forbidden. It makes the mean over any two clusters that it spans -inf, too, so no
    cluster ever holds a forbidden pair, through however long a chain; there is nothing to repair. Among
    equals the cluster with the lowest item wins, so the result depends on the order of items only in ties.

    The means are updated as Lance and Williams (1967) do. Averaging never raises a row's best, so an old
    best is an upper bound, and a row is searched again only when its bound is the highest left: about one
    pass over a row for a merge, O(m) each.

    Args:
        scores: (m, m) symmetric scores of items, -inf where forbidden; the diagonal does not count.
        sizes: (m,) tracklets in each item, the weights of the mean.
        threshold: smallest mean score of a merge.
        apart: (m, m) symmetric, which pairs are forbidden besides.

    Returns:
        The merges in order; later ones refer to the clusters of earlier ones by all of their items.

    >>> s = np.array([[1, 0.9, 0.7], [0.9, 1, 0.6], [0.7, 0.6, 1]], np.float32)
    >>> [(m.a, m.b, round(m.score, 2)) for m in average_linkage(s, np.ones(3, np.int64), threshold=0.6)]
    [((0,), (1,), 0.9), ((0, 1), (2,), 0.65)]
    >>> s[0, 2] = s[2, 0] = -np.inf
    >>> [(m.a, m.b) for m in average_linkage(s, np.ones(3, np.int64), threshold=0.6)]
    [((0,), (1,))]
    """
    if len(scores) == 0:
        return []
    means = scores.copy()
    if apart is not None:
        means[apart] = -np.inf
    np.fill_diagonal(means, -np.inf)
    bounds, weights = means.max(axis=1), sizes.astype(np.float32)
    members: list[tuple[int, ...]] = [(item,) for item in range(len(scores))]
    merges = []
    while bounds[row := int(bounds.argmax())] >= threshold:
        column = int(means[row].argmax())
        score = means[row, column]
        if score < bounds[row]:
            bounds[row] = score
            continue
        merges.append(Merge(members[row], members[column], float(score), threshold))
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
    """Let cluster `row` take in cluster `column`, in place."""
    total = weights[row] + weights[column]
    merged = (weights[row] * means[row] + weights[column] * means[column]) / total
    merged[[row, column]] = -np.inf
    means[row], means[:, row] = merged, merged
    means[column], means[:, column] = -np.inf, -np.inf
    weights[row], bounds[row], bounds[column] = total, merged.max(), -np.inf

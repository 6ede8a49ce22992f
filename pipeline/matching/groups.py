"""Groups of items: numbering them by the pairs that join them, and averaging scores over them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

ROWS = 256
"""Groups averaged at a time, which bounds the memory."""


def partition(count: int, pairs: Iterable[tuple[int, int]]) -> NDArray[np.intp]:
    """Return the group of each of `count` items, where pairs join items; (count,) numbered by their lowest item.

    >>> partition(4, [(2, 0)]).tolist()
    [0, 1, 0, 2]
    """
    parent = list(range(count))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for pair in pairs:
        low, high = sorted(map(root, pair))
        parent[high] = low
    return np.unique([root(item) for item in range(count)], return_inverse=True)[1].astype(np.intp)


def spread_forbidden(scores: NDArray[np.float32], labels: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return scores in which a pair forbidden to one member of a group is forbidden to all its members.

    Args:
        scores: (n, n) symmetric scores, -inf where forbidden.
        labels: (n,) groups 0 .. m - 1 of items that are one object; scores within a group do not change.

    Returns:
        (n, n) scores; the same array if each group has one item.

    >>> s = np.array([[1, 0.8, 0.2], [0.8, 1, -np.inf], [0.2, -np.inf, 1]], np.float32)
    >>> spread_forbidden(s, np.array([0, 0, 1]))[0].round(1).tolist()
    [1.0, 0.800000011920929, -inf]
    """
    several = np.flatnonzero(np.bincount(labels) > 1)
    result = scores.copy() if len(several) else scores
    for label in several:
        group = np.flatnonzero(labels == label)
        barred = np.isneginf(result[group]).any(axis=0) & (labels != label)  # (n,)
        result[np.ix_(group, barred)] = result[np.ix_(barred, group)] = -np.inf
    return result


def mean_scores(scores: NDArray[np.float32], labels: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return the mean score of each pair of groups 0 .. m - 1, from (n, n) scores and (n,) labels; (m, m).

    One forbidden pair (-inf) forbids the pair of groups.

    >>> s = np.array([[1, 0.8, 0.2], [0.8, 1, 0.4], [0.2, 0.4, 1]], np.float32)
    >>> mean_scores(s, np.array([0, 0, 1])).round(2)[0, 1]
    np.float32(0.3)
    """
    order = np.argsort(labels, kind="stable")
    sizes = np.bincount(labels)
    if len(sizes) == len(labels):  # groups of one item: nothing to average, and two large copies less
        return scores[np.ix_(order, order)]
    firsts = np.cumsum(sizes) - sizes
    means = np.empty((len(sizes), len(sizes)), np.float32)
    for low in range(0, len(sizes), ROWS):
        part = slice(low, low + ROWS)
        rows = order[firsts[low] : firsts[low] + sizes[part].sum()]
        sums = np.add.reduceat(scores[rows][:, order], firsts[part] - firsts[low], axis=0)  # (groups, n)
        means[part] = np.add.reduceat(sums, firsts, axis=1)  # (groups, m), still sums
    means /= sizes[:, None].astype(np.float32)
    means /= sizes[None, :].astype(np.float32)
    return means

"""Optimal assignment: pairs the units of two cameras one to one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pipeline.matching.linking.average_linkage import Merge


def assign_pairs(
    scores: NDArray[np.float32], in_first: NDArray[np.bool_], *, threshold: float
) -> list[Merge]:
    """Pair the units of two cameras so that the sum of scores above `threshold` is largest.

    A unit may stay single, at no gain. Units that no chain of possible pairs connects are solved apart.

    Greedy linkage gives the same pairs if each unit's best partner is mutual. The two differ if two pairs together
    gain more than the best pair and the remaining one, as in [[.9, .8], [.8, .1]] at .6: greedy linkage keeps the .9,
    the assignment takes both .8.

    Args:
        scores: (m, m) symmetric scores of units, -inf where forbidden.
        in_first: (m,) whether a unit is of the first camera.
        threshold: smallest score of a pair.

    Returns:
        The pairs, sorted by the unit of the first camera.

    >>> s = np.array([[0, 0, 0.9, 0.8], [0, 0, 0.8, 0.1], [0.9, 0.8, 0, 0], [0.8, 0.1, 0, 0]], np.float32)
    >>> [(m.a, m.b) for m in assign_pairs(s, np.array([True, True, False, False]), threshold=0.6)]
    [((0,), (3,)), ((1,), (2,))]
    """
    first, second = np.flatnonzero(in_first), np.flatnonzero(~in_first)
    block = scores[np.ix_(first, second)]  # (q, g)
    possible = block >= threshold
    pairs = [pair for q, g in _islands(possible) for pair in _solve(block, possible, q, g, threshold)]
    return [
        Merge((int(first[q]),), (int(second[g]),), float(block[q, g]), threshold) for q, g in sorted(pairs)
    ]


def _islands(possible: NDArray[np.bool_]) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Find the groups of (rows, columns) that chains of possible pairs connect."""
    rows, columns = np.nonzero(possible)
    q, g = possible.shape
    graph = coo_array((np.ones(len(rows), np.int8), (rows, columns + q)), shape=(q + g, q + g))
    labels = connected_components(graph, directed=False)[1]
    order = np.argsort(labels, kind="stable")
    islands = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
    return [(island[island < q], island[island >= q] - q) for island in islands if len(island) > 1]


def _solve(
    block: NDArray[np.float32],
    possible: NDArray[np.bool_],
    q: NDArray[np.intp],
    g: NDArray[np.intp],
    threshold: float,
) -> list[tuple[int, int]]:
    """Solve one island; a pair exactly at the threshold gains 1e-6, so that it is made."""
    cells = np.ix_(q, g)
    gain = np.where(possible[cells], block[cells].astype(np.float64) - threshold + 1e-6, 0)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    return [(int(q[r]), int(g[c])) for r, c in zip(rows, columns, strict=True) if possible[q[r], g[c]]]

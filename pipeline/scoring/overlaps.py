"""Which boxes of two sets lie on each other, and which pairs of them make the most of it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

BLOCK = 65_536
"""Boxes of the first set compared at a time."""


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Pairs of boxes of one moment that share at least a bit; arrays share their first axis, `k` pairs."""

    rows: NDArray[np.intp]
    """(k,) places in the first set."""
    columns: NDArray[np.intp]
    """(k,) places in the second."""
    iou: NDArray[np.float64]
    """(k,) intersection over union, above 0."""

    def select(self, keep: NDArray[np.bool_]) -> Overlaps:
        """Keep some pairs."""
        return Overlaps(self.rows[keep], self.columns[keep], self.iou[keep])

    def within(self, rows: NDArray[np.bool_], columns: NDArray[np.bool_]) -> Overlaps:
        """Keep the pairs between parts of both sets, given as masks, and count places within these."""
        kept = self.select(rows[self.rows] & columns[self.columns])
        return Overlaps(np.cumsum(rows)[kept.rows] - 1, np.cumsum(columns)[kept.columns] - 1, kept.iou)


def overlaps(
    moments: NDArray[np.int64],
    boxes: NDArray[np.float32],
    other_moments: NDArray[np.int64],
    other_boxes: NDArray[np.float32],
) -> Overlaps:
    """Find all pairs of boxes that overlap.

    Args:
        moments: (n,) what only boxes that may be compared share: camera, frame and class.
        boxes: (n, 4) corners.
        other_moments: (m,) the same of the second set.
        other_boxes: (m, 4) corners.

    Returns:
        The pairs, by increasing row.
    """
    order = np.argsort(other_moments, kind="stable")
    ordered = other_moments[order]
    starts, ends = np.searchsorted(ordered, moments, "left"), np.searchsorted(ordered, moments, "right")
    found = [Overlaps(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0))]
    for low in range(0, len(moments), BLOCK):
        counts = (ends - starts)[low : low + BLOCK]
        rows = np.repeat(np.arange(low, low + len(counts)), counts)  # (p,) every pair of one moment
        place = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        columns = order[starts[rows] + place]
        iou = paired_iou(boxes[rows], other_boxes[columns])
        found.append(Overlaps(rows, columns, iou).select(iou > 0))
    return Overlaps(
        *(np.concatenate([getattr(one, name) for one in found]) for name in ("rows", "columns", "iou"))
    )


def paired_iou(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """Measure intersection over union of (p, 4) and (p, 4) corners, row by row, as (p,)."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    shared = np.clip(np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2]), 0, None).prod(axis=1)
    area_a, area_b = ((boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (a, b))
    iou: NDArray[np.float64] = shared / (area_a + area_b - shared)
    return iou


def best_pairs(
    rows: NDArray[np.intp], columns: NDArray[np.intp], worth: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Choose the pairs of largest total worth in which each row and each column occurs once at most.

    Pairs that are in every best choice are taken first, and what no chain of pairs ties together is solved apart: both
    change nothing but the time.

    Args:
        rows: (k,) row of each possible pair.
        columns: (k,) column of each; no pair twice.
        worth: (k,) above 0.

    Returns:
        (k,) chosen or not.

    >>> best_pairs(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([3.0, 2.0, 2.0])).tolist()
    [False, True, True]
    """
    chosen = worth > _runner_up(rows, worth) + _runner_up(
        columns, worth
    )  # worth more than both could do without it
    free = ~(np.isin(rows, rows[chosen]) | np.isin(columns, columns[chosen]))
    for group in _knots(rows, columns, np.flatnonzero(free)):
        chosen[group] = _assigned(rows[group], columns[group], worth[group])
    return chosen


def _runner_up(keys: NDArray[np.intp], worth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Find of each of (k,) pairs the largest worth of another with the same key, 0 where there is none."""
    order = np.lexsort((-worth, keys))
    _, first, size = np.unique(keys[order], return_index=True, return_counts=True)
    ordered = np.append(worth[order], 0.0)
    runner_up = np.repeat(ordered[first], size)
    runner_up[first] = np.where(size > 1, ordered[first + 1], 0.0)
    found = np.empty(len(keys))
    found[order] = runner_up
    return found


def _knots(
    rows: NDArray[np.intp], columns: NDArray[np.intp], pairs: NDArray[np.intp]
) -> list[NDArray[np.intp]]:
    """Part some pairs into those that no chain of rows and columns ties together."""
    if not len(pairs):
        return []
    n, m = rows.max() + 1, columns.max() + 1
    ends = rows[pairs], columns[pairs] + n
    _, tied = connected_components(
        coo_array((np.ones(len(pairs)), ends), shape=(n + m, n + m)), directed=False
    )
    knot = tied[rows[pairs]]  # (p,)
    order = np.argsort(knot, kind="stable")
    return np.split(pairs[order], np.flatnonzero(np.diff(knot[order])) + 1)


def _assigned(
    rows: NDArray[np.intp], columns: NDArray[np.intp], worth: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Solve one knot of pairs."""
    _, row = np.unique(rows, return_inverse=True)
    _, column = np.unique(columns, return_inverse=True)
    table = np.zeros((row.max() + 1, column.max() + 1))
    table[row, column] = worth
    partner = np.full(len(table), -1)
    there, here = linear_sum_assignment(table, maximize=True)
    partner[there] = here
    return np.asarray(partner[row] == column)

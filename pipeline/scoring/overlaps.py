"""Overlaps between two sets of boxes, and the one-to-one pairing of largest total weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from detectors.boxes import paired_iou

BLOCK = 65_536
"""Number of boxes of the first set that are compared at a time."""


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Pairs of overlapping boxes of the same camera, frame and class group; arrays share their first axis, `k` pairs."""

    rows: NDArray[np.intp]
    """(k,) indices in the first set."""
    columns: NDArray[np.intp]
    """(k,) indices in the second set."""
    iou: NDArray[np.float64]
    """(k,) intersection over union, above 0."""

    def select(self, keep: NDArray[np.bool_]) -> Overlaps:
        """Return some of the pairs, given as a (k,) mask."""
        return Overlaps(self.rows[keep], self.columns[keep], self.iou[keep])

    def within(self, rows: NDArray[np.bool_], columns: NDArray[np.bool_]) -> Overlaps:
        """Return the pairs between two subsets, given as masks; the new indices count within the subsets."""
        kept = self.select(rows[self.rows] & columns[self.columns])
        return Overlaps(np.cumsum(rows)[kept.rows] - 1, np.cumsum(columns)[kept.columns] - 1, kept.iou)


def find_overlaps(
    moments: NDArray[np.int64],
    boxes: NDArray[np.float32],
    other_moments: NDArray[np.int64],
    other_boxes: NDArray[np.float32],
) -> Overlaps:
    """Return all pairs of boxes that overlap, by increasing row.

    Args:
        moments: (n,) numbers; only boxes with equal numbers are compared. They encode camera, frame and class group.
        boxes: (n, 4) corners.
        other_moments: (m,) numbers of the second set.
        other_boxes: (m, 4) corners of the second set.
    """
    order = np.argsort(other_moments, kind="stable")
    ordered = other_moments[order]
    starts, ends = np.searchsorted(ordered, moments, "left"), np.searchsorted(ordered, moments, "right")
    blocks = [Overlaps(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0))]
    for low in range(0, len(moments), BLOCK):
        counts = (ends - starts)[low : low + BLOCK]
        rows = np.repeat(np.arange(low, low + len(counts)), counts)  # (p,) all pairs of equal moments
        offsets = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        columns = order[starts[rows] + offsets]
        iou = paired_iou(boxes[rows], other_boxes[columns])
        blocks.append(Overlaps(rows, columns, iou).select(iou > 0))
    return Overlaps(
        rows=np.concatenate([block.rows for block in blocks]),
        columns=np.concatenate([block.columns for block in blocks]),
        iou=np.concatenate([block.iou for block in blocks]),
    )


def best_pairs(
    rows: NDArray[np.intp], columns: NDArray[np.intp], weights: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Choose the pairs of largest total weight in which each row and each column occurs at most once.

    Pairs that every best choice contains are taken first. The remaining pairs are split into connected components,
    which are solved separately. Neither changes the result; both save time.

    Args:
        rows: (k,) row of each possible pair.
        columns: (k,) column of each possible pair; no pair occurs twice.
        weights: (k,) weights above 0.

    Returns:
        (k,) mask of the chosen pairs.

    >>> best_pairs(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([3.0, 2.0, 2.0])).tolist()
    [False, True, True]
    """
    # A pair that outweighs the best alternatives of its row and its column together is in every best choice.
    chosen = weights > _best_alternative(rows, weights) + _best_alternative(columns, weights)
    free = ~(np.isin(rows, rows[chosen]) | np.isin(columns, columns[chosen]))
    for component in _components(rows, columns, np.flatnonzero(free)):
        chosen[component] = _solve(rows[component], columns[component], weights[component])
    return chosen


def _best_alternative(keys: NDArray[np.intp], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return, for each of (k,) pairs, the largest weight of another pair with the same key; 0 if it has none."""
    order = np.lexsort((-weights, keys))
    _, first, size = np.unique(keys[order], return_index=True, return_counts=True)
    ordered = np.append(weights[order], 0.0)
    sorted_alternatives = np.repeat(ordered[first], size)
    sorted_alternatives[first] = np.where(size > 1, ordered[first + 1], 0.0)
    alternatives = np.empty(len(keys))
    alternatives[order] = sorted_alternatives
    return alternatives


def _components(
    rows: NDArray[np.intp], columns: NDArray[np.intp], pairs: NDArray[np.intp]
) -> list[NDArray[np.intp]]:
    """Split the indices of some pairs into the connected components of their rows and columns."""
    if not len(pairs):
        return []
    n, m = rows.max() + 1, columns.max() + 1
    ends = rows[pairs], columns[pairs] + n
    graph = coo_array((np.ones(len(pairs)), ends), shape=(n + m, n + m))
    _, labels = connected_components(graph, directed=False)
    component = labels[rows[pairs]]  # (p,)
    order = np.argsort(component, kind="stable")
    return np.split(pairs[order], np.flatnonzero(np.diff(component[order])) + 1)


def _solve(
    rows: NDArray[np.intp], columns: NDArray[np.intp], weights: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return the (p,) mask of the best pairs of one component."""
    _, row = np.unique(rows, return_inverse=True)
    _, column = np.unique(columns, return_inverse=True)
    table = np.zeros((row.max() + 1, column.max() + 1))
    table[row, column] = weights
    partner = np.full(len(table), -1)
    best_rows, best_columns = linear_sum_assignment(table, maximize=True)
    partner[best_rows] = best_columns
    return np.asarray(partner[row] == column)

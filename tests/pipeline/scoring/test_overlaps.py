"""Overlapping boxes are found, and paired one to one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from detectors.boxes import iou_matrix
from pipeline.scoring.overlaps import best_pairs, find_overlaps


@given(st.integers(0, 2**32 - 1), st.integers(0, 40), st.integers(0, 40))
def test_overlaps_of_all_moments_equal_those_of_each_moment_alone(seed: int, n: int, m: int) -> None:
    rng = np.random.default_rng(seed)
    moments, others = rng.integers(0, 4, n), rng.integers(0, 4, m)
    corners = rng.integers(0, 20, (n + m, 2))
    boxes = np.concatenate([corners, corners + rng.integers(1, 10, (n + m, 2))], axis=1).astype(np.float32)
    found = find_overlaps(moments, boxes[:n], others, boxes[n:])
    table = iou_matrix(boxes[:n], boxes[n:]) * (moments[:, None] == others)
    assert {*zip(found.rows.tolist(), found.columns.tolist(), strict=True)} == {
        *zip(*(places.tolist() for places in np.nonzero(table)), strict=True)
    }
    np.testing.assert_allclose(found.iou, table[found.rows, found.columns], rtol=1e-6)


@given(st.integers(0, 2**32 - 1), st.floats(0.05, 1))
def test_components_solved_separately_weigh_as_much_as_all_solved_together(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    table = rng.random((12, 9)) * (rng.random((12, 9)) < share)
    rows, columns = np.nonzero(table)
    chosen = best_pairs(rows, columns, table[rows, columns])
    best = table[linear_sum_assignment(table, maximize=True)].sum()
    assert np.isclose(table[rows[chosen], columns[chosen]].sum(), best)
    assert len(set(rows[chosen])) == len(set(columns[chosen])) == chosen.sum()

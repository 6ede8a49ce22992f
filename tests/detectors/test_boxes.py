from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.boxes import iou_matrix, paired_iou


def draw(count: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(count)
    low = rng.uniform(0, 100, (count, 2))
    return np.concatenate([low, low + rng.uniform(1, 100, (count, 2))], axis=1).astype(np.float32)


def test_the_iou_of_pairs_is_the_diagonal_of_the_matrix() -> None:
    a, b = draw(50), draw(51)[:50]
    assert paired_iou(a, b) == pytest.approx(np.diagonal(iou_matrix(a, b)), rel=1e-5)
    assert paired_iou(a, a).tolist() == [1.0] * 50


def test_iou_is_symmetric_and_within_0_and_1() -> None:
    a, b = draw(30), draw(40)
    assert np.array_equal(iou_matrix(a, b), iou_matrix(b, a).T)
    assert ((iou_matrix(a, b) >= 0) & (iou_matrix(a, b) <= 1)).all()
    assert (iou_matrix(a, b) == 0).any()


def test_boxes_without_area_have_an_iou_of_0() -> None:
    point = np.array([[5, 5, 5, 5]], np.float32)
    assert paired_iou(point, point).tolist() == [0.0]


def test_no_boxes_give_no_iou() -> None:
    none = np.empty((0, 4), np.float32)
    assert paired_iou(none, none).shape == (0,)
    assert iou_matrix(draw(3), none).shape == (3, 0)

"""What chance alone would link."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.matching.thresholds.expected_errors import (
    Candidates,
    candidates_by_camera_pair,
    expected_false,
    expected_missed,
)

NONE = float("-inf")


def side(best: list[float], candidates: int) -> Candidates:
    return Candidates(np.array(best, np.float32), np.full(len(best), candidates))


def two_cameras(scores: list[list[float]]) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.str_]]:
    """Scores of camera a's tracklets (rows) with those of b; everything within a camera is forbidden."""
    block = np.array(scores, np.float32)
    q, g = block.shape
    square = np.ones((q + g, q + g), np.float32)
    square[:q, q:], square[q:, :q] = block, block.T
    rules = np.ones(square.shape, np.uint8)
    rules[:q, q:], rules[q:, :q] = 0, 0
    return square, rules, np.array(["a"] * q + ["b"] * g)


def test_each_side_sees_its_best_admissible_candidate() -> None:
    scores, rules, cameras = two_cameras([[0.9, 0.2], [0.4, 0.8], [0.3, 0.1]])
    rules[0, 3] = rules[3, 0] = 4
    rules[2, 3:] = rules[3:, 2] = 4
    ((a, b),) = candidates_by_camera_pair(scores, rules, cameras)
    assert a.best.tolist() == pytest.approx([0.2, 0.8, NONE])
    assert a.counts.tolist() == [1, 2, 0]
    assert b.best.tolist() == pytest.approx([0.4, 0.8])
    assert b.counts.tolist() == [1, 2]


def test_three_cameras_are_three_pairs_and_one_is_none() -> None:
    cameras = np.array(["a", "b", "c"])
    assert (
        len(candidates_by_camera_pair(np.ones((3, 3), np.float32), np.zeros((3, 3), np.uint8), cameras)) == 3
    )
    assert (
        candidates_by_camera_pair(np.ones((1, 1), np.float32), np.ones((1, 1), np.uint8), cameras[:1]) == []
    )


def even(score: float) -> float:
    """The share of even scores in [0, 1] that reaches this one."""
    return float(np.clip(1 - score, 0, 1))


def test_without_candidates_nothing_is_linked() -> None:
    empty = side([NONE, NONE], 0)
    assert expected_false([(empty, empty)], threshold=0.5, rate=even, margin=0.05) == 0
    assert expected_false([], threshold=0.5, rate=even, margin=0.05) == 0


def test_a_pair_of_strangers_is_linked_as_often_as_one_reaches_the_threshold() -> None:
    pair = side([0.1], 1)
    assert expected_false([(pair, pair)] * 3, threshold=0.9, rate=even, margin=0.05) == pytest.approx(0.3)


def test_who_has_found_a_partner_is_linked_with_nobody_else() -> None:
    views = [side([best] * 50, 50) for best in (0.9999, 0.1)]
    found, open_ = (expected_false([(one, one)], threshold=0.999, rate=even, margin=0.0) for one in views)
    assert found < 0.01 * open_


def test_even_if_everybody_seems_to_have_a_partner_a_false_link_is_possible() -> None:
    """One tracklet more than the scene shows is assumed to have none: 1 of 4, on both candidates_by_camera_pair."""
    partnered = side([0.95] * 4, 1)
    total = expected_false([(partnered, partnered)], threshold=0.9, rate=even, margin=0.05)
    assert total == pytest.approx(4 * 0.1 * (1 / (4 * 0.9)) ** 2)


@pytest.mark.parametrize("margin", [0.0, 0.01, 0.05])
@pytest.mark.parametrize("threshold", [0.9, 0.99])
def test_as_many_strangers_are_linked_as_expected(threshold: float, margin: float) -> None:
    rng, expected, made = np.random.default_rng(0), [], []
    for _ in range(300):
        block = rng.random((12, 15)).astype(np.float32)
        views = candidates_by_camera_pair(*two_cameras(block.tolist()))
        expected.append(expected_false(views, threshold=threshold, rate=even, margin=margin))
        made.append(links(block, threshold, margin))
    assert np.mean(expected) == pytest.approx(np.mean(made), rel=0.3, abs=0.05)


def links(block: NDArray[np.float32], threshold: float, margin: float) -> int:
    """Count pairs that reach the threshold and lead by the margin over all in their row and column."""
    count = 0
    for row, column in np.argwhere(block >= threshold).tolist():
        rivals = [*np.delete(block[row], column), *np.delete(block[:, column], row)]
        count += bool(block[row, column] - max(rivals) >= margin)
    return count


class Always:
    """The same answer whatever is asked."""

    def __init__(self, answer: float) -> None:
        self.answer = answer

    def __call__(self, asked: float) -> float:
        assert 0 <= asked <= 1
        return self.answer


@pytest.mark.parametrize(("cut", "missed"), [(0.55, 0.0), (0.65, 0.25), (0.75, 0.5), (0.95, 1.0)])
def test_partners_under_the_threshold_are_missed(cut: float, missed: float) -> None:
    one = side([0.9, 0.8, 0.7, 0.6, 0.1, 0.1], 6)
    told = expected_missed([(one, one)], threshold=cut, rate=Always(0.0), at=Always(0.5))
    assert told == pytest.approx(missed)


def test_where_nobody_has_a_partner_nothing_is_said_of_missed_ones() -> None:
    nobody = side([0.1, 0.2], 2)
    for views in ([(nobody, nobody)], []):
        assert expected_missed(views, threshold=0.7, rate=Always(0.0), at=Always(0.5)) is None


def test_in_a_crowd_where_chance_reaches_everybody_nothing_is_said() -> None:
    crowd = side([0.9] * 10, 1000)
    assert expected_missed([(crowd, crowd)], threshold=0.7, rate=Always(0.01), at=Always(0.5)) is None

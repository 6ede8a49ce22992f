"""One-to-one between two cameras, and how it differs from greedy linkage."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.matching.linking.assignment import assign_pairs
from pipeline.matching.linking.average_linkage import average_linkage

INF = np.inf


def whole(block: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Scores of all units from those between q units of one camera and g of another."""
    q, g = block.shape
    scores = np.full((q + g, q + g), -INF, np.float32)
    scores[:q, q:], scores[q:, :q] = block, block.T
    return scores, np.arange(q + g) < q


def pairs(block: NDArray[np.float32]) -> set[tuple[int, int]]:
    merges = assign_pairs(*whole(block), threshold=0.6)
    return {(merge.a[0], merge.b[0] - len(block)) for merge in merges}


def greedy(block: NDArray[np.float32]) -> set[tuple[int, int]]:
    scores, _ = whole(block)
    merges = average_linkage(scores, np.ones(len(scores), np.int64), threshold=0.6)
    return {(merge.a[0], merge.b[0] - len(block)) for merge in merges}


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        pytest.param([[0.9, 0.1], [0.1, 0.9]], {(0, 0), (1, 1)}, id="each-finds-its-own"),
        pytest.param([[0.7], [0.8]], {(1, 0)}, id="two-want-one"),
        pytest.param([[0.59, 0.1], [0.2, 0.3]], set(), id="seen-nowhere-else"),
        pytest.param([[0.6]], {(0, 0)}, id="at-the-threshold"),
        pytest.param([[-INF, 0.7], [0.8, -INF]], {(0, 1), (1, 0)}, id="forbidden-stays-forbidden"),
        pytest.param([[0.9, 0.8], [0.8, 0.1]], {(0, 1), (1, 0)}, id="two-good-beat-one-best"),
        pytest.param([[0.9, 0.65], [0.65, 0.1]], {(0, 0)}, id="but-not-two-poor"),
        pytest.param(np.empty((0, 3)), set(), id="an-empty-camera"),
    ],
)
def test_pairs(block: list[list[float]], expected: set[tuple[int, int]]) -> None:
    assert pairs(np.asarray(block, np.float32)) == expected


@pytest.mark.parametrize("seed", range(40))
def test_no_other_assignment_gains_more(seed: int) -> None:
    block = np.random.default_rng(seed).random((4, 5)).astype(np.float32)
    gains = np.maximum(block.astype(float) - 0.6, 0)
    best = max(sum(gains[q, g] for q, g in enumerate(chosen)) for chosen in permutations(range(5), 4))
    assert sum(gains[pair] for pair in pairs(block)) == pytest.approx(best, abs=1e-5)


@pytest.mark.parametrize("seed", range(40))
def test_where_best_partners_are_mutual_greedy_linkage_finds_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    block = rng.uniform(0, 0.7, (8, 9)).astype(np.float32)
    shared = rng.permutation(9)[:5]
    block[np.arange(5), shared] = rng.uniform(0.75, 1, 5)
    others = np.ones(block.shape, bool)
    others[np.arange(5), shared] = False
    block[:5][others[:5]] -= 0.15  # under the threshold for those who have a partner
    block[:, shared][others[:, shared]] -= 0.15
    block[5:, [g for g in range(9) if g not in shared]] = rng.uniform(0, 0.5, (3, 4))
    block[5:, shared] -= 0.15
    assert pairs(block) == greedy(block) == set(zip(range(5), shared.tolist(), strict=True))


def test_greedy_linkage_keeps_the_single_best_where_two_others_gain_more() -> None:
    block = np.array([[0.9, 0.8], [0.8, 0.1]], np.float32)
    assert greedy(block) == {(0, 0)}
    assert pairs(block) == {(0, 1), (1, 0)}

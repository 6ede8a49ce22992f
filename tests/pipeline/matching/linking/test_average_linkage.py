"""Clusters that never hold a forbidden pair."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.matching.groups import mean_scores, partition
from pipeline.matching.linking.average_linkage import average_linkage

FORBIDDEN = -np.inf


def symmetric(n: int, entries: dict[tuple[int, int], float]) -> NDArray[np.float32]:
    scores = np.zeros((n, n), np.float32)
    for (a, b), score in entries.items():
        scores[a, b] = scores[b, a] = score
    return scores


def random_scores(n: int, seed: int, share: float) -> NDArray[np.float32]:
    """Symmetric scores in [0, 1], a share of them forbidden."""
    rng = np.random.default_rng(seed)
    scores = rng.random((n, n)).astype(np.float32)
    scores[rng.random((n, n)) < share] = FORBIDDEN
    return np.minimum(scores, scores.T)


def clusters(scores: NDArray[np.float32], threshold: float = 0.6) -> NDArray[np.intp]:
    merges = average_linkage(scores, np.ones(len(scores), np.int64), threshold=threshold)
    return partition(len(scores), [(merge.a[0], merge.b[0]) for merge in merges])


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param({(0, 1): 0.6}, [0, 0, 1], id="at-the-threshold-is-enough"),
        pytest.param({(0, 1): 0.59}, [0, 1, 2], id="under-it-is-not"),
        pytest.param({(0, 1): 0.9, (1, 2): 0.8, (0, 2): 0.4}, [0, 0, 0], id="a-chain-holds-by-its-mean"),
        pytest.param({(0, 1): 0.9, (1, 2): 0.8, (0, 2): 0.3}, [0, 0, 1], id="or-does-not"),
        pytest.param(
            {(0, 1): 0.9, (1, 2): 0.8, (0, 2): FORBIDDEN}, [0, 0, 1], id="the-weaker-link-gives-way"
        ),
        pytest.param({(0, 1): 0.8, (1, 2): 0.9, (0, 2): FORBIDDEN}, [0, 1, 1], id="wherever-it-is"),
        pytest.param({(0, 1): 0.8, (1, 2): 0.8, (0, 2): FORBIDDEN}, [0, 0, 1], id="equals-go-by-order"),
    ],
)
def test_clusters(entries: dict[tuple[int, int], float], expected: list[int]) -> None:
    assert clusters(symmetric(3, entries)).tolist() == expected


def test_in_1000_random_cases_no_cluster_holds_a_forbidden_pair() -> None:
    merged = 0
    for seed in range(1000):
        scores = random_scores(12, seed, share=(seed % 10) / 20)
        labels = clusters(scores, threshold=0.4)
        together = np.equal.outer(labels, labels) & ~np.eye(12, dtype=bool)
        assert np.isfinite(scores[together]).all()
        merged += int(together.any())
    assert merged > 900


def slow_linkage(scores: NDArray[np.float32], threshold: float) -> set[frozenset[int]]:
    """The definition: try all pairs of clusters, merge the best."""
    parts = [frozenset([i]) for i in range(len(scores))]
    while True:
        means = {(a, b): scores[np.ix_(list(a), list(b))].mean() for a in parts for b in parts if a is not b}
        best = max(means, key=lambda pair: means[pair], default=None)
        if best is None or means[best] < threshold:
            return set(parts)
        parts = [part for part in parts if part not in best] + [best[0] | best[1]]


@pytest.mark.parametrize("seed", range(30))
def test_updating_means_equals_computing_them_anew(seed: int) -> None:
    scores = random_scores(10, seed, share=0.1)
    labels = clusters(scores, threshold=0.5)
    fast = {frozenset(np.flatnonzero(labels == label).tolist()) for label in labels}
    assert fast == slow_linkage(scores, 0.5)


@pytest.mark.parametrize("seed", range(30))
def test_the_order_of_items_does_not_matter(seed: int) -> None:
    scores = random_scores(20, seed, share=0.1)
    order = np.random.default_rng(seed).permutation(20)
    there, back = clusters(scores), clusters(scores[np.ix_(order, order)])
    assert np.array_equal(np.equal.outer(there, there)[np.ix_(order, order)], np.equal.outer(back, back))


def test_a_large_item_weighs_as_much_as_its_members() -> None:
    scores = symmetric(3, {(0, 1): 0.9, (0, 2): 0.9, (1, 2): 0.3})
    sizes = np.array([3, 1, 1])
    last = average_linkage(scores, sizes, threshold=0.6)[-1]
    assert (last.a, last.b) == ((0, 1), (2,))
    assert last.score == pytest.approx(0.75)


def test_pooling_averages_over_groups_and_one_forbidden_pair_forbids_all() -> None:
    scores = symmetric(4, {(0, 1): 1, (0, 2): 0.2, (1, 2): 0.6, (0, 3): FORBIDDEN, (1, 3): 0.9, (2, 3): 0.5})
    means = mean_scores(scores, np.array([0, 0, 1, 2]))
    assert means[0, 1] == means[1, 0] == pytest.approx(0.4)
    assert means[0, 2] == means[2, 0] == FORBIDDEN
    assert means[1, 2] == pytest.approx(0.5)


def test_nothing_makes_nothing() -> None:
    assert clusters(np.empty((0, 0), np.float32)).tolist() == []

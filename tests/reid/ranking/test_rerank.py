from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reid.ranking.distances import Floats, squared_distances
from reid.ranking.rerank import reranked
from tests.reid.ranking import plain


def crowd(seed: int, n: int, spread: float = 0.7) -> Floats:
    """(n, 16) embeddings of some identities, so that neighbourhoods overlap."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((1 + n // 6, 16))
    return (centres[rng.integers(0, len(centres), n)] + spread * rng.standard_normal((n, 16))).astype(
        np.float32
    )


@given(
    st.integers(0, 2**32 - 1),
    st.integers(2, 60),
    st.integers(1, 20),
    st.integers(1, 6),
    st.sampled_from([0, 0.3, 1]),
)
def test_distances_are_those_of_the_dense_version(seed: int, n: int, k1: int, k2: int, share: float) -> None:
    squared = squared_distances(crowd(seed, n))
    q = n // 3
    ours = reranked(squared, queries=q, k1=k1, k2=k2, original=share)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, plain.reranked(squared, q, k1, k2, share), atol=1e-6)


def test_a_gallery_at_the_papers_setting_is_that_of_the_dense_version() -> None:
    squared = squared_distances(crowd(seed=3, n=150))
    np.testing.assert_allclose(
        reranked(squared, queries=30), plain.reranked(squared, 30, 20, 6, 0.3), atol=1e-6
    )


def test_entries_that_are_not_their_own_nearest_are_no_trouble() -> None:
    # So are joint scores: pairs of one camera get the floor, an entry with itself too.
    rng = np.random.default_rng(0)
    half = rng.random((60, 60), dtype=np.float32)
    squared = half + half.T
    ours = reranked(squared, queries=20, k1=3, k2=2, original=0.3)
    np.testing.assert_allclose(ours, plain.reranked(squared, 20, 3, 2, 0.3), atol=1e-6)


def on_circle(*degrees: float) -> Floats:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_an_entry_in_the_querys_circle_overtakes_a_nearer_stranger() -> None:
    # The query at 0 degrees has a stranger at -10 with company of its own, and a friend at 12 among shared friends.
    squared = squared_distances(on_circle(0, -10, 12, 4, 8, -12, -14, -16))
    stranger, friend = 0, 1
    assert squared[0, 1] < squared[0, 2]
    after = reranked(squared, queries=1, k1=3, k2=1, original=0.3)
    assert after[0, friend] < after[0, stranger]


def test_all_of_the_original_keeps_the_original_order() -> None:
    squared = squared_distances(crowd(seed=1, n=40))
    after = reranked(squared, queries=10, original=1)
    np.testing.assert_allclose(after, squared[:10, 10:] / squared[:10].max(axis=1, keepdims=True), rtol=1e-6)


def test_entries_with_nothing_in_common_are_as_far_apart_as_can_be() -> None:
    squared = squared_distances(
        on_circle(0, 180, 1, 2, 181, 182)
    )  # the query and its two, another and its two
    after = reranked(squared, queries=1, k1=2, k2=1, original=0)
    np.testing.assert_allclose(after, [[1, 0, 0, 1, 1]], atol=1e-3)


def test_the_order_of_the_gallery_does_not_matter() -> None:
    features = crowd(seed=2, n=50)
    order = np.random.default_rng(0).permutation(40)
    shuffled = reranked(squared_distances(np.concatenate([features[:10], features[10:][order]])), queries=10)
    np.testing.assert_allclose(
        shuffled, reranked(squared_distances(features), queries=10)[:, order], atol=1e-6
    )


@pytest.mark.parametrize("queries", [0, 1, 3], ids=["no-query", "some", "no-gallery"])
def test_copies_of_one_embedding_are_not_told_apart(queries: int) -> None:
    after = reranked(squared_distances(np.ones((3, 4), np.float32)), queries=queries)
    assert after.shape == (queries, 3 - queries)
    np.testing.assert_allclose(after, 0, atol=1e-6)


@pytest.mark.parametrize("block", [1, 4, 100])
def test_squared_distances_are_symmetric_and_from_nought_to_four(block: int) -> None:
    rows = crowd(seed=4, n=21)
    squared = squared_distances(np.concatenate([rows, -rows[:1], rows[:1]]), block=block)
    lengths = np.linalg.norm(rows, axis=1)
    np.testing.assert_allclose(
        squared[:21, :21], 2 - 2 * (rows @ rows.T) / np.outer(lengths, lengths), atol=1e-5
    )
    assert squared[0, 21:] == pytest.approx([4, 0], abs=1e-6)
    assert (squared == squared.T).all()
    assert squared.min() >= 0


def test_distances_are_torchreids() -> None:
    theirs = pytest.importorskip("torchreid.reid.utils.rerank", reason="torchreid is not installed")
    squared = squared_distances(crowd(seed=6, n=200))
    root = np.sqrt(squared)  # it squares what it is given
    expected = theirs.re_ranking(root[:50, 50:], root[:50, :50], root[50:, 50:])
    np.testing.assert_allclose(reranked(squared, queries=50), expected, atol=1e-5)

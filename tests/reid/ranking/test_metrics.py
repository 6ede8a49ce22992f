from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reid.data.records import LabelledTracklet, Rule
from reid.errors import DatasetError, ReidError
from reid.ranking.distances import Floats, score_blocks
from reid.ranking.labels import Labels, relevance
from reid.ranking.metrics import (
    AveragePrecision,
    Scores,
    evaluate_features,
    evaluate_scores,
    match_ranks,
    precision,
    ranked_list,
    summarise_ranking,
)
from tests.reid.ranking import plain

RULES: list[Rule] = ["cross-camera", "any-camera"]
SEEDS = st.integers(0, 2**32 - 1)


def labels(text: str) -> Labels:
    """Labels from `identity/camera` words."""
    pairs = [word.split("/") for word in text.split()]
    return Labels(
        np.array([who for who, _ in pairs], np.str_), np.array([where for _, where in pairs], np.str_)
    )


def drawn(seed: int, entries: int = 0) -> tuple[Floats, Labels, Labels]:
    """Scores with many ties, identities seen in the same camera, distractors, and queries without a match."""
    rng = np.random.default_rng(seed)
    q, g = rng.integers(1, 8), entries + rng.integers(1, 30)
    scores = (rng.integers(-5, 5, (q, g)) / 4).astype(np.float32)
    query, gallery = (
        Labels(rng.integers(0, 4, n).astype(np.str_), rng.integers(0, 3, n).astype(np.str_)) for n in (q, g)
    )
    gallery.identities[rng.random(g) < 0.3] = "distractor"
    # One pair that counts under both rules, so that there is always something to average.
    query.cameras[0], gallery.cameras[0], gallery.identities[0] = "0", "1", query.identities[0]
    return scores, query, gallery


def plainly(scores: Floats, query: Labels, gallery: Labels, rule: Rule, kind: AveragePrecision) -> Scores:
    everyone = [
        plain.hits(row, who, where, gallery, rule)
        for row, who, where in zip(scores, query.identities, query.cameras, strict=True)
    ]
    found = [right for right in everyone if any(right)]
    average = {"standard": plain.standard, "trapezoid": plain.trapezoid}[kind]
    hardest = [max(rank for rank, hit in enumerate(right, start=1) if hit) for right in found]
    return Scores(
        mean_ap=float(np.mean([average(right) for right in found])),
        mean_inp=float(np.mean([sum(right) / last for right, last in zip(found, hardest, strict=True)])),
        cmc=tuple(float(np.mean([any(right[:k]) for right in found])) for k in range(1, 21)),
        queries=len(found),
        skipped=len(everyone) - len(found),
    )


def assert_same(ours: Scores, other: Scores) -> None:
    assert (ours.mean_ap, ours.mean_inp) == pytest.approx((other.mean_ap, other.mean_inp), abs=1e-12)
    assert ours.cmc == pytest.approx(other.cmc, abs=1e-12)
    assert (ours.queries, ours.skipped) == (other.queries, other.skipped)


@given(SEEDS, st.sampled_from(RULES), st.sampled_from(["standard", "trapezoid"]))
def test_figures_are_those_of_sorting_and_looping(seed: int, rule: Rule, kind: AveragePrecision) -> None:
    scores, query, gallery = drawn(seed)
    ours = evaluate_scores(
        scores, query_labels=query, gallery_labels=gallery, rule=rule, average_precision=kind
    )
    assert_same(ours, plainly(scores, query, gallery, rule, kind))


@pytest.mark.parametrize(
    ("ranks", "standard", "trapezoid"),
    [
        pytest.param([1], 1, 1, id="found-at-once"),
        pytest.param([2], 1 / 2, 1 / 4, id="second"),
        pytest.param([1, 2, 3], 1, 1, id="all-on-top"),
        pytest.param([1, 3], (1 + 2 / 3) / 2, (1 + (1 / 2 + 2 / 3) / 2) / 2, id="one-wrong-between"),
        pytest.param([2, 3], (1 / 2 + 2 / 3) / 2, (1 / 4 + (1 / 2 + 2 / 3) / 2) / 2, id="wrong-first"),
    ],
)
def test_average_precision_by_hand(ranks: list[int], standard: float, trapezoid: float) -> None:
    assert precision(np.array(ranks)) == pytest.approx(standard)
    assert precision(np.array(ranks), "trapezoid") == pytest.approx(trapezoid)


def test_all_figures_by_hand() -> None:
    query, gallery = labels("ann/1 bob/1 eve/1"), labels("ann/1 ann/2 bob/2 ann/3 zoe/2")
    scores = np.array([[0.9, 0.8, 0.7, 0.6, 0.1], [0.9, 0.8, 0.5, 0.7, 0.6], [0, 0, 0, 0, 0]], np.float32)
    # ann: her own camera's entry is dropped, so right, wrong, right: ranks 1 and 3. bob: rank 5. eve: nothing to find.
    ours = evaluate_scores(scores, query_labels=query, gallery_labels=gallery, rule="cross-camera")
    assert ours.mean_ap == pytest.approx(((1 + 2 / 3) / 2 + 1 / 5) / 2)
    assert ours.mean_inp == pytest.approx((2 / 3 + 1 / 5) / 2)
    assert [ours.rank(k) for k in (1, 4, 5, 20)] == [0.5, 0.5, 1, 1]
    assert (ours.queries, ours.skipped) == (2, 1)


@pytest.mark.parametrize(
    ("rule", "ranks"),
    [
        pytest.param("cross-camera", [2], id="own-camera-is-no-achievement"),
        pytest.param("any-camera", [1, 3], id="every-entry-counts"),
    ],
)
def test_the_camera_rule(rule: Rule, ranks: list[int]) -> None:
    scores = np.array([[3, 2, 1]], np.float32)
    found = match_ranks([scores], labels("ann/1"), labels("ann/1 bob/1 ann/2"), rule)
    assert found[0].tolist() == ranks


def test_equal_scores_rank_in_gallery_order() -> None:
    query, scores = labels("ann/1"), np.ones((1, 4), np.float32)
    for gallery, ranks in {"ann/2 bob/2 ann/2 bob/2": [1, 3], "ann/1 bob/2 bob/2 ann/2": [3]}.items():
        assert match_ranks([scores], query, labels(gallery), "cross-camera")[0].tolist() == ranks


@given(SEEDS)
def test_the_order_of_queries_and_gallery_does_not_matter(seed: int) -> None:
    scores, query, gallery = drawn(seed)
    rng = np.random.default_rng(seed)
    scores = (
        rng.permutation(scores.size).reshape(scores.shape).astype(np.float32)
    )  # no ties: their order does
    rows, columns = rng.permutation(len(query)), rng.permutation(len(gallery))
    shuffled = evaluate_scores(
        scores[np.ix_(rows, columns)],
        query_labels=Labels(query.identities[rows], query.cameras[rows]),
        gallery_labels=Labels(gallery.identities[columns], gallery.cameras[columns]),
        rule="cross-camera",
    )
    kept = evaluate_scores(scores, query_labels=query, gallery_labels=gallery, rule="cross-camera")
    assert_same(shuffled, kept)


@pytest.mark.parametrize("block", [1, 3, 7, 100])
def test_features_in_blocks_of_any_size_score_as_the_whole_matrix(block: int) -> None:
    _, query, gallery = drawn(seed=5)
    rng = np.random.default_rng(1)
    q, g = (rng.choice([-1, 1], (len(who), 16)).astype(np.float32) for who in (query, gallery))
    cosines = np.asarray(q @ g.T / 16, np.float32)  # exact in any order
    whole = evaluate_scores(cosines, query_labels=query, gallery_labels=gallery, rule="cross-camera")
    blocks = score_blocks(q, g, block=block)
    assert summarise_ranking(match_ranks(blocks, query, gallery, "cross-camera")) == whole
    assert evaluate_features(q, g, query_labels=query, gallery_labels=gallery, rule="cross-camera") == whole


def test_the_length_of_a_feature_does_not_count() -> None:
    query, gallery = np.array([[1, 0]], np.float32), np.array([[9, 1], [1, 1]], np.float32)
    assert next(score_blocks(query, gallery))[0] == pytest.approx([9 / np.sqrt(82), 1 / np.sqrt(2)])


def test_features_of_zeros_are_like_nothing() -> None:
    assert next(score_blocks(np.zeros((1, 2), np.float32), np.ones((1, 2), np.float32))).tolist() == [[0]]


def test_nothing_to_find_is_refused_in_words() -> None:
    with pytest.raises(DatasetError, match="none of the 1 queries has a match"):
        evaluate_scores(
            np.ones((1, 1), np.float32),
            query_labels=labels("a/1"),
            gallery_labels=labels("a/1"),
            rule="cross-camera",
        )


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 1], ids=["match", "other"])
def test_scores_that_are_not_numbers_are_refused(bad: float, place: int) -> None:
    scores = np.ones((2, 2), np.float32)
    scores[1, place] = bad
    with pytest.raises(ReidError, match="query 1 has a score"):
        match_ranks([scores], labels("ann/1 ann/1"), labels("ann/2 bob/2"), "cross-camera")


def test_scores_of_another_gallery_are_refused() -> None:
    with pytest.raises(ValueError, match="expected 2 scores per query"):
        match_ranks([np.ones((1, 3), np.float32)], labels("a/1"), labels("a/2 b/2"), "cross-camera")


def test_ranks_beyond_twenty_are_refused() -> None:
    kept = Scores(mean_ap=1, mean_inp=1, cmc=(1.0,) * 20, queries=1, skipped=0)
    with pytest.raises(ValueError, match="ranks 1 to 20"):
        kept.rank(21)


def test_a_picture_shows_the_best_that_may_be_scored() -> None:
    query, gallery = labels("ann/1"), labels("ann/1 bob/1 ann/2 zoe/2")
    entries = relevance(query, gallery, "cross-camera")[0]
    row = np.array([0.9, 0.5, 0.5, 0.7], np.float32)
    assert ranked_list(row, entries, best=2).tolist() == [3, 1]
    assert ranked_list(row, entries, best=10).tolist() == [3, 1, 2]


def test_labels_are_a_benchmarks() -> None:
    tracklets = [LabelledTracklet(("a.jpg",), "0007", "3"), LabelledTracklet(("b.jpg",), "7", "3")]
    taken = Labels.of(tracklets)
    assert (taken.identities.tolist(), taken.cameras.tolist()) == (["0007", "7"], ["3", "3"])
    assert len(Labels.of([])) == 0


def test_figures_are_torchreids() -> None:
    rank = pytest.importorskip("torchreid.reid.metrics.rank", reason="torchreid is not installed")
    for seed in range(20):
        scores, query, gallery = drawn(seed, entries=60)  # it fails where a query is left with fewer than 20
        # It sorts unstably, so that ties come as they may; given ranks, it has to take our order.
        order = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1)
        names = query.identities, gallery.identities, query.cameras, gallery.cameras
        cmc, mean_ap = rank.evaluate_rank(order, *names, max_rank=20, use_cython=False)
        ours = evaluate_scores(scores, query_labels=query, gallery_labels=gallery, rule="cross-camera")
        assert ours.mean_ap == pytest.approx(cast(float, mean_ap), abs=1e-12)
        assert ours.cmc == pytest.approx(cmc.tolist(), abs=1e-6)  # theirs is in single precision

"""Evaluation: the figures are those of a slow and plain count over the embeddings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from reid.checkpoints import save_checkpoint
from reid.data.catalogue import CATALOGUE, load_benchmark
from reid.data.records import Benchmark
from reid.errors import DatasetError, RecipeError
from reid.evaluate import Evaluation, EvaluationSettings, entry_times, evaluate
from reid.evaluation.illustration import from_worst_to_best
from reid.evaluation.report import Report, ScoredSplit, paper_scores
from reid.model.design import VARIANTS, Design, with_backbone
from reid.model.network import build
from reid.published import Extra
from reid.ranking.labels import Labels
from reid.ranking.spacetime import TransitionTimes, fit_transition_times
from reid.tracklet_embedding import Viewing
from reid.weights import Weights, resolve
from samples.miniatures.benchmarks import draw
from tests.reid.ranking import plain

EVERYTHING: tuple[Extra, ...] = ("", "rerank", "st", "st+rerank")


def silent(task: str) -> Callable[[int, int | None], None]:
    del task
    return lambda *_: None


def scored(benchmark: Benchmark, weights: Weights, settings: EvaluationSettings) -> Evaluation:
    return evaluate(benchmark, weights, settings, device="cpu", half=False, workers=0, start_progress=silent)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Weights:
    path = tmp_path_factory.mktemp("weights") / "a.safetensors"
    save_checkpoint(build(with_backbone(VARIANTS["fgreid"], "test_resnet"), 4, seed=5), path, size=(64, 32))
    return resolve(path, seed=0)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    """Image by image, with distractors, same-camera junk, and a query that has nothing to find."""
    root = tmp_path_factory.mktemp("market")
    draw("market-1501", root, identities=16, frames=2, size=(64, 32))
    found = load_benchmark("market-1501", root)
    lost = found.query[0]
    gallery = [one for one in found.gallery if (one.identity, one.camera) == (lost.identity, lost.camera)]
    others = [one for one in found.gallery if one.identity != lost.identity]
    return replace(found, gallery=(*others, *gallery))


@pytest.fixture(scope="module")
def evaluation(market: Benchmark, weights: Weights) -> Evaluation:
    return scored(market, weights, EvaluationSettings(Viewing(1), EVERYTHING))


def logistic(value: float, smoothing: float) -> float:
    return 1 / (1 + smoothing * float(np.exp(-5 * value)))


def joint(
    evaluation: Evaluation, statistics: TransitionTimes
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Section 5 of st-ReID pair by pair, over query and gallery together."""
    entries = (*evaluation.benchmark.query, *evaluation.benchmark.gallery)
    rows = np.concatenate([evaluation.query, evaluation.gallery]).astype(np.float64)
    scores = np.empty((len(rows), len(rows)))
    for i, one in enumerate(entries):
        for j, other in enumerate(entries):
            assert one.moment is not None
            assert other.moment is not None
            earlier, later = sorted((one, other), key=lambda entry: (entry.moment, entry.camera))
            known = one.camera in statistics.cameras and other.camera in statistics.cameras
            share = (
                statistics.shares[
                    statistics.cameras.index(later.camera),
                    statistics.cameras.index(earlier.camera),
                    abs(one.moment - other.moment) // 100,
                ]
                if known
                else 0
            )
            scores[i, j] = logistic(float(rows[i] @ rows[j]), 1) * logistic(float(share), 2)
    return scores


@pytest.mark.parametrize("extra", EVERYTHING)
def test_figures_equal_a_plain_count(evaluation: Evaluation, extra: Extra) -> None:
    benchmark, q = evaluation.benchmark, len(evaluation.query)
    statistics = fit_transition_times(entry_times(benchmark.train), Labels.of(benchmark.train).identities)
    rows = np.concatenate([evaluation.query, evaluation.gallery])
    together = joint(evaluation, statistics) if extra.startswith("st") else rows @ rows.T
    scores = together[:q, q:].astype(np.float32)
    if "rerank" in extra:
        distances = np.maximum(2 - 2 * together, 0).astype(np.float32)
        scores = -plain.reranked(distances, q, 20, 6, 0.3).astype(np.float32)
    labels = Labels.of(benchmark.gallery)
    right = [
        plain.hits(row, one.identity, one.camera, labels, benchmark.rule)
        for row, one in zip(scores, benchmark.query, strict=True)
    ]
    asked = [own for own in right if any(own)]
    found = evaluation.scores[extra]
    assert (found.queries, found.skipped) == (len(asked), q - len(asked))
    assert found.skipped > 0
    assert found.mean_ap == pytest.approx(np.mean([plain.standard(own) for own in asked]), abs=1e-6)
    assert found.cmc == pytest.approx([np.mean([any(own[:k]) for own in asked]) for k in range(1, 21)])


def test_embeddings_are_unit_rows_in_the_benchmarks_order(
    evaluation: Evaluation, market: Benchmark, weights: Weights
) -> None:
    """The gallery scored as queries gives the same rows at the other place."""
    swapped = scored(
        replace(market, query=market.gallery, gallery=market.query), weights, EvaluationSettings(Viewing(1))
    )
    np.testing.assert_allclose(swapped.gallery, evaluation.query, atol=1e-5)
    np.testing.assert_allclose(swapped.query, evaluation.gallery, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(evaluation.gallery, axis=1), 1, atol=1e-5)


def test_the_trapezoid_changes_the_mean_precision_alone(
    evaluation: Evaluation, market: Benchmark, weights: Weights
) -> None:
    settings = EvaluationSettings(Viewing(1), average_precision="trapezoid")
    other, standard = scored(market, weights, settings).scores[""], evaluation.scores[""]
    assert other.mean_ap < standard.mean_ap
    assert (other.cmc, other.mean_inp) == (standard.cmc, standard.mean_inp)


@pytest.mark.parametrize("part", ["query", "gallery"])
def test_an_empty_test_is_refused(market: Benchmark, weights: Weights, part: str) -> None:
    with pytest.raises(DatasetError, match=f"market-1501: the {part} is empty"):
        scored(replace(market, **{part: ()}), weights, EvaluationSettings())  # type: ignore[arg-type]


def test_times_that_are_not_told_are_missed_before_anything_is_read(
    market: Benchmark, weights: Weights
) -> None:
    nobody = tuple(replace(one, moment=None, images=("gone.jpg",)) for one in market.query)
    with pytest.raises(RecipeError, match="has no times, which --spacetime needs"):
        scored(replace(market, query=nobody), weights, EvaluationSettings(extras=("", "st")))


def test_queries_shown_go_from_the_worst_to_the_best() -> None:
    precisions = np.array([0.5, np.nan, 1.0, 0.1, 0.3, 0.2])
    assert from_worst_to_best(precisions, 3).tolist() == [3, 4, 2]
    assert from_worst_to_best(precisions, 9).tolist() == [3, 5, 4, 0, 2]
    assert from_worst_to_best(precisions, 1).tolist() == [3]
    assert from_worst_to_best(precisions, 0).tolist() == []
    assert from_worst_to_best(np.array([np.nan]), 3).tolist() == []


@pytest.mark.parametrize(
    ("dataset", "variant", "extra", "mean_ap", "rank_1"),
    [
        ("mars", "fgreid", "", 86.2, 89.6),
        ("mars", "fgreid", "rerank", 89.6, 88.8),
        pytest.param("mars", "fgreid-lite", "", 86.2, 89.6, id="lite-stands-beside-fgreid"),
        ("mars", "baseline-1r", "", 71.8, 81.2),
        pytest.param("mars", "baseline-1r", "rerank", None, None, id="not-in-the-paper"),
        ("veri-776", "fgreid", "st+rerank", 86.1, 95.8),
        pytest.param("ilids-vid", "no-attention", "", None, 91.2, id="table-8"),
        pytest.param("ilids-vid", "global-only", "", None, 61.4, id="table-8-from-imagenet"),
        pytest.param("ilids-vid", "no-attention", "rerank", None, None, id="table-8-is-plain"),
        pytest.param("mars", "no-attention", "", None, None, id="table-8-is-of-ilids"),
        pytest.param("vehicleid-800", "fgreid", "", None, None, id="no-vehicleid"),
        pytest.param("mars", "temporal-pooling", "", None, None, id="not-fgreid"),
    ],
)
def test_the_papers_own_figures_stand_beside(
    dataset: str, variant: str, extra: Extra, mean_ap: float | None, rank_1: float | None
) -> None:
    figures = paper_scores(dataset, VARIANTS[variant], extra)
    assert (figures.mean_ap, figures.rank_1) == (mean_ap, rank_1)


ILIDS = dict(CATALOGUE["ilids-vid"].counts or {})


def report(evaluation: Evaluation, design: Design, *shares: float) -> Report:
    """Splits of iLIDS-VID that all came out alike but for rank 1."""
    weights = replace(evaluation.weights, design=design)
    scores = [replace(evaluation.scores[""], cmc=(share,) + (1.0,) * 19) for share in shares]
    splits = tuple(ScoredSplit(split, weights, ILIDS, {"": own}) for split, own in enumerate(scores))
    return Report("ilids-vid", EvaluationSettings(Viewing(5)), splits, "cpu", half=False)


def test_splits_are_averaged_with_their_deviation(evaluation: Evaluation) -> None:
    """90, 92 and 97 %: mean 93, squared deviations 9 + 1 + 16 over 2."""
    rows = {row.measure: row for row in report(evaluation, VARIANTS["fgreid"], 0.90, 0.92, 0.97).rows}
    assert rows["R-1"].ours == pytest.approx(93)
    assert rows["R-1"].deviation == pytest.approx(13**0.5)
    assert rows["R-1"].difference == pytest.approx(1.5)
    assert rows["mAP"].deviation == 0
    assert rows["mAP"].difference is None


def test_one_split_has_no_deviation(evaluation: Evaluation) -> None:
    assert all(row.deviation is None for row in report(evaluation, VARIANTS["fgreid"], 0.9).rows)


def test_remarks_tell_what_is_not_alike(evaluation: Evaluation) -> None:
    light = "not comparable: the paper uses ResNet-50 backbones, this network efficientnet-lite0"
    assert report(evaluation, VARIANTS["fgreid-lite"], 0.9, 0.8).remarks == [light, "2 of 10 splits: 0, 1"]
    whole = report(evaluation, VARIANTS["fgreid"], *[0.9] * 10)
    assert whole.remarks == []
    lacking = {**ILIDS, "query": replace(ILIDS["query"], identities=149)}
    other = replace(whole, splits=(replace(whole.splits[0], counts=lacking), *whole.splits[1:]))
    assert "not the paper's data set" in other.remarks[0]
    assert all(row.difference is None for row in other.rows)

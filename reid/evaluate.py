"""Evaluation of a network on the query and gallery of a benchmark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from reid.data.records import Benchmark, LabelledTracklet
from reid.embedder import build_embedder
from reid.errors import DatasetError, RecipeError
from reid.published import Extra
from reid.ranking.distances import Floats, score_blocks, squared_distances
from reid.ranking.labels import Labels, Places
from reid.ranking.metrics import (
    AveragePrecision,
    Scores,
    evaluate_scores,
    match_ranks,
    precision,
    summarise_ranking,
)
from reid.ranking.rerank import reranked
from reid.ranking.spacetime import EntryTimes, TransitionTimes, fit_transition_times, joint
from reid.tracklet_embedding import Viewing, embed_entries
from reid.weights import Weights

StartProgress = Callable[[str], Callable[[int, int | None], None]]
"""Starts the progress display of a named task; returns a function to call with the steps done and the total."""


@dataclass(frozen=True)
class EvaluationSettings:
    """How a network is scored."""

    viewing: Viewing = field(default_factory=Viewing)
    extras: tuple[Extra, ...] = ("",)
    """Ways of ranking, each scored on its own; plain cosine similarity comes first."""
    average_precision: AveragePrecision = "standard"

    def __post_init__(self) -> None:
        if self.extras[:1] != ("",) or len(set(self.extras)) != len(self.extras):
            raise ValueError(f"expected '' first and other ways of ranking once each, got {self.extras}")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The embeddings and scores of a network on one split."""

    benchmark: Benchmark
    weights: Weights
    settings: EvaluationSettings
    query: Floats
    """(q, d) rows of length 1."""
    gallery: Floats
    """(g, d) rows of length 1."""
    ranks: tuple[Places, ...]
    """q arrays with the ranks of each query's matches by cosine similarity; empty for a query without a match."""
    scores: dict[Extra, Scores]

    @property
    def precisions(self) -> NDArray[np.float64]:
        """(q,) average precision of each query by cosine similarity; nan for a query without a match."""
        kind = self.settings.average_precision
        return np.array([precision(ranks, kind) if len(ranks) else np.nan for ranks in self.ranks])


def evaluate(
    benchmark: Benchmark,
    weights: Weights,
    settings: EvaluationSettings,
    *,
    device: str | None,
    half: bool,
    workers: int | None,
    start_progress: StartProgress,
) -> Evaluation:
    """Embed query and gallery once, and score each way of ranking.

    Args:
        benchmark: of its training part, only the labels are read, for spatial-temporal statistics.
        weights: of the network.
        settings: how the network is scored.
        device: as for `build_embedder`.
        half: as for `build_embedder`.
        workers: processes that read images; None: one fewer than there are cores.
        start_progress: shows the progress of embedding.

    Raises:
        DatasetError: query or gallery is empty, or an image is missing or damaged.
        RecipeError: spatial-temporal statistics are requested, but the data set has no times.
        ReidError: the network cannot be used.
    """
    for part in ("query", "gallery"):
        if not getattr(benchmark, part):
            raise DatasetError(
                f"{benchmark.name}: the {part} is empty, so there is nothing to score; add a query and a gallery"
            )
    times = _transition_times(benchmark) if {"st", "st+rerank"} & set(settings.extras) else None
    embedder = build_embedder(weights, device=device, half=half)
    tracklets = (*benchmark.query, *benchmark.gallery)
    progress = start_progress(f"{benchmark.name}, query and gallery")
    rows = embed_entries(embedder, tracklets, settings.viewing, workers=workers, progress=progress)
    query, gallery = np.split(rows, [len(benchmark.query)])
    query_labels, gallery_labels = Labels.of(benchmark.query), Labels.of(benchmark.gallery)
    ranks = match_ranks(score_blocks(query, gallery), query_labels, gallery_labels, benchmark.rule)
    scores: dict[Extra, Scores] = {"": summarise_ranking(ranks, settings.average_precision)}
    for extra in settings.extras[1:]:
        scores[extra] = evaluate_scores(
            score_with_extra(extra, query, gallery, benchmark, times),
            query_labels=query_labels,
            gallery_labels=gallery_labels,
            rule=benchmark.rule,
            average_precision=settings.average_precision,
        )
    return Evaluation(benchmark, weights, settings, query, gallery, tuple(ranks), scores)


def score_with_extra(
    extra: Extra, query: Floats, gallery: Floats, benchmark: Benchmark, times: TransitionTimes | None
) -> Floats:
    """Return (q, g) scores of pairs by re-ranking, transition times or both; higher is more similar.

    Query and gallery are (q, d) and (g, d) rows of length 1. The times are statistics of the benchmark's
    training part; None if `extra` does not use them.
    """
    if extra == "st":
        assert times is not None
        query_times, gallery_times = entry_times(benchmark.query), entry_times(benchmark.gallery)
        return joint(query @ gallery.T, times, query=query_times, gallery=gallery_times)
    distances = squared_distances(np.concatenate([query, gallery]))  # (q + g, q + g)
    if extra == "st+rerank":
        assert times is not None
        all_times = entry_times((*benchmark.query, *benchmark.gallery))
        distances *= -0.5
        distances += 1  # now cosines, in the same memory
        distances = joint(distances, times, query=all_times, gallery=all_times)
        distances *= -2
        distances += 2
    return -reranked(distances, queries=len(query))


def entry_times(tracklets: Sequence[LabelledTracklet]) -> EntryTimes:
    """Return camera and time of tracklets of a data set with times."""
    return EntryTimes(
        np.array([tracklet.camera for tracklet in tracklets], np.str_),
        np.array([tracklet.moment for tracklet in tracklets], np.float64),
    )


def _transition_times(benchmark: Benchmark) -> TransitionTimes:
    """Learn the time gaps between cameras from the labels of the training split."""
    tracklets = (*benchmark.train, *benchmark.query, *benchmark.gallery)
    if any(tracklet.moment is None for tracklet in tracklets):
        raise RecipeError(
            f"{benchmark.name} has no times, which --spacetime needs; remove --spacetime (market-1501 and veri-776 "
            "have times)"
        )
    return fit_transition_times(entry_times(benchmark.train), Labels.of(benchmark.train).identities)

"""Evaluation: how well a network finds the test's queries in its gallery."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from reid.data.records import Benchmark, LabelledTracklet
from reid.embedder import build_embedder
from reid.errors import DatasetError, RecipeError
from reid.evaluation.embedding import Viewing, embed_tracklets
from reid.published import Extra
from reid.ranking.distances import Floats, score_blocks, squared_distances
from reid.ranking.labels import Labels, Places
from reid.ranking.metrics import (
    AveragePrecision,
    Scores,
    evaluate_scores,
    match_ranks,
    precision,
    summary,
)
from reid.ranking.rerank import reranked
from reid.ranking.spacetime import Sightings, Statistics, joint, learn
from reid.weights import Weights

Begin = Callable[[str], Callable[[int, int | None], None]]
"""Shows a person how far a task has come: takes its name, gives what to call with the steps done and in all."""


@dataclass(frozen=True)
class EvaluationSettings:
    """How a network is scored."""

    viewing: Viewing = field(default_factory=Viewing)
    extras: tuple[Extra, ...] = ("",)
    """A row of figures each; the plain one comes first."""
    average_precision: AveragePrecision = "standard"

    def __post_init__(self) -> None:
        if self.extras[:1] != ("",) or len(set(self.extras)) != len(self.extras):
            raise ValueError(f"expected the plain row and then others, each once, got {self.extras}")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """One network on one split."""

    benchmark: Benchmark
    weights: Weights
    settings: EvaluationSettings
    query: Floats
    """(q, d) rows of length 1."""
    gallery: Floats
    """(g, d) rows of length 1."""
    ranks: tuple[Places, ...]
    """(q,) by cosine, at which ranks each query's matches come; empty where it has none."""
    scores: dict[Extra, Scores]

    @property
    def precisions(self) -> NDArray[np.float64]:
        """(q,) average precision of each query by cosine; nan for those that have no match."""
        kind = self.settings.average_precision
        return np.array([precision(own, kind) if len(own) else np.nan for own in self.ranks])


def evaluate(
    benchmark: Benchmark,
    weights: Weights,
    settings: EvaluationSettings,
    *,
    device: str | None,
    half: bool,
    workers: int | None,
    begin: Begin,
) -> Evaluation:
    """Embed query and gallery once, and score them by cosine and by each of the extras.

    Args:
        benchmark: its training part is read only for spatial-temporal statistics, and only its labels.
        weights: of the network.
        settings: how it is scored.
        device: as for `build_embedder`.
        half: as for `build_embedder`.
        workers: processes that read pictures; None: one a core but one.
        begin: told how far embedding has come.

    Raises:
        DatasetError: there is nobody to search for, or a picture is missing or damaged.
        RecipeError: spatial-temporal statistics are asked for where no times are told.
        ReidError: the network cannot be used.
    """
    _check_searchable(benchmark)
    statistics = _statistics(benchmark) if {"st", "st+rerank"} & set(settings.extras) else None
    embedder = build_embedder(weights, device=device, half=half)
    everyone = (*benchmark.query, *benchmark.gallery)
    progress = begin(f"{benchmark.name}, query and gallery")
    rows = embed_tracklets(embedder, everyone, settings.viewing, workers=workers, progress=progress)
    query, gallery = np.split(rows, [len(benchmark.query)])
    asked, answers = Labels.of(benchmark.query), Labels.of(benchmark.gallery)
    ranks = match_ranks(score_blocks(query, gallery), asked, answers, benchmark.rule)
    scores: dict[Extra, Scores] = {"": summary(ranks, settings.average_precision)}
    for extra in settings.extras[1:]:
        scores[extra] = evaluate_scores(
            changed_scores(extra, query, gallery, benchmark, statistics),
            query_labels=asked,
            gallery_labels=answers,
            rule=benchmark.rule,
            average_precision=settings.average_precision,
        )
    return Evaluation(benchmark, weights, settings, query, gallery, tuple(ranks), scores)


def changed_scores(
    extra: Extra, query: Floats, gallery: Floats, benchmark: Benchmark, statistics: Statistics | None
) -> Floats:
    """Score each pair by more than its cosine.

    Args:
        extra: by what.
        query: (q, d) rows of length 1.
        gallery: (g, d) rows of length 1.
        benchmark: whose query and gallery these are.
        statistics: of its training part, where they are asked for.

    Returns:
        (q, g) scores; higher is more alike.
    """
    if extra == "st":
        assert statistics is not None
        seen = sightings(benchmark.query), sightings(benchmark.gallery)
        return joint(query @ gallery.T, statistics, query=seen[0], gallery=seen[1])
    distances = squared_distances(np.concatenate([query, gallery]))  # (q + g, q + g)
    if extra == "st+rerank":
        assert statistics is not None
        everyone = sightings((*benchmark.query, *benchmark.gallery))
        distances *= -0.5
        distances += 1  # cosines, in the same memory
        distances = joint(distances, statistics, query=everyone, gallery=everyone)
        distances *= -2
        distances += 2
    return -reranked(distances, queries=len(query))


def sightings(tracklets: Sequence[LabelledTracklet]) -> Sightings:
    """Tell where and when tracklets were seen, of a data set that tells when."""
    return Sightings(
        np.array([entry.camera for entry in tracklets], np.str_),
        np.array([entry.moment for entry in tracklets], np.float64),
    )


def _check_searchable(benchmark: Benchmark) -> None:
    for part in ("query", "gallery"):
        if not getattr(benchmark, part):
            raise DatasetError(
                f"{benchmark.name}: the {part} is empty, so there is nothing to score; give it query and gallery"
            )


def _statistics(benchmark: Benchmark) -> Statistics:
    """Learn how much later people are seen by which camera, from the training labels alone."""
    everyone = (*benchmark.train, *benchmark.query, *benchmark.gallery)
    if any(entry.moment is None for entry in everyone):
        raise RecipeError(
            f"{benchmark.name} does not tell when its pictures were taken, which --spacetime needs; leave it out "
            "(market-1501 and veri-776 do tell)"
        )
    return learn(sightings(benchmark.train), Labels.of(benchmark.train).identities)

"""The plaza: are people told apart whom the world of `samples/` made, and their twins in the same clothes?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from reid.data.mars import load_mars
from reid.data.reading import Layout
from reid.data.records import Benchmark, Rule
from reid.embedder import choose_device
from reid.evaluate import Begin, EvaluationSettings, evaluate
from reid.evaluation.embedding import embed_tracklets
from reid.evaluation.histogram import ColourHistogram
from reid.evaluation.illustration import illustrate
from reid.files import write_json
from reid.ranking.distances import Floats, score_blocks
from reid.ranking.labels import Labels
from reid.ranking.metrics import AveragePrecision, Scores, match_ranks, summary
from reid.weights import Weights

LAYOUT = Layout(
    title="the plaza",
    folders=("MARS", "plaza"),
    sign="info",
    source="by drawing it: python -m samples.world tracklets",
    tree="""\
MARS/
  bbox_train/  bbox_test/  info/     as MARS has them
  info/twins.json                    {"groups": [["0002", "0004"], ...]}""",
)
Subset = Literal["standard", "twins", "among twins"]
"""People without a twin, and people with one, each searched for among all; the latter among their twins alone."""
Groups = Sequence[frozenset[str]]
HISTOGRAM = "colour histogram"
HALVES = ("coarse half", "fine half")
"""Of an embedding, in its order: does the fine-grained branch earn its place?"""
REPORT = "report.json"


@dataclass(frozen=True)
class PlazaRow:
    """What came of one way to tell people apart."""

    name: str
    weights: Weights | None
    """None of the histogram."""
    scores: dict[Subset, Scores]
    """Of the subsets that have queries."""


def score_plaza(
    root: Path,
    networks: Sequence[tuple[str, Weights]],
    settings: EvaluationSettings,
    folder: Path,
    *,
    pictures: int,
    device: str | None,
    half: bool,
    workers: int | None,
    command: str,
    begin: Begin,
) -> list[PlazaRow]:
    """Score networks, each branch of theirs alone, and a colour histogram on the plaza's test; write the report.

    Args:
        root: folder of the plaza, or the folder that holds it.
        networks: each with the name of its row.
        settings: how all are scored.
        folder: gets `report.json`, and pictures of what the first network found.
        pictures: queries shown in the pictures; 0 draws none.
        device: as for `build_embedder`.
        half: as for `build_embedder`.
        workers: processes that read pictures; None: one a core but one.
        command: what the operator typed, for the record.
        begin: told how far embedding has come.

    Raises:
        ReidError: data, weights, device or settings are not usable.
        OSError: the folder cannot be written.
    """
    benchmark, groups = load_plaza(root)
    folder.mkdir(parents=True, exist_ok=True)  # before the work, lest it be done for nothing
    rows: list[PlazaRow] = []
    for name, weights in networks:
        found = evaluate(benchmark, weights, settings, device=device, half=half, workers=workers, begin=begin)
        scores = subset_scores(found.query, found.gallery, benchmark, groups, settings.average_precision)
        if not rows:
            illustrate(found, folder, queries=pictures, device=device)
        rows.append(PlazaRow(name, weights, scores))
        if weights.design.heads == "both":
            parts = (np.hsplit(vectors, 2) for vectors in (found.query, found.gallery))
            for part, query, gallery in zip(HALVES, *parts, strict=True):
                scores = subset_scores(query, gallery, benchmark, groups, settings.average_precision)
                rows.append(PlazaRow(f"{part} of {name}", weights, scores))
    everyone, q = (*benchmark.query, *benchmark.gallery), len(benchmark.query)
    progress = begin(HISTOGRAM)
    vectors = embed_tracklets(
        ColourHistogram(), everyone, settings.viewing, workers=workers, progress=progress
    )
    scores = subset_scores(vectors[:q], vectors[q:], benchmark, groups, settings.average_precision)
    rows.append(PlazaRow(HISTOGRAM, None, scores))
    used = {"device": str(choose_device(device)), "half": half}
    content = {"command": command, "settings": asdict(settings) | used, "twins": [sorted(g) for g in groups]}
    write_json(folder / REPORT, content | {"rows": [_content(row) for row in rows]})
    return rows


def load_plaza(root: Path) -> tuple[Benchmark, list[frozenset[str]]]:
    """Read the plaza, and which identities of its test wear the same.

    Raises:
        DatasetError: something is missing or makes no sense.
    """
    folder = LAYOUT.locate(root)
    benchmark = replace(load_mars(folder, 0), name="plaza")
    there = {entry.identity for entry in benchmark.gallery}
    return benchmark, [group & there for group in read_twins(folder) if len(group & there) > 1]


def read_twins(folder: Path) -> list[frozenset[str]]:
    """Read the groups of identities that wear the same; none where no file tells of any.

    Raises:
        DatasetError: the file makes no sense.
    """
    path = folder / "info" / "twins.json"
    if not path.is_file():
        return []
    try:
        told = json.loads(path.read_text(encoding="utf-8"))["groups"]
        groups = [frozenset(f"{int(identity):04d}" for identity in group) for group in told]
    except (ValueError, TypeError, LookupError) as error:
        raise LAYOUT.malformed(path, f'is not like {{"groups": [["0002", "0004"]]}} ({error})') from error
    if sum(map(len, groups)) != len(frozenset().union(*groups)):
        raise LAYOUT.malformed(path, "has an identity in two groups")
    return groups


def subset_scores(
    query: Floats,
    gallery: Floats,
    benchmark: Benchmark,
    groups: Groups,
    average_precision: AveragePrecision = "standard",
) -> dict[Subset, Scores]:
    """Score each subset of queries by cosine; one that has no queries is left out.

    Args:
        query: (q, d) rows of the benchmark's queries.
        gallery: (g, d) rows of its gallery.
        benchmark: whose rows these are.
        groups: identities that wear the same, none in two groups.
        average_precision: its definition.

    Raises:
        DatasetError: no query of a subset has a match.
    """
    asked, answers = Labels.of(benchmark.query), Labels.of(benchmark.gallery)
    has_twin = np.isin(asked.identities, sorted(frozenset().union(*groups)))
    ranks = match_ranks(score_blocks(query, gallery), asked, answers, benchmark.rule)
    subsets = {
        "standard": [own for own, twin in zip(ranks, has_twin, strict=True) if not twin],
        "twins": [own for own, twin in zip(ranks, has_twin, strict=True) if twin],
        "among twins": [
            own
            for group in groups
            for own in _ranks_within(query, gallery, asked, answers, sorted(group), benchmark.rule)
        ],
    }
    return {name: summary(own, average_precision) for name, own in subsets.items() if own}  # type: ignore[misc]


def _ranks_within(
    query: Floats, gallery: Floats, asked: Labels, answers: Labels, group: list[str], rule: Rule
) -> list[NDArray[np.intp]]:
    """Rank as if nobody but one group were there."""
    q, g = np.isin(asked.identities, group), np.isin(answers.identities, group)
    own = [
        Labels(labels.identities[rows], labels.cameras[rows]) for labels, rows in ((asked, q), (answers, g))
    ]
    return match_ranks(score_blocks(query[q], gallery[g]), own[0], own[1], rule)


def _content(row: PlazaRow) -> dict[str, Any]:
    weights = row.weights
    return {
        "name": row.name,
        "weights": weights
        and {"path": str(weights.path), "sha256": weights.sha256, "source": weights.source},
        "scores": {subset: asdict(scores) for subset, scores in row.scores.items()},
    }

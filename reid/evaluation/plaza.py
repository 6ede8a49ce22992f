"""The plaza benchmark: rendered people of `samples/`, some with a twin in the same clothes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from reid.data.mars import load_mars
from reid.data.reading import FolderLayout
from reid.data.records import Benchmark, Rule
from reid.embedder import choose_device
from reid.evaluate import EvaluationSettings, StartProgress, evaluate
from reid.evaluation.histogram import ColourHistogram
from reid.evaluation.illustration import illustrate
from reid.files import write_json
from reid.ranking.distances import Floats, score_blocks
from reid.ranking.labels import Labels
from reid.ranking.metrics import AveragePrecision, Scores, match_ranks, summarise_ranking
from reid.tracklet_embedding import embed_entries
from reid.weights import Weights

LAYOUT = FolderLayout(
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
"""Queries without a twin; queries with twins, in the whole gallery; the latter, in the gallery of their twins."""
Groups = Sequence[frozenset[str]]
"""Identities that wear the same clothes."""
HISTOGRAM = "colour histogram"
HALVES = ("coarse half", "fine half")
"""The halves of an embedding, one per branch, in their order."""
REPORT = "report.json"


@dataclass(frozen=True)
class PlazaRow:
    """The scores of a network, of one of its branches or of the histogram."""

    name: str
    weights: Weights | None
    """None for the histogram."""
    scores: dict[Subset, Scores]
    """Scores of the subsets that have queries."""


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
    start_progress: StartProgress,
) -> list[PlazaRow]:
    """Score networks, each of their branches alone, and a colour histogram on the plaza's test; write the report.

    Args:
        root: folder of the plaza, or the folder that contains it.
        networks: networks, each with the name of its row.
        settings: how all are scored.
        folder: where `report.json` and pictures of the first network's results are written.
        pictures: number of queries shown in the pictures; 0 draws none.
        device: as for `build_embedder`.
        half: as for `build_embedder`.
        workers: processes that read images; None: one fewer than there are cores.
        command: the command as typed, for the record.
        start_progress: shows the progress of embedding.

    Raises:
        ReidError: data, weights, device or settings are not usable.
        OSError: the folder cannot be written.
    """
    benchmark, groups = load_plaza(root)
    folder.mkdir(parents=True, exist_ok=True)  # fails before the work if the folder cannot be written
    rows: list[PlazaRow] = []

    def add_row(name: str, weights: Weights | None, query: Floats, gallery: Floats) -> None:
        scores = subset_scores(query, gallery, benchmark, groups, settings.average_precision)
        rows.append(PlazaRow(name, weights, scores))

    for name, weights in networks:
        evaluation = evaluate(
            benchmark,
            weights,
            settings,
            device=device,
            half=half,
            workers=workers,
            start_progress=start_progress,
        )
        if not rows:
            illustrate(evaluation, folder, queries=pictures, device=device)
        add_row(name, weights, evaluation.query, evaluation.gallery)
        if weights.design.heads == "both":
            query_halves, gallery_halves = np.hsplit(evaluation.query, 2), np.hsplit(evaluation.gallery, 2)
            for part, query, gallery in zip(HALVES, query_halves, gallery_halves, strict=True):
                add_row(f"{part} of {name}", weights, query, gallery)
    vectors = embed_entries(
        ColourHistogram(),
        (*benchmark.query, *benchmark.gallery),
        settings.viewing,
        workers=workers,
        progress=start_progress(HISTOGRAM),
    )
    query, gallery = np.split(vectors, [len(benchmark.query)])
    add_row(HISTOGRAM, None, query, gallery)
    content = {
        "command": command,
        "settings": asdict(settings) | {"device": str(choose_device(device)), "half": half},
        "twins": [sorted(group) for group in groups],
        "rows": [_row_content(row) for row in rows],
    }
    write_json(folder / REPORT, content)
    return rows


def load_plaza(root: Path) -> tuple[Benchmark, list[frozenset[str]]]:
    """Read the plaza and the groups of its test identities that wear the same clothes.

    Raises:
        DatasetError: a file is missing or invalid.
    """
    folder = LAYOUT.locate(root)
    benchmark = replace(load_mars(folder, 0), name="plaza")
    identities = {entry.identity for entry in benchmark.gallery}
    groups = [group & identities for group in read_twins(folder)]
    return benchmark, [group for group in groups if len(group) > 1]


def read_twins(folder: Path) -> list[frozenset[str]]:
    """Read the groups of identities that wear the same clothes; none if the file is missing.

    Raises:
        DatasetError: the file is invalid.
    """
    path = folder / "info" / "twins.json"
    if not path.is_file():
        return []
    try:
        content = json.loads(path.read_text(encoding="utf-8"))["groups"]
        groups = [frozenset(f"{int(identity):04d}" for identity in group) for group in content]
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
    """Score each subset of the benchmark's (q, d) queries by cosine similarity.

    A subset without queries is left out. No identity is in two groups.

    Raises:
        DatasetError: no query of a subset has a match.
    """
    query_labels, gallery_labels = Labels.of(benchmark.query), Labels.of(benchmark.gallery)
    has_twin = np.isin(query_labels.identities, sorted(frozenset().union(*groups)))
    ranks = match_ranks(score_blocks(query, gallery), query_labels, gallery_labels, benchmark.rule)
    among_twins: list[NDArray[np.intp]] = []
    for group in groups:
        among_twins += _ranks_within_group(
            query, gallery, query_labels, gallery_labels, sorted(group), benchmark.rule
        )
    subsets: dict[Subset, list[NDArray[np.intp]]] = {
        "standard": [query_ranks for query_ranks, twin in zip(ranks, has_twin, strict=True) if not twin],
        "twins": [query_ranks for query_ranks, twin in zip(ranks, has_twin, strict=True) if twin],
        "among twins": among_twins,
    }
    return {
        subset: summarise_ranking(subset_ranks, average_precision)
        for subset, subset_ranks in subsets.items()
        if subset_ranks
    }


def _ranks_within_group(
    query: Floats, gallery: Floats, query_labels: Labels, gallery_labels: Labels, group: list[str], rule: Rule
) -> list[NDArray[np.intp]]:
    """Return the ranks of the matches if query and gallery contained one group only."""
    in_query = np.isin(query_labels.identities, group)
    in_gallery = np.isin(gallery_labels.identities, group)
    return match_ranks(
        score_blocks(query[in_query], gallery[in_gallery]),
        Labels(query_labels.identities[in_query], query_labels.cameras[in_query]),
        Labels(gallery_labels.identities[in_gallery], gallery_labels.cameras[in_gallery]),
        rule,
    )


def _row_content(row: PlazaRow) -> dict[str, Any]:
    weights = None
    if row.weights:
        path, digest, source = str(row.weights.path), row.weights.sha256, row.weights.source
        weights = {"path": path, "sha256": digest, "source": source}
    return {
        "name": row.name,
        "weights": weights,
        "scores": {subset: asdict(scores) for subset, scores in row.scores.items()},
    }

"""Report of an evaluation: the scores of checkpoints on their splits, next to the paper's."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass
from typing import Any, get_args

from reid.data.catalogue import CATALOGUE
from reid.data.counting import Count, count_differences
from reid.evaluate import EvaluationSettings
from reid.evaluation.pairing import trained_on
from reid.model.design import Design
from reid.published import (
    TABLE_8,
    Extra,
    PaperNetwork,
    PublishedScores,
    difference_in_points,
    published_scores,
)
from reid.ranking.metrics import Scores
from reid.versions import library_versions
from reid.weights import Weights

MEASURES = ("mAP", "R-1", "R-5", "R-10", "R-20", "mINP")
"""Reported scores, in the order of the paper's tables."""


@dataclass(frozen=True)
class ReportRow:
    """One score on each split, in percent."""

    measure: str
    extra: Extra
    splits: tuple[float, ...]
    paper: float | None
    comparable: bool = True
    """Whether the score was measured on the paper's data."""

    @property
    def ours(self) -> float:
        """Mean over the splits."""
        return statistics.fmean(self.splits)

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation over the splits; None for a single split."""
        return statistics.stdev(self.splits) if len(self.splits) > 1 else None

    @property
    def difference(self) -> float | None:
        """Our score minus the paper's, in percentage points; None if they are not comparable."""
        return difference_in_points(self.ours / 100, self.paper) if self.comparable else None


@dataclass(frozen=True)
class ScoredSplit:
    """The scores of a checkpoint on a split."""

    split: int
    weights: Weights
    counts: dict[str, Count]
    scores: dict[Extra, Scores]
    own: bool = True
    """Whether the checkpoint was trained on the training split of this data, as far as it records."""


@dataclass(frozen=True)
class Report:
    """The scores of checkpoints on their splits."""

    dataset: str
    """Key of the catalogue."""
    settings: EvaluationSettings
    splits: tuple[ScoredSplit, ...]
    device: str
    half: bool

    @property
    def design(self) -> Design:
        """The design of the networks, which is the same for all."""
        return self.splits[0].weights.design

    @property
    def rows(self) -> list[ReportRow]:
        """All scores, those by plain cosine similarity first."""
        records = [trained_on(split.weights.path) for split in self.splits if split.weights.path is not None]
        whole = any(about is not None and about.whole for about in records)
        rows = []
        for extra in self.settings.extras:
            scores = [_percentages(split.scores[extra]) for split in self.splits]
            paper = paper_scores(self.dataset, self.design, extra, whole=whole)
            published = (paper.mean_ap, paper.rank_1, paper.rank_5, paper.rank_10, paper.rank_20, None)
            for measure, percentage in zip(MEASURES, published, strict=True):
                values = tuple(split_scores[measure] for split_scores in scores)
                rows.append(ReportRow(measure, extra, values, percentage, comparable=self._is_paper_data))
        return rows

    @property
    def _is_paper_data(self) -> bool:
        return not count_differences(self.splits[0].counts, dict(CATALOGUE[self.dataset].counts or {}))

    @property
    def manner(self) -> str:
        """How the networks were scored, in one line."""
        viewing, scores = self.settings.viewing, [split.scores[""] for split in self.splits]
        if viewing.clip_length == 1 and CATALOGUE[self.dataset].kind == "image":
            clips = "single images"
        else:
            clips = f"up to {viewing.clips} clips of {viewing.clip_length} frames per tracklet"
        flips = "averaged with mirror images" if viewing.views == "flipped" else "not mirrored"
        queries, skipped = sum(each.queries for each in scores), sum(each.skipped for each in scores)
        return (
            f"cosine similarity, {clips}, {flips}, {self.settings.average_precision} average precision, "
            f"{queries} queries, {skipped} skipped without a match in the gallery"
        )

    @property
    def remarks(self) -> list[str]:
        """What limits a comparison with the paper."""
        remarks = []
        if any(row.paper is not None for row in self.rows):
            if self.design.backbone != "resnet50":
                remarks.append(
                    f"not comparable: the paper uses ResNet-50 backbones, this network {self.design.backbone}"
                )
            if not self._is_paper_data:
                remarks.append("no differences: this folder is not the paper's data set (see `data check`)")
        if not all(split.own for split in self.splits):
            remarks.append(
                "the network was trained on other data of the same name, perhaps on people of this test"
            )
        total = CATALOGUE[self.dataset].splits
        if len(self.splits) < total:
            numbers = ", ".join(str(split.split) for split in self.splits)
            remarks.append(f"{len(self.splits)} of {total} splits: {numbers}")
        has_spacetime = any(extra.startswith("st") for extra in self.settings.extras)
        if has_spacetime and self.settings.average_precision == "standard":
            remarks.append(
                "the paper's mAP with spatial-temporal statistics is the trapezoid's, which is another measure"
            )
        return remarks

    def content(self, command: str) -> dict[str, Any]:
        """Return the content of `report.json`; scores are in percent."""
        return {
            "command": command,
            "dataset": self.dataset,
            "network": asdict(self.design),
            "manner": self.manner,
            "remarks": self.remarks,
            "settings": asdict(self.settings) | {"device": self.device, "half": self.half},
            "measures": [
                asdict(row) | {"ours": row.ours, "deviation": row.deviation, "difference": row.difference}
                for row in self.rows
            ],
            "splits": [_split_content(split) for split in self.splits],
            "versions": library_versions(),
        }


def paper_scores(dataset: str, design: Design, extra: Extra, *, whole: bool = False) -> PublishedScores:
    """Return the paper's scores to print next to those of a network; empty if it has none.

    >>> paper_scores("mars", Design("fgreid-lite", backbone="efficientnet-lite0"), "rerank").mean_ap
    89.6
    """
    network = "fgreid" if design.variant == "fgreid-lite" else design.variant
    if network == "fgreid" and whole:
        network = "fgreid*"
    if network in get_args(PaperNetwork):
        return published_scores(dataset, network, extra) or PublishedScores()  # type: ignore[arg-type]  # checked above
    if (dataset, extra) != ("ilids-vid", ""):
        return PublishedScores()
    return PublishedScores(rank_1=TABLE_8.get((network, "imagenet"), TABLE_8.get((network, "mars"))))


def _percentages(scores: Scores) -> dict[str, float]:
    """Return the reported scores by name, in percent."""
    shares = (scores.mean_ap, *(scores.rank(k) for k in (1, 5, 10, 20)), scores.mean_inp)
    return {measure: 100 * share for measure, share in zip(MEASURES, shares, strict=True)}


def _split_content(split: ScoredSplit) -> dict[str, Any]:
    path = split.weights.path
    about = None if path is None else trained_on(path)
    return {
        "split": split.split,
        "weights": {
            "path": str(path),
            "sha256": split.weights.sha256,
            "trained_on": None if about is None else asdict(about),
        },
        "counts": {name: asdict(count) for name, count in split.counts.items()},
        "queries": split.scores[""].queries,
        "skipped": split.scores[""].skipped,
        "measures": {
            extra or "plain": _percentages(scores) | {"CMC": [100 * share for share in scores.cmc]}
            for extra, scores in split.scores.items()
        },
    }

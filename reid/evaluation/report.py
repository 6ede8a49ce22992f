"""Report: what came of scoring a checkpoint, or one a split, beside the paper's figures."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import Any, get_args

from reid.data.catalogue import CATALOGUE
from reid.data.counting import Count, differences
from reid.evaluate import EvaluationSettings
from reid.evaluation.pairing import trained_on
from reid.model.design import Design
from reid.published import TABLE_8, Extra, Figures, Network, difference, published
from reid.ranking.metrics import Scores
from reid.training.folder import PACKAGES
from reid.weights import Weights

FIGURES = ("mAP", "R-1", "R-5", "R-10", "R-20", "mINP")
"""What is reported, in the order of the paper's tables."""


@dataclass(frozen=True)
class Row:
    """One figure on each split, in percent."""

    figure: str
    extra: Extra
    splits: tuple[float, ...]
    paper: float | None
    comparable: bool = True
    """Whether ours was measured on the paper's data."""

    @property
    def ours(self) -> float:
        """Mean over the splits."""
        return statistics.fmean(self.splits)

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation over the splits; None of a single one."""
        return statistics.stdev(self.splits) if len(self.splits) > 1 else None

    @property
    def difference(self) -> float | None:
        """How much better ours is than the paper's."""
        return difference(self.ours / 100, self.paper) if self.comparable else None


@dataclass(frozen=True)
class ScoredSplit:
    """What came of one checkpoint on one split."""

    split: int
    weights: Weights
    counts: dict[str, Count]
    scores: dict[Extra, Scores]
    own: bool = True
    """Whether the checkpoint was trained on the training split that lies beside this test, as far as it tells."""


@dataclass(frozen=True)
class Report:
    """What came of all of them."""

    dataset: str
    """Key of the catalogue."""
    settings: EvaluationSettings
    splits: tuple[ScoredSplit, ...]
    device: str
    half: bool

    @property
    def design(self) -> Design:
        """What the networks are made of, one like the other."""
        return self.splits[0].weights.design

    @property
    def rows(self) -> list[Row]:
        """All figures, those by plain cosine first."""
        return [
            Row(
                figure,
                extra,
                tuple(_figures(one.scores[extra])[figure] for one in self.splits),
                _papers(beside(self.dataset, self.design, extra, whole=self._whole))[figure],
                comparable=not self._other_data,
            )
            for extra in self.settings.extras
            for figure in FIGURES
        ]

    @property
    def _other_data(self) -> str:
        """Say that the data are not the paper's, if they are not."""
        if not differences(self.splits[0].counts, dict(CATALOGUE[self.dataset].counts or {})):
            return ""
        return "this folder is not the paper's data set, so that no difference is taken (see `data check`)"

    @property
    def _whole(self) -> bool:
        """Whether the networks started from another checkpoint as a whole."""
        about = [trained_on(one.weights.path) for one in self.splits if one.weights.path is not None]
        return any(each is not None and each.whole for each in about)

    @property
    def manner(self) -> str:
        """Say in one line how it was scored."""
        viewing, scores = self.settings.viewing, [one.scores[""] for one in self.splits]
        still = viewing.clip_length == 1 and CATALOGUE[self.dataset].kind == "image"
        seen = (
            "single images"
            if still
            else f"up to {viewing.clips} clips of {viewing.clip_length} frames a tracklet"
        )
        mirrored = "averaged with their mirror images" if viewing.views == "flipped" else "not mirrored"
        return (
            f"by cosine, {seen}, {mirrored}, {self.settings.average_precision} average precision, "
            f"{sum(one.queries for one in scores)} queries, {sum(one.skipped for one in scores)} skipped for want of "
            "a match in the gallery"
        )

    @property
    def remarks(self) -> list[str]:
        """Say what else must be known to compare ours with the paper's."""
        dataset, settings = CATALOGUE[self.dataset], self.settings
        splits, found = dataset.splits, []
        if any(row.paper is not None for row in self.rows):
            found = [
                _other_network(self.design),
                self._other_data,
            ]
        if not all(one.own for one in self.splits):
            found.append(
                "the network was trained on other data of the same name: whether it knows people of this test "
                "cannot be told"
            )
        if splits > 1 and len(self.splits) < splits:
            found.append(
                f"{len(self.splits)} of {splits} splits: {', '.join(str(one.split) for one in self.splits)}"
            )
        if (
            any(extra.startswith("st") for extra in settings.extras)
            and settings.average_precision == "standard"
        ):
            found.append(
                "the paper's mAP with spatial-temporal statistics is the trapezoid's, which is another figure"
            )
        return list(filter(None, found))

    def content(self, command: str) -> dict[str, Any]:
        """Write everything down for `report.json`; figures in percent."""
        return {
            "command": command,
            "dataset": self.dataset,
            "network": asdict(self.design),
            "manner": self.manner,
            "remarks": self.remarks,
            "settings": asdict(self.settings) | {"device": self.device, "half": self.half},
            "figures": [
                asdict(row) | {"ours": row.ours, "deviation": row.deviation, "difference": row.difference}
                for row in self.rows
            ],
            "splits": [_split_content(one) for one in self.splits],
            "versions": {name: metadata.version(name) for name in PACKAGES},
        }


def beside(dataset: str, design: Design, extra: Extra, *, whole: bool = False) -> Figures:
    """Find the paper's figures to print beside those of a network; empty where it gives none.

    >>> beside("mars", Design("fgreid-lite", backbone="efficientnet-lite0"), "rerank").mean_ap
    89.6
    """
    network = "fgreid" if design.variant == "fgreid-lite" else design.variant
    if network == "fgreid" and whole:
        network = "fgreid*"
    if network in get_args(Network):
        return published(dataset, network, extra) or Figures()  # type: ignore[arg-type]  # looked up just now
    if (dataset, extra) != ("ilids-vid", ""):
        return Figures()
    return Figures(rank_1=TABLE_8.get((network, "imagenet"), TABLE_8.get((network, "mars"))))


def _other_network(design: Design) -> str:
    if design.backbone == "resnet50":
        return ""
    return f"the paper's networks have ResNet-50 backbones, ours {design.backbone}: another network"


def _figures(scores: Scores) -> dict[str, float]:
    """Give what is reported, in percent."""
    shares = (scores.mean_ap, *(scores.rank(k) for k in (1, 5, 10, 20)), scores.mean_inp)
    return {figure: 100 * share for figure, share in zip(FIGURES, shares, strict=True)}


def _papers(paper: Figures) -> dict[str, float | None]:
    given = (paper.mean_ap, paper.rank_1, paper.rank_5, paper.rank_10, paper.rank_20, None)
    return dict(zip(FIGURES, given, strict=True))


def _split_content(one: ScoredSplit) -> dict[str, Any]:
    path = one.weights.path
    about = None if path is None else trained_on(path)
    return {
        "split": one.split,
        "weights": {
            "path": str(path),
            "sha256": one.weights.sha256,
            "trained_on": None if about is None else asdict(about),
        },
        "counts": {name: asdict(found) for name, found in one.counts.items()},
        "queries": one.scores[""].queries,
        "skipped": one.scores[""].skipped,
        "figures": {
            extra or "plain": _figures(scores) | {"CMC": [100 * share for share in scores.cmc]}
            for extra, scores in one.scores.items()
        },
    }

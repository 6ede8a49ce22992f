"""Results of the paper: Pathak, Fine-Grained Re-Identification, 2020 (arXiv 2011.13475), in percent as printed.

Reports print them next to our scores for comparison. None marks values that the paper does not give. The paper
computes some of the mAP values with ST by another average precision (the trapezoid) than those without.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PaperNetwork = Literal["fgreid", "fgreid*", "baseline", "baseline-1r"]
"""`fgreid*` is pre-trained end to end on MARS; `baseline` has no pre-trained task backbone, `baseline-1r` one ResNet-50."""
Extra = Literal["", "rerank", "st", "st+rerank"]
"""Changes of the ranking: none, k-reciprocal re-ranking, transition times, or both."""


@dataclass(frozen=True)
class PublishedScores:
    """One row of a table of results, in percent."""

    mean_ap: float | None = None
    rank_1: float | None = None
    rank_5: float | None = None
    rank_10: float | None = None
    rank_20: float | None = None

    def __post_init__(self) -> None:
        ranks = [
            value for value in (self.rank_1, self.rank_5, self.rank_10, self.rank_20) if value is not None
        ]
        if ranks != sorted(ranks) or not all(0 <= value <= 100 for value in [*ranks, self.mean_ap or 0]):
            raise ValueError(f"percentages must lie in [0, 100] and grow with the rank, got {self}")


RESULTS: dict[str, dict[tuple[PaperNetwork, Extra], PublishedScores]] = {
    "mars": {
        ("baseline-1r", ""): PublishedScores(71.8, 81.2, 92.8, None, 96.6),
        ("baseline", ""): PublishedScores(81.5, 86.7, 95.0, None, 98.3),
        ("baseline", "rerank"): PublishedScores(88.1, 87.5, 95.4),
        ("fgreid", ""): PublishedScores(86.2, 89.6, 97.0, None, 98.8),
        ("fgreid", "rerank"): PublishedScores(89.6, 88.8, 96.7),
    },
    "prid-2011": {
        ("baseline-1r", ""): PublishedScores(None, 82.3, 94.4, 97.4, 99.6),
        ("baseline", ""): PublishedScores(None, 93.6, 98.2, 99.3, 99.9),
        ("fgreid", ""): PublishedScores(None, 96.1, 99.1, 99.9, 100),
    },
    "ilids-vid": {
        ("baseline-1r", ""): PublishedScores(None, 62.4, 82.9, None, 93.7),
        ("baseline", ""): PublishedScores(None, 83.2, 95.5, None, 99.2),
        ("fgreid", ""): PublishedScores(None, 91.5, 99.2, 99.8, 100),
    },
    "market-1501": {
        ("baseline-1r", ""): PublishedScores(58.0, 79.0, 91.2),
        ("baseline", ""): PublishedScores(76.3, 89.6, 96.0),
        ("fgreid", ""): PublishedScores(86.1, 94.0, 97.6),
        ("fgreid", "st"): PublishedScores(91.0, 98.2, 99.4),
        ("fgreid*", ""): PublishedScores(87.1, 94.7, 98.5),
        ("fgreid*", "st"): PublishedScores(92.5, 98.3, 99.4),
        ("fgreid*", "st+rerank"): PublishedScores(96.0, 98.1, 99.0),
    },
    "cuhk01-486": {
        ("baseline-1r", ""): PublishedScores(None, 45.8, 70.0),
        ("baseline", ""): PublishedScores(None, 78.4, 92.2),
        ("fgreid", ""): PublishedScores(None, 89.6, 96.7),
        ("fgreid*", ""): PublishedScores(None, 90.9, 97.5),
    },
    "cuhk01-100": {
        ("baseline-1r", ""): PublishedScores(rank_1=82.5, rank_10=97.0),
        ("baseline", ""): PublishedScores(rank_1=97.1, rank_10=99.3),
        ("fgreid", ""): PublishedScores(rank_1=98.9, rank_10=99.8),
        ("fgreid*", ""): PublishedScores(rank_1=99.1, rank_10=99.8),
    },
    "veri-776": {
        ("baseline-1r", ""): PublishedScores(39.8, 70.5, 83.4),
        ("baseline", ""): PublishedScores(59.7, 86.2, 93.2),
        ("fgreid", ""): PublishedScores(72.3, 91.6, 96.2),
        ("fgreid", "st"): PublishedScores(84.2, 98.4, 99.0),
        ("fgreid", "rerank"): PublishedScores(74.9, 92.2, 94.5),
        ("fgreid", "st+rerank"): PublishedScores(86.1, 95.8, 96.9),
    },
}
"""Results by data set, network and change of the ranking; those of VehicleID are missing."""

PaperWeights = Literal["imagenet", "mars"]
"""Initial weights of the fine backbone, or of the single backbone of a variant that has one."""

TABLE_8: dict[tuple[str, PaperWeights], float] = {
    ("fgreid", "mars"): 91.5,
    ("no-channel-weights", "mars"): 91.5,
    ("no-nonlocal", "mars"): 91.5,
    ("kqv", "mars"): 91.5,
    ("baseline-1r", "imagenet"): 62.4,
    ("global-only", "imagenet"): 61.4,
    ("no-global", "mars"): 87.0,
    ("baseline-1r", "mars"): 87.9,
    ("global-only", "mars"): 86.8,
    ("no-attention", "mars"): 91.2,
}
"""Table 8: rank-1 on iLIDS-VID by variant and initial weights."""

TABLE_10: dict[str, float] = {
    "": 91.5,
    "identity": 79.5,
    "triplet": 91.1,
    "osm": 91.7,
    "center": 88.7,
    "variance": 89.4,
    "rank": 92.1,
    "consistency": 88.3,
}
"""Table 10: rank-1 on iLIDS-VID by the loss that is left out; "" is the complete loss."""


def published_scores(dataset: str, network: PaperNetwork, extra: Extra = "") -> PublishedScores | None:
    """Return the paper's results, or None if it gives none.

    >>> published_scores("market-1501", "fgreid*", "st+rerank").rank_1
    98.1
    """
    return RESULTS.get(dataset, {}).get((network, extra))


def difference_in_points(ours: float, paper: float | None) -> float | None:
    """Return our share in [0, 1] minus the paper's percentage, in points with one decimal.

    >>> difference_in_points(0.8, 86.2)
    -6.2
    """
    return None if paper is None else round(100 * ours - paper, 1)

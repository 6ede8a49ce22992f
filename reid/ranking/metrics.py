"""Metrics of a ranking: mean average precision, CMC and mINP.

All metrics follow from the ranks of each query's matches; rank 1 is the most similar entry. Entries with equal
scores rank in gallery order, as in a stable sort.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reid.data.records import Rule
from reid.errors import DatasetError, ReidError
from reid.ranking.distances import Floats, score_blocks
from reid.ranking.labels import Labels, Places, Relevance, relevance

AveragePrecision = Literal["standard", "trapezoid"]
"""Mean precision at the matches, or area under the line through them (the first code of Market-1501)."""

DEEPEST = 20
"""Number of ranks of the CMC."""


@dataclass(frozen=True)
class Scores:
    """Metrics of a ranking, in [0, 1]."""

    mean_ap: float
    mean_inp: float
    """Mean inverse negative penalty (Ye et al., Deep Learning for Person Re-identification, 2021)."""
    cmc: tuple[float, ...]
    """(20,) share of queries with a match in their first 1, 2, ... 20 entries."""
    queries: int
    """Number of queries with a match; the means are over these."""
    skipped: int
    """Number of queries without a match in the gallery."""

    def __post_init__(self) -> None:
        if len(self.cmc) != DEEPEST or self.queries < 1 or self.skipped < 0:
            raise ValueError(f"expected {DEEPEST} ranks and a query, got {len(self.cmc)} and {self.queries}")

    def rank(self, k: int) -> float:
        """Return the share of queries with a match in their first `k` entries; `k` is from 1 to 20."""
        if not 1 <= k <= DEEPEST:
            raise ValueError(f"ranks 1 to {DEEPEST} are kept, not {k}")
        return self.cmc[k - 1]


def evaluate_features(
    query: Floats,
    gallery: Floats,
    *,
    query_labels: Labels,
    gallery_labels: Labels,
    rule: Rule,
    average_precision: AveragePrecision = "standard",
) -> Scores:
    """Return the metrics of (q, d) queries against a (g, d) gallery by cosine, without storing (q, g) scores.

    Raises:
        DatasetError: no query has a match.
        ReidError: a feature is not a number.
    """
    ranks = match_ranks(score_blocks(query, gallery), query_labels, gallery_labels, rule)
    return summarise_ranking(ranks, average_precision)


def evaluate_scores(
    scores: Floats,
    *,
    query_labels: Labels,
    gallery_labels: Labels,
    rule: Rule,
    average_precision: AveragePrecision = "standard",
) -> Scores:
    """Return the metrics of (q, g) scores; a higher score is more similar, so distances must be negated.

    Raises:
        DatasetError: no query has a match.
        ReidError: a score is not a number.
    """
    return summarise_ranking(match_ranks([scores], query_labels, gallery_labels, rule), average_precision)


def match_ranks(blocks: Iterable[Floats], query: Labels, gallery: Labels, rule: Rule) -> list[Places]:
    """Return, for each query, the increasing ranks of its matches, from 1; empty if it has no match.

    The blocks are (b, g) scores of successive queries; a higher score is more similar.

    >>> a, b = Labels(np.array(["ann"]), np.array(["x"])), Labels(np.array(["bob", "ann"]), np.array(["y", "y"]))
    >>> match_ranks([np.array([[0.9, 0.2]], np.float32)], a, b, "cross-camera")
    [array([2])]
    """
    rows = (row for block in blocks for row in block)
    ranks: list[Places] = []
    for row, entries in zip(rows, relevance(query, gallery, rule), strict=True):
        if row.shape != (len(gallery),):
            raise ValueError(f"expected {len(gallery)} scores per query, got {row.shape}")
        ranks.append(_ranks(row, entries, query=len(ranks)))
    return ranks


def summarise_ranking(ranks: Sequence[Places], average_precision: AveragePrecision = "standard") -> Scores:
    """Return the metrics of the result of `match_ranks`; queries without a match are skipped.

    Raises:
        DatasetError: no query has a match.
    """
    matched = [query_ranks for query_ranks in ranks if len(query_ranks)]
    if not matched:
        raise DatasetError(
            f"none of the {len(ranks)} queries has a match in the gallery; check that query and gallery share "
            "identities and, under the cross-camera rule, that different cameras saw them"
        )
    first = np.array([query_ranks[0] for query_ranks in matched])  # (n,)
    return Scores(
        mean_ap=float(np.mean([precision(query_ranks, average_precision) for query_ranks in matched])),
        mean_inp=float(np.mean([len(query_ranks) / query_ranks[-1] for query_ranks in matched])),
        cmc=tuple(float(np.mean(first <= k)) for k in range(1, DEEPEST + 1)),
        queries=len(matched),
        skipped=len(ranks) - len(matched),
    )


def precision(ranks: Places, kind: AveragePrecision = "standard") -> float:
    """Return the average precision of one query, from the increasing (m,) ranks of its m >= 1 matches.

    >>> precision(np.array([1, 4])), precision(np.array([1, 4]), "trapezoid")
    (0.75, 0.7083333333333333)
    """
    matches = np.arange(1, len(ranks) + 1)  # number of matches up to each rank
    at_match = matches / ranks
    if kind == "standard":
        return float(at_match.mean())
    before_match = np.where(ranks > 1, (matches - 1) / np.maximum(ranks - 1, 1), 1.0)  # one rank earlier
    return float((at_match + before_match).mean() / 2)


def ranked_list(row: NDArray[np.floating], entries: Relevance, *, best: int) -> Places:
    """Return the indices of the `best` entries by a query's (g,) scores, without its junk."""
    order = np.argsort(-row, kind="stable")
    return order[~np.isin(order, entries.junk)][:best]


def _ranks(row: Floats, entries: Relevance, query: int) -> Places:
    """Return the increasing ranks of one query's matches, from its (g,) scores.

    A match's rank is 1 plus the number of better entries, so the other entries need no order. Only the scores
    from the worst match's score on are sorted, as plain numbers, which is fastest.
    """
    if not len(entries.matches):
        return entries.matches
    if not np.isfinite(row).all():
        raise ReidError(
            f"query {query} has a score that is not a finite number: the weights or images are damaged"
        )
    ranked = row.copy()
    ranked[entries.junk] = -np.inf
    scores = row[entries.matches]  # (m,)
    rivals = np.sort(ranked[np.flatnonzero(ranked >= scores.min())])  # (r,) includes the matches
    first = np.searchsorted(rivals, scores, "left")
    end = np.searchsorted(rivals, scores, "right")
    better = len(rivals) - end
    for tied in np.flatnonzero(end - first > 1):
        better[tied] += np.count_nonzero(ranked[: entries.matches[tied]] == scores[tied])
    return np.sort(better) + 1

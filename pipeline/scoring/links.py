"""Links between cameras: how many a run made, how many of them are correct, and how many were possible.

A link is a pair of tracklets of different cameras that have the same identity in the run. It is correct if both show
the same true identity. A link is possible between any two tracklets of different cameras that show the same true
identity.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from pipeline.tracking.tracklets import Key

Direction = tuple[str, str]
"""Two cameras: the one that saw the object first, and the other."""


@dataclass(frozen=True)
class ScoredTracklet:
    """The identity that a run gave to a tracklet, and the true identity that it shows."""

    key: Key
    identity: int | None
    """Identity in the run; None: the tracklet was not matched."""
    person: int | None
    """True identity; None: it shows none."""
    start: float = 0.0
    """Time of the first box, in seconds on the shared timeline."""


@dataclass(frozen=True)
class Links:
    """Numbers of links in one direction between two cameras, or in all directions."""

    made: int = 0
    right: int = 0
    """Number of correct links."""
    possible: int = 0
    """Number of pairs of tracklets that show the same true identity."""
    offered: int = 0
    """Number of possible links between two matched tracklets."""
    people: int = 0
    """Number of true identities that both cameras saw, with or without tracklets."""
    people_linked: int = 0
    """Number of these with a correct link."""

    def __add__(self, other: Links) -> Links:
        return Links(
            made=self.made + other.made,
            right=self.right + other.right,
            possible=self.possible + other.possible,
            offered=self.offered + other.offered,
            people=self.people + other.people,
            people_linked=self.people_linked + other.people_linked,
        )

    @property
    def precision(self) -> float:
        """Share of the links that are correct; 1 without any link."""
        return _share(self.right, self.made)

    @property
    def recall(self) -> float:
        """Share of the possible links that were made; 1 if none was possible."""
        return _share(self.right, self.possible)

    @property
    def offered_recall(self) -> float:
        """Share of the possible links between matched tracklets that were made; 1 if none was possible."""
        return _share(self.right, self.offered)

    @property
    def people_recall(self) -> float:
        """Share of the true identities seen by both cameras that have a correct link; 1 if there are none."""
        return _share(self.people_linked, self.people)


def count_links(
    tracklets: Iterable[ScoredTracklet], first_seen: Mapping[int, Mapping[str, float]]
) -> dict[Direction, Links]:
    """Count the links in each direction between two cameras.

    Args:
        tracklets: all tracklets.
        first_seen: for each true identity, the time in seconds at which each camera first saw it.

    Returns:
        Counts by direction, in the order of names; directions without links and identities are left out.

    >>> a, b = ScoredTracklet(("gate", 1), 7, 3), ScoredTracklet(("yard", 4), 7, 3, start=9.0)
    >>> missed = ScoredTracklet(("yard", 5), 8, 3, start=20.0)
    >>> count_links([a, b, missed], {3: {"gate": 0.0, "yard": 9.0}})
    {('gate', 'yard'): Links(made=1, right=1, possible=2, offered=2, people=1, people_linked=1)}
    """
    tracklets = list(tracklets)
    counts: dict[Direction, Links] = defaultdict(Links)
    linked_people: set[tuple[int, frozenset[str]]] = set()
    for a, b in made_links(tracklets):
        right = a.person is not None and a.person == b.person
        counts[_direction(a, b)] += Links(made=1, right=right)
        if right and a.person is not None:
            linked_people.add((a.person, frozenset((a.key[0], b.key[0]))))
    for a, b in possible_links(tracklets):
        offered = a.identity is not None and b.identity is not None
        counts[_direction(a, b)] += Links(possible=1, offered=offered)
    for person, times in first_seen.items():
        for first, second in combinations(sorted(times, key=lambda camera: (times[camera], camera)), 2):
            linked = (person, frozenset((first, second))) in linked_people
            counts[first, second] += Links(people=1, people_linked=linked)
    return dict(sorted(counts.items()))


def made_links(tracklets: Iterable[ScoredTracklet]) -> list[tuple[ScoredTracklet, ScoredTracklet]]:
    """Return the pairs of tracklets of different cameras with the same identity in the run."""
    return list(_pairs((tracklet.identity, tracklet) for tracklet in tracklets))


def possible_links(tracklets: Iterable[ScoredTracklet]) -> list[tuple[ScoredTracklet, ScoredTracklet]]:
    """Return the pairs of tracklets of different cameras that show the same true identity."""
    return list(_pairs((tracklet.person, tracklet) for tracklet in tracklets))


def _pairs(
    numbered: Iterable[tuple[int | None, ScoredTracklet]],
) -> Iterator[tuple[ScoredTracklet, ScoredTracklet]]:
    """Yield the pairs of tracklets with the same number and different cameras."""
    groups: dict[int, list[ScoredTracklet]] = defaultdict(list)
    for number, tracklet in numbered:
        if number is not None:
            groups[number].append(tracklet)
    for number in sorted(groups):
        yield from ((a, b) for a, b in combinations(groups[number], 2) if a.key[0] != b.key[0])


def _direction(a: ScoredTracklet, b: ScoredTracklet) -> Direction:
    """Return the cameras of two tracklets, by their start; at the same start, by name."""
    first, second = sorted((a, b), key=lambda tracklet: (tracklet.start, tracklet.key))
    return first.key[0], second.key[0]


def _share(part: int, total: int) -> float:
    return part / total if total else 1.0

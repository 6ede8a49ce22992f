"""Which links between cameras are right, and which were possible?

A link is a pair of tracklets of different cameras that the run made one identity; it is right if both show the same
true one. Possible are the pairs of tracklets that show the same true one, whatever the run made of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from pipeline.scoring.run_boxes import Tracklet

Way = tuple[str, str]
"""The camera of who appeared first, and the other."""


@dataclass(frozen=True)
class Answer:
    """What a run says of a tracklet, and what is true."""

    tracklet: Tracklet
    identity: int | None
    """The run's; None: it took no part in matching."""
    person: int | None
    """The truth's; None: nobody's."""
    start: float = 0.0
    """Seconds on the shared timeline."""


@dataclass(frozen=True)
class Links:
    """Links of one way between two cameras, or of all."""

    made: int = 0
    right: int = 0
    possible: int = 0
    """Pairs of tracklets that show the same true identity."""
    offered: int = 0
    """Those of them that both took part in matching."""
    people: int = 0
    """True identities seen by both cameras, whether or not detector and tracker followed them."""
    people_linked: int = 0
    """Those of them with a right link."""

    def __add__(self, other: Links) -> Links:
        return Links(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))

    @property
    def precision(self) -> float:
        """Share of the links made that are right; 1 where none was made."""
        return _share(self.right, self.made)

    @property
    def recall(self) -> float:
        """Share of the possible links that were made; 1 where none was possible."""
        return _share(self.right, self.possible)

    @property
    def offered_recall(self) -> float:
        """Share of the possible links between tracklets that took part in matching."""
        return _share(self.right, self.offered)

    @property
    def people_recall(self) -> float:
        """Share of the people seen by both cameras whom a right link joins."""
        return _share(self.people_linked, self.people)


def count_links(answers: Iterable[Answer], seen: Mapping[int, Mapping[str, float]]) -> dict[Way, Links]:
    """Count links by the way they go.

    Args:
        answers: of every tracklet.
        seen: of each true identity, when each camera saw it first, in seconds.

    Returns:
        Counts by way, in the order of names; ways on which nothing happened are left out.

    >>> one, two, lost = Answer(("a", 1), 7, 3), Answer(("b", 4), 7, 3, 9.0), Answer(("b", 5), 8, 3, 20.0)
    >>> count_links([one, two, lost], {3: {"a": 0.0, "b": 9.0}})
    {('a', 'b'): Links(made=1, right=1, possible=2, offered=2, people=1, people_linked=1)}
    """
    answers = list(answers)
    counts: dict[Way, Links] = defaultdict(Links)
    joined: set[tuple[int, frozenset[str]]] = set()
    for a, b in linked(answers):
        right = a.person is not None and a.person == b.person
        counts[_way(a, b)] += Links(made=1, right=right)
        if right and a.person is not None:
            joined.add((a.person, frozenset((a.tracklet[0], b.tracklet[0]))))
    for a, b in possible(answers):
        counts[_way(a, b)] += Links(possible=1, offered=a.identity is not None and b.identity is not None)
    for person, times in seen.items():
        for one, other in combinations(sorted(times, key=lambda camera: (times[camera], camera)), 2):
            counts[one, other] += Links(people=1, people_linked=(person, frozenset((one, other))) in joined)
    return dict(sorted(counts.items()))


def linked(answers: Iterable[Answer]) -> list[tuple[Answer, Answer]]:
    """List the pairs of tracklets of different cameras that the run made one identity."""
    return list(_pairs((one.identity, one) for one in answers))


def possible(answers: Iterable[Answer]) -> list[tuple[Answer, Answer]]:
    """List the pairs of tracklets of different cameras that show one true identity."""
    return list(_pairs((one.person, one) for one in answers))


def _pairs(keyed: Iterable[tuple[int | None, Answer]]) -> Iterator[tuple[Answer, Answer]]:
    """Go through the pairs of one key and different cameras."""
    members: dict[int, list[Answer]] = defaultdict(list)
    for key, answer in keyed:
        if key is not None:
            members[key].append(answer)
    for key in sorted(members):
        yield from ((a, b) for a, b in combinations(members[key], 2) if a.tracklet[0] != b.tracklet[0])


def _way(a: Answer, b: Answer) -> Way:
    """Name the way of a pair: who appeared first comes first; of equals, the first by name."""
    first, second = sorted((a, b), key=lambda one: (one.start, one.tracklet))
    return first.tracklet[0], second.tracklet[0]


def _share(part: int, of: int) -> float:
    return part / of if of else 1.0

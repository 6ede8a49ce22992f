"""Who appears when and where, so that many short productions make one data set?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

import numpy as np

from samples.world.errors import WorldError
from samples.world.scene import KINDS, WEATHERS, Kind, Weather

Part = Literal["train", "test"]
Category = Literal["person", "vehicle"]
ROADS: tuple[Kind, ...] = ("street", "carpark")
"""Kinds of scenes in which vehicles drive or stand."""
CONVOY = 6
"""Most vehicles in one production; a car park has few more bays."""


@dataclass(frozen=True)
class Slot:
    """One production of the programme."""

    part: Part
    kind: Kind
    weather: Weather
    seed: int
    """Of its scene: no two slots share one."""
    people: tuple[int, ...]
    vehicles: tuple[int, ...]
    twins: tuple[tuple[int, int], ...] = ()
    """Of the people; the first is dressed as the second, but for one thing."""


@dataclass(frozen=True)
class Company:
    """How many take part, and in which productions they may."""

    people: int
    """In each part."""
    vehicles: int = 0
    """In each part."""
    days: int = 2
    """Productions in which each appears."""
    together: int = 14
    """People in one production."""
    twins: int = 0
    """Pairs in each part who wear the same but for one thing."""
    kinds: tuple[Kind, ...] = KINDS
    weathers: tuple[Weather, ...] = WEATHERS

    def __post_init__(self) -> None:
        if self.people + self.vehicles < 1 or min(self.people, self.vehicles) < 0:
            raise WorldError(
                f"{self.people} people and {self.vehicles} vehicles make no data set; ask for some"
            )
        if self.days < 1 or self.together < 1 or not self.kinds or not self.weathers:
            raise WorldError(
                "a programme needs at least one day, one actor together, one kind and one weather"
            )
        if not 0 <= 2 * self.twins <= self.people:
            raise WorldError(
                f"{self.twins} pairs of twins are more than {self.people} people; ask for fewer pairs"
            )
        if self.vehicles and not set(self.kinds) & set(ROADS):
            raise WorldError(
                f"vehicles need one of the kinds {', '.join(ROADS)}; ask for one, or for no vehicles"
            )

    @property
    def categories(self) -> tuple[Category, ...]:
        """What there will be to cut out."""
        there: tuple[tuple[Category, int], ...] = (("person", self.people), ("vehicle", self.vehicles))
        return tuple(category for category, count in there if count)


def programme(company: Company, part: Part, seed: int) -> list[Slot]:
    """Put together all productions of one part.

    Odd identities are for training and even ones for the test, as are odd and even scenes, so that the parts
    share neither. Each day everybody appears once, in a company drawn anew.
    """
    random = np.random.default_rng([seed, int(part == "test")])
    roads = [kind for kind in company.kinds if kind in ROADS]
    pairs = twins(company, part)
    slots: list[Slot] = []
    for _ in range(company.days):
        crowds = list(_groups(company.people, company.together, part, random))
        convoys = list(_groups(company.vehicles, min(company.together, CONVOY), part, random))
        for crowd, convoy in zip_longest(crowds, convoys, fillvalue=()):
            kinds = roads if convoy else company.kinds
            kind = kinds[random.integers(len(kinds))]
            weather = company.weathers[random.integers(len(company.weathers))]
            scene = (seed * 10_000 + len(slots)) * 2 + int(part == "train")
            alike = tuple(pair for pair in pairs if pair[0] in crowd)
            slots.append(Slot(part, kind, weather, scene, crowd, convoy, alike))
    return slots


def twins(company: Company, part: Part) -> tuple[tuple[int, int], ...]:
    """Pair a part's first identities; the first of a pair is dressed as the second, but for one thing.

    >>> twins(Company(9, twins=2), "test")
    ((4, 2), (8, 6))
    """
    own = identities(2 * company.twins, part)
    return tuple(zip(own[1::2], own[::2], strict=True))


def identities(count: int, part: Part) -> range:
    """Number the actors of a part: 1, 3, 5 ... for training, 2, 4, 6 ... for the test.

    >>> list(identities(3, "train")), list(identities(3, "test"))
    ([1, 3, 5], [2, 4, 6])
    """
    return range(1 if part == "train" else 2, 2 * count + 1, 2)


def _groups(count: int, together: int, part: Part, random: np.random.Generator) -> Iterator[tuple[int, ...]]:
    """Part everybody, in an order drawn anew, into groups of nearly one size."""
    order: Sequence[int] = random.permutation(np.asarray(identities(count, part), int)).tolist()
    groups = -(-count // together)
    for i in range(groups):
        yield tuple(sorted(order[i::groups]))

"""Who appears when and where, so that many short productions make one data set?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from samples.world.gl import WorldError
from samples.world.scene import KINDS, WEATHERS, Kind, Weather

Part = Literal["train", "test"]
Category = Literal["person", "vehicle"]
ROADS: tuple[Kind, ...] = ("street", "carpark")
"""Kinds of scenes in which vehicles drive or stand."""
INDOORS: tuple[Kind, ...] = ("corridor",)


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
    """People in one production, or vehicles."""
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
    slots: list[Slot] = []
    for _ in range(company.days):
        crowds = list(_groups(company.people, company.together, part, random))
        convoys = list(_groups(company.vehicles, company.together, part, random))
        roads = [kind for kind in company.kinds if kind in ROADS]
        for i in range(max(len(crowds), len(convoys))):
            convoy = convoys[i] if i < len(convoys) else ()
            kinds = roads if convoy else company.kinds
            slots.append(
                Slot(
                    part,
                    kinds[random.integers(len(kinds))],
                    company.weathers[random.integers(len(company.weathers))],
                    (seed * 10_000 + len(slots)) * 2 + int(part == "train"),
                    crowds[i] if i < len(crowds) else (),
                    convoy,
                )
            )
    return slots


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

"""Programme of a data set: many short productions, each with its scene, weather, people and vehicles."""

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
"""Kinds of scenes with vehicles."""
CONVOY = 6
"""Largest number of vehicles in one production; a car park has only a few more bays."""


@dataclass(frozen=True)
class Slot:
    """One production of the programme."""

    part: Part
    kind: Kind
    weather: Weather
    seed: int
    """Seed of the scene, different for each slot."""
    people: tuple[int, ...]
    """Identities of the people."""
    vehicles: tuple[int, ...]
    """Identities of the vehicles."""
    twins: tuple[tuple[int, int], ...] = ()
    """Pairs of people. The first wears the same as the second, except for one difference."""


@dataclass(frozen=True)
class ProgrammeConfig:
    """The size of a data set and the scenes that it may use."""

    people: int
    """Number of people in each part."""
    vehicles: int = 0
    """Number of vehicles in each part."""
    days: int = 2
    """Number of productions in which each actor appears."""
    together: int = 14
    """Largest number of people in one production."""
    twins: int = 0
    """Number of pairs in each part who wear the same except for one difference."""
    kinds: tuple[Kind, ...] = KINDS
    weathers: tuple[Weather, ...] = WEATHERS

    def __post_init__(self) -> None:
        if self.people + self.vehicles < 1 or min(self.people, self.vehicles) < 0:
            raise WorldError(
                f"cannot make a data set of {self.people} people and {self.vehicles} vehicles; "
                "choose at least one actor"
            )
        if self.days < 1 or self.together < 1 or not self.kinds or not self.weathers:
            raise WorldError(
                "a programme needs at least one day, one actor together, one kind and one weather"
            )
        if not 0 <= 2 * self.twins <= self.people:
            raise WorldError(
                f"{self.people} people are too few for {self.twins} pairs of twins; choose fewer pairs"
            )
        if self.vehicles and not set(self.kinds) & set(ROADS):
            raise WorldError(
                f"vehicles need one of the kinds {', '.join(ROADS)}; add one, or choose no vehicles"
            )

    @property
    def categories(self) -> tuple[Category, ...]:
        """Categories of actors in the data set."""
        counts: tuple[tuple[Category, int], ...] = (("person", self.people), ("vehicle", self.vehicles))
        return tuple(category for category, count in counts if count)


def plan_programme(config: ProgrammeConfig, part: Part, seed: int) -> list[Slot]:
    """Return all productions of one part.

    Odd identities and odd scene seeds belong to training, even ones to the test, so that the parts share neither. Each
    day everyone appears once, with newly drawn companions.
    """
    random = np.random.default_rng([seed, int(part == "test")])
    roads = [kind for kind in config.kinds if kind in ROADS]
    pairs = twins(config, part)
    slots: list[Slot] = []
    for _ in range(config.days):
        crowds = list(_draw_groups(config.people, config.together, part, random))
        convoys = list(_draw_groups(config.vehicles, min(config.together, CONVOY), part, random))
        for people, vehicles in zip_longest(crowds, convoys, fillvalue=()):
            kinds = roads if vehicles else config.kinds
            kind = kinds[random.integers(len(kinds))]
            weather = config.weathers[random.integers(len(config.weathers))]
            scene_seed = (seed * 10_000 + len(slots)) * 2 + int(part == "train")
            present_twins = tuple(pair for pair in pairs if pair[0] in people)
            slots.append(Slot(part, kind, weather, scene_seed, people, vehicles, present_twins))
    return slots


def twins(config: ProgrammeConfig, part: Part) -> tuple[tuple[int, int], ...]:
    """Return the pairs of twins among a part's first identities; the first of a pair copies the second's clothes.

    >>> twins(ProgrammeConfig(9, twins=2), "test")
    ((4, 2), (8, 6))
    """
    paired = identities(2 * config.twins, part)
    return tuple(zip(paired[1::2], paired[::2], strict=True))


def identities(count: int, part: Part) -> range:
    """Return the identities of a part: 1, 3, 5 ... for training, 2, 4, 6 ... for the test.

    >>> list(identities(3, "train")), list(identities(3, "test"))
    ([1, 3, 5], [2, 4, 6])
    """
    return range(1 if part == "train" else 2, 2 * count + 1, 2)


def _draw_groups(
    count: int, together: int, part: Part, random: np.random.Generator
) -> Iterator[tuple[int, ...]]:
    """Yield all actors of a part in random groups of nearly equal size, at most `together`."""
    order: Sequence[int] = random.permutation(np.asarray(identities(count, part), int)).tolist()
    groups = -(-count // together)
    for i in range(groups):
        yield tuple(sorted(order[i::groups]))

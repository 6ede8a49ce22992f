"""Which productions make a data set: whose, where, in which clothes and before which cameras?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from samples.world.collecting import Filming
from samples.world.footage import Opening
from samples.world.production import Plan, open_production
from samples.world.programme import Company, Slot, programme, twins
from samples.world.scene import KINDS, WEATHERS, Kind, Weather
from samples.world.sensor import Sensor, draw_sensor
from samples.world.wardrobe import Wardrobe

CLOSE: dict[Kind, float] = {"plaza": 2.5, "street": 1.4, "corridor": 2.5, "carpark": 2.5}
"""How many times narrower than those that hold the whole place views are in which people are some 130 of 540 pixels high."""


@dataclass(frozen=True)
class Gathering:
    """A data set as it is asked for; its training and its test share neither people, clothes nor scenes."""

    seed: int
    cameras: int
    """In each scene."""
    size: tuple[int, int]
    """Width and height of the pictures."""
    people: int
    vehicles: int
    days: int
    twins: int
    together: int
    seconds: float
    """Of each scene."""
    test_people: int | None
    """None for as many as in training."""
    test_wardrobe: Wardrobe
    kinds: tuple[Kind, ...]
    """Empty for all."""
    test_kinds: tuple[Kind, ...]
    """Empty for those of training."""
    weathers: tuple[Weather, ...]
    """Empty for all."""
    zoom: float | None
    """Of the cameras; None for `CLOSE` in the test, and in training for each scene its own, from 1 to that."""

    @property
    def training(self) -> Company:
        """Who takes part in training.

        Raises:
            WorldError: nobody, or more twins than people, or vehicles where there is no road.
        """
        kinds, weathers = self.kinds or KINDS, self.weathers or WEATHERS
        return Company(self.people, self.vehicles, self.days, self.together, self.twins, kinds, weathers)

    @property
    def test(self) -> Company:
        """Who takes part in the test: as in training, but for what is asked for; raises likewise."""
        own = self.training
        people = own.people if self.test_people is None else self.test_people
        alike = min(own.twins, people // 2)
        return replace(own, people=people, twins=alike, kinds=self.test_kinds or own.kinds)

    @property
    def test_twins(self) -> tuple[tuple[int, int], ...]:
        """Pairs of the test's identities who wear the same but for one thing."""
        return twins(self.test, "test")

    def filmings(self) -> list[Filming]:
        """Plan all productions of both parts, dressed from wardrobes that share nothing."""
        training, test = self.training, self.test
        slots = programme(training, "train", self.seed) + programme(test, "test", self.seed)
        return [self._filming(slot) for slot in slots]

    def _filming(self, slot: Slot) -> Filming:
        plan = Plan(
            *(slot.kind, slot.weather, slot.seed, slot.people, slot.vehicles),
            *(self.seconds, self.cameras, *self.size),
            wardrobe="train" if slot.part == "train" else self.test_wardrobe,
            looks=self.seed,
            twins=slot.twins,
            zoom=_zoom(slot) if self.zoom is None else self.zoom,
        )
        sensors = draw_sensors(slot.seed, self.cameras)
        return Filming(slot.part, Opening(open_production, plan), sensors, slot.seed)


def draw_sensors(seed: int, cameras: int) -> tuple[Sensor, ...]:
    """Draw a camera each, but in every third scene cameras of one make."""
    random = np.random.default_rng([seed, cameras])
    drawn = [draw_sensor(random, harshness=random.uniform(0.1, 0.9)) for _ in range(cameras)]
    alike = random.random() < 1 / 3
    return tuple(replace(drawn[0], rate=one.rate, offset=one.offset) if alike else one for one in drawn)


def _zoom(slot: Slot) -> float:
    """Say how close a scene's cameras look: training brings people of all sizes together."""
    share = np.random.default_rng([slot.seed, 3]).uniform() if slot.part == "train" else 1.0
    return float(np.round(CLOSE[slot.kind] ** share, 2))

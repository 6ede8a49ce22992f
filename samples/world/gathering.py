"""Plan of a data set: the productions of its training and test parts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from samples.world.collecting import Filming
from samples.world.footage import Opening
from samples.world.production import Plan, open_production
from samples.world.programme import ProgrammeConfig, Slot, plan_programme, twins
from samples.world.scene import KINDS, WEATHERS, Kind, Weather
from samples.world.sensor import Sensor, draw_sensor
from samples.world.wardrobe import Wardrobe

CLOSE: dict[Kind, float] = {"plaza": 2.5, "street": 1.4, "corridor": 2.5, "carpark": 2.5}
"""Zoom at which people are about 130 of 540 pixels high; at zoom 1 a camera sees the whole place."""


@dataclass(frozen=True)
class Gathering:
    """Options of a data set. Training and test share no people, clothes or scenes."""

    seed: int
    cameras: int
    """Number of cameras in each scene."""
    size: tuple[int, int]
    """Width and height of the images in pixels."""
    people: int
    """Number of people in each part."""
    vehicles: int
    """Number of vehicles in each part."""
    days: int
    """Number of scenes that each person or vehicle appears in."""
    twins: int
    """Number of pairs of people in each part whose looks differ in one thing only."""
    together: int
    """Largest number of people in one scene."""
    seconds: float
    """Duration of each scene."""
    test_people: int | None
    """Number of people in the test; None for as many as in training."""
    test_wardrobe: Wardrobe
    """Wardrobe of the people in the test."""
    kinds: tuple[Kind, ...]
    """Kinds of scenes; empty for all."""
    test_kinds: tuple[Kind, ...]
    """Kinds of test scenes; empty for `kinds`."""
    weathers: tuple[Weather, ...]
    """Weathers of the scenes; empty for all."""
    zoom: float | None
    """Zoom of the cameras. None: `CLOSE` in the test; each training scene draws its own from 1 to `CLOSE`."""

    @property
    def training(self) -> ProgrammeConfig:
        """The people and vehicles of the training part.

        Raises:
            WorldError: there are no people and no vehicles, too many twins, or vehicles without a kind that
                has a road.
        """
        kinds, weathers = self.kinds or KINDS, self.weathers or WEATHERS
        return ProgrammeConfig(
            self.people, self.vehicles, self.days, self.together, self.twins, kinds, weathers
        )

    @property
    def test(self) -> ProgrammeConfig:
        """The people and vehicles of the test part: as in training, except for the test options.

        Raises:
            WorldError: as for `training`.
        """
        training = self.training
        people = training.people if self.test_people is None else self.test_people
        twin_pairs = min(training.twins, people // 2)
        return replace(training, people=people, twins=twin_pairs, kinds=self.test_kinds or training.kinds)

    @property
    def test_twins(self) -> tuple[tuple[int, int], ...]:
        """Pairs of test identities whose looks differ in one thing only."""
        return twins(self.test, "test")

    def filmings(self) -> list[Filming]:
        """Plan the productions of both parts. Their wardrobes share no clothes."""
        training, test = self.training, self.test
        slots = plan_programme(training, "train", self.seed) + plan_programme(test, "test", self.seed)
        return [self._filming(slot) for slot in slots]

    def _filming(self, slot: Slot) -> Filming:
        """Plan one production."""
        plan = Plan(
            kind=slot.kind,
            weather=slot.weather,
            seed=slot.seed,
            people=slot.people,
            vehicles=slot.vehicles,
            seconds=self.seconds,
            cameras=self.cameras,
            width=self.size[0],
            height=self.size[1],
            wardrobe="train" if slot.part == "train" else self.test_wardrobe,
            looks=self.seed,
            twins=slot.twins,
            zoom=_zoom(slot) if self.zoom is None else self.zoom,
        )
        sensors = draw_sensors(slot.seed, self.cameras)
        return Filming(slot.part, Opening(open_production, plan), sensors, slot.seed)


def draw_sensors(seed: int, cameras: int) -> tuple[Sensor, ...]:
    """Draw one sensor per camera; in a third of the scenes all cameras have the same model."""
    random = np.random.default_rng([seed, cameras])
    drawn = [draw_sensor(random, harshness=random.uniform(0.1, 0.9)) for _ in range(cameras)]
    if random.random() < 1 / 3:
        return tuple(replace(drawn[0], rate=sensor.rate, offset=sensor.offset) for sensor in drawn)
    return tuple(drawn)


def _zoom(slot: Slot) -> float:
    """Draw the zoom of a scene, so that training shows people of all sizes; the test always uses `CLOSE`."""
    share = np.random.default_rng([slot.seed, 3]).uniform() if slot.part == "train" else 1.0
    return float(np.round(CLOSE[slot.kind] ** share, 2))

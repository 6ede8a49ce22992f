"""Simulation of the people and vehicles that move over a ground."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from samples.world.camera import Camera
from samples.world.itinerary import Town
from samples.world.motion import RATE, Activity, Driver, Motion, State, Walker
from samples.world.parties import Party, form_parties
from samples.world.people import People
from samples.world.scene import Ground
from samples.world.terrain import survey
from samples.world.traffic import Traffic

__all__ = ["RATE", "Activity", "Driver", "Motion", "State", "Walker", "simulate"]

WARM = 30.0  # seconds simulated before time 0, so that people are everywhere at the start
DECISION_INTERVAL = 3  # samples
FACING = 1.1  # radians by which the two people of a pair turn to each other when they stand
PAUSE = 7  # samples; shorter halts count as walking


def simulate(
    ground: Ground,
    walkers: Sequence[Walker],
    drivers: Sequence[Driver],
    seconds: float,
    random: np.random.Generator,
    views: Sequence[Camera] = (),
) -> tuple[list[Motion], list[Motion]]:
    """Simulate people and vehicles on a ground.

    In every sample two people are further apart than the sum of their radii; the two people of a pair may be
    closer, but at least `parties.BESIDE` apart. All people are on walkable ground. Nobody is inside an
    obstacle, except the seat they sit on, or inside a vehicle.

    Args:
        ground: where people walk and sit and vehicles drive.
        walkers: the people.
        drivers: the vehicles.
        seconds: duration.
        random: source of all random decisions; the same generator gives the same motions.
        views: the cameras of the scene; people mostly walk through their views.

    Returns:
        The motions of the people and those of the vehicles, by actor and time. An actor that never appears
        has none.

    Raises:
        WorldError: a walker or driver has no room, no entrance, no lane, no bay or no partner.
    """
    traffic = Traffic(ground, drivers, WARM, random)
    groups = form_parties(walkers, random)
    town = Town(ground, views, survey(ground, list(traffic.parked.values())), random)
    people = People(town, groups, WARM, seconds, random)
    start, count = -round(WARM * RATE), round(seconds * RATE) + 1
    record = Record(walkers, groups, drivers, count)
    for sample in range(start, count):
        time = sample / RATE
        present = people.present
        if (sample - start) % DECISION_INTERVAL == 0:
            people.decide(time, traffic)
            traffic.decide(time, people.place[present], people.velocity[present], people.radius[present])
        people.move(traffic)
        traffic.move(time, people.place[present], people.radius[present])
        if sample >= 0:
            record.people(sample, people)
            record.vehicles(sample, traffic)
    return record.motions(random)


class Record:
    """Hold what all actors do in each of t samples."""

    def __init__(
        self, walkers: Sequence[Walker], groups: Sequence[Party], drivers: Sequence[Driver], count: int
    ) -> None:
        """Allocate `count` samples for all actors, walkers first."""
        self.walkers, self.pushes = walkers, np.array([bool(walker.pushes) for walker in walkers], bool)
        total = len(walkers) + len(drivers)
        self.party = np.zeros(len(walkers), int)
        self.offset = np.zeros((len(walkers), 2))
        for index, group in enumerate(groups):
            self.party[list(group.members)] = index
            self.offset[list(group.members)] = group.offsets
        self.strides = [walker.stride for walker in walkers] + [1.0] * len(drivers)
        self.present = np.zeros((count, total), bool)
        self.place = np.zeros((count, total, 2))
        self.heading, self.seated, self.seat = (np.zeros((count, total)) for _ in range(3))
        self.activity = np.full((count, total), Activity.DRIVE, np.uint8)

    def people(self, sample: int, people: People) -> None:
        """Record one sample of each person of each party."""
        party, offset, columns = self.party, self.offset, slice(0, len(self.walkers))
        heading = people.heading[party]
        ahead = np.stack([np.cos(heading), np.sin(heading)], -1)
        left = np.stack([-ahead[:, 1], ahead[:, 0]], -1)
        self.present[sample, columns] = people.present[party]
        self.place[sample, columns] = people.pelvis[party] + offset[:, :1] * ahead + offset[:, 1:] * left
        pairs = np.bincount(party, minlength=1)[party] == 2
        self.heading[sample, columns] = (
            heading - pairs * np.sign(offset[:, 1]) * FACING * people.inward[party]
        )
        self.seated[sample, columns], self.seat[sample, columns] = people.seated[party], people.seat[party]
        halts = np.where(people.speed > 0.1, Activity.WALK, Activity.STAND)
        activity = np.where(people.sits, Activity.SIT, halts)[party]
        self.activity[sample, columns] = np.where(self.pushes, Activity.PUSH, activity)

    def vehicles(self, sample: int, traffic: Traffic) -> None:
        """Record one sample of each vehicle."""
        for index, box in traffic.boxes.items():
            column = len(self.walkers) + index
            self.present[sample, column] = True
            self.place[sample, column], self.heading[sample, column] = (box.x, box.y), box.heading

    def motions(self, random: np.random.Generator) -> tuple[list[Motion], list[Motion]]:
        """Return the recorded motions of the people and of the vehicles: one for each stay of each actor."""
        motions: tuple[list[Motion], list[Motion]] = ([], [])
        people = len(self.walkers)
        for column in range(self.present.shape[1]):
            edges = np.flatnonzero(np.diff(self.present[:, column], prepend=False, append=False))
            for first, end in edges.reshape(-1, 2):
                is_vehicle = int(column >= people)
                index = column - is_vehicle * people
                motions[is_vehicle].append(self.motion(column, index, slice(first, end), random.random()))
        return motions

    def motion(self, column: int, actor: int, samples: slice, phase: float) -> Motion:
        """Return the motion of one stay; `phase` is the gait cycle in which it starts."""
        place, activity = self.place[samples, column], steadied(self.activity[samples, column])
        change = np.diff(place, axis=0, prepend=place[:1])
        steps = np.hypot(change[:, 0], change[:, 1])
        steps[activity == Activity.SIT] = 0
        speed = steps * RATE
        speed[0] = speed[min(1, len(speed) - 1)]
        return Motion(
            actor=actor,
            start=samples.start / RATE,
            place=place.astype(np.float32),
            heading=np.unwrap(self.heading[samples, column]).astype(np.float32),
            speed=speed.astype(np.float32),
            phase=(phase + np.cumsum(steps) / self.strides[column]).astype(np.float32),
            activity=activity,
            seated=self.seated[samples, column].astype(np.float32),
            seat=self.seat[samples, column].astype(np.float32),
        )


def steadied(activity: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the (n,) activities with halts of less than `PAUSE` samples replaced by walking."""
    walks = maximum_filter1d((activity == Activity.WALK).astype(np.uint8), PAUSE).astype(bool)
    return np.where((activity == Activity.STAND) & walks, np.uint8(Activity.WALK), activity).astype(np.uint8)

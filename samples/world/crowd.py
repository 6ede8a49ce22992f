"""Who walks, sits and drives where? People and vehicles on a ground, from the first to the last second."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from samples.world.camera import Camera
from samples.world.itinerary import Town
from samples.world.motion import RATE, Activity, Driver, Motion, State, Walker
from samples.world.parties import Party, parties
from samples.world.people import People
from samples.world.scene import Ground
from samples.world.terrain import survey
from samples.world.traffic import Traffic

__all__ = ["RATE", "Activity", "Driver", "Motion", "State", "Walker", "simulate"]

WARM = 30.0  # seconds simulated before the first, so that it finds people everywhere
THINKING = 3  # samples between two decisions
FACING = 1.1  # radians by which those of a pair turn to each other when they stand
PAUSE = 7  # samples: shorter halts count as walking


def simulate(
    ground: Ground,
    walkers: Sequence[Walker],
    drivers: Sequence[Driver],
    seconds: float,
    random: np.random.Generator,
    views: Sequence[Camera] = (),
) -> tuple[list[Motion], list[Motion]]:
    """Let people and vehicles move over a ground.

    At every sample any two people are further apart than the sum of their radii (those of a pair, who overlap less
    than that, at least `parties.BESIDE`), nobody stands in an obstacle or a vehicle but on the seat they sit on, and
    all are on walkable ground.

    Args:
        ground: where one may walk, sit and drive.
        walkers: the people.
        drivers: the vehicles.
        seconds: how long.
        random: decides everything that is left open; the same generator gives the same motions.
        views: the scene's cameras; people mostly walk through their views.

    Returns:
        The motions of the people and of the vehicles, by actor and time; none for one who never came.

    Raises:
        WorldError: somebody has no room, no entrance, no lane, no bay or no partner.
    """
    traffic = Traffic(ground, drivers, WARM, random)
    groups = parties(walkers, random)
    town = Town(ground, views, survey(ground, list(traffic.parked.values())), random)
    people = People(town, groups, WARM, seconds, random)
    start, count = -round(WARM * RATE), round(seconds * RATE) + 1
    record = Record(walkers, groups, drivers, count)
    for sample in range(start, count):
        time = sample / RATE
        here = people.present
        if (sample - start) % THINKING == 0:
            people.decide(time, traffic)
            traffic.decide(time, people.place[here], people.velocity[here], people.radius[here])
        people.move(traffic)
        traffic.move(time, people.place[here], people.radius[here])
        if sample >= 0:
            record.people(sample, people)
            record.vehicles(sample, traffic)
    return record.motions(random)


class Record:
    """What everybody does in each of t samples."""

    def __init__(
        self, walkers: Sequence[Walker], groups: Sequence[Party], drivers: Sequence[Driver], count: int
    ) -> None:
        """Keep room for everybody, walkers first."""
        self.walkers, self.pushes = walkers, np.array([bool(walker.pushes) for walker in walkers], bool)
        total = len(walkers) + len(drivers)
        self.party = np.zeros(len(walkers), int)
        self.offset = np.zeros((len(walkers), 2))
        for index, group in enumerate(groups):
            self.party[list(group.members)] = index
            self.offset[list(group.members)] = group.offsets
        self.strides = [walker.stride for walker in walkers] + [1.0] * len(drivers)
        self.there = np.zeros((count, total), bool)
        self.place = np.zeros((count, total, 2))
        self.heading, self.seated, self.seat = (np.zeros((count, total)) for _ in range(3))
        self.activity = np.full((count, total), Activity.DRIVE, np.uint8)

    def people(self, sample: int, people: People) -> None:
        """Note where each person of each party is."""
        party, offset, who = self.party, self.offset, slice(0, len(self.walkers))
        heading = people.heading[party]
        ahead = np.stack([np.cos(heading), np.sin(heading)], -1)
        left = np.stack([-ahead[:, 1], ahead[:, 0]], -1)
        self.there[sample, who] = people.present[party]
        self.place[sample, who] = people.pelvis[party] + offset[:, :1] * ahead + offset[:, 1:] * left
        pairs = np.bincount(party, minlength=1)[party] == 2
        self.heading[sample, who] = heading - pairs * np.sign(offset[:, 1]) * FACING * people.inward[party]
        self.seated[sample, who], self.seat[sample, who] = people.seated[party], people.seat[party]
        halts = np.where(people.speed > 0.1, Activity.WALK, Activity.STAND)
        doing = np.where(people.sits, Activity.SIT, halts)[party]
        self.activity[sample, who] = np.where(self.pushes, Activity.PUSH, doing)

    def vehicles(self, sample: int, traffic: Traffic) -> None:
        """Note where each vehicle is."""
        for index, box in traffic.boxes.items():
            at = len(self.walkers) + index
            self.there[sample, at] = True
            self.place[sample, at], self.heading[sample, at] = (box.x, box.y), box.heading

    def motions(self, random: np.random.Generator) -> tuple[list[Motion], list[Motion]]:
        """Cut what was noted into motions."""
        found: tuple[list[Motion], list[Motion]] = ([], [])
        people = len(self.walkers)
        for actor in range(self.there.shape[1]):
            edges = np.flatnonzero(np.diff(self.there[:, actor], prepend=False, append=False))
            for first, end in edges.reshape(-1, 2):
                kind = int(actor >= people)
                found[kind].append(
                    self.motion(actor, actor - kind * people, slice(first, end), random.random())
                )
        return found

    def motion(self, column: int, actor: int, when: slice, phase: float) -> Motion:
        """Make one motion of one stay."""
        place, activity = self.place[when, column], steadied(self.activity[when, column])
        steps = np.hypot(*np.diff(place, axis=0, prepend=place[:1]).T)
        steps[activity == Activity.SIT] = 0
        speed = steps * RATE
        speed[0] = speed[min(1, len(speed) - 1)]
        return Motion(
            actor,
            when.start / RATE,
            place.astype(np.float32),
            np.unwrap(self.heading[when, column]).astype(np.float32),
            speed.astype(np.float32),
            (phase + np.cumsum(steps) / self.strides[column]).astype(np.float32),
            activity,
            self.seated[when, column].astype(np.float32),
            self.seat[when, column].astype(np.float32),
        )


def steadied(activity: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Let halts of less than `PAUSE` samples count as walking."""
    walks = maximum_filter1d((activity == Activity.WALK).astype(np.uint8), PAUSE).astype(bool)
    return np.where((activity == Activity.STAND) & walks, np.uint8(Activity.WALK), activity).astype(np.uint8)

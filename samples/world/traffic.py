"""How do vehicles drive? Along lanes, behind each other, and never into people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from samples.world.errors import WorldError
from samples.world.motion import RATE, Driver
from samples.world.scene import Ground, Lane, Rectangle
from samples.world.terrain import Points, distance

BRAKE, THRUST = 3.0, 1.5  # m/s²
GAP = 1.5  # metres left before what stands in the way
SIDE = 0.45  # metres beyond the vehicle's flanks that must be free
CROSSING = 2.2  # metres: lanes that come closer never carry vehicles at the same time
PAUSE = (3.0, 12.0)  # seconds away before a vehicle comes again
AHEAD = (0.0, 0.5, 1.0, 1.5)  # seconds: where people will be


class Track:
    """A lane by the metres along it."""

    def __init__(self, lane: Lane) -> None:
        """Measure a lane."""
        self.points = np.asarray(lane.points, float)
        self.metres = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(self.points, axis=0).T))])

    @property
    def end(self) -> float:
        """Length in metres."""
        return float(self.metres[-1])

    def at(self, metres: Points) -> Points:
        """(..., 2) places at (...) metres; straight on before the start and after the end."""
        inside = np.stack([np.interp(metres, self.metres, axis) for axis in self.points.T], -1)
        first, last = (unit(self.points[1] - self.points[0]), unit(self.points[-1] - self.points[-2]))
        before, after = np.minimum(metres, 0), np.maximum(metres - self.end, 0)
        return np.asarray(inside + before[..., None] * first + after[..., None] * last)

    def pose(self, metres: float, length: float) -> tuple[float, float, float]:
        """x, y and heading of a vehicle whose middle is here: a chord between its axles, which rounds corners."""
        rear, front = self.at(np.array([metres - length * 0.3, metres + length * 0.3]))
        x, y = (rear + front) / 2
        return float(x), float(y), float(np.arctan2(*(front - rear)[::-1]))


class Traffic:
    """All vehicles at one moment."""

    def __init__(
        self, ground: Ground, drivers: Sequence[Driver], warm: float, random: np.random.Generator
    ) -> None:
        """Park those who park; the others come from `warm` seconds before the start."""
        self.drivers, self.random = drivers, random
        self.tracks = [Track(lane) for lane in ground.lanes]
        self.parked = parking(ground, drivers, random)
        self.boxes = dict(self.parked)
        """Where each vehicle that is there stands now."""
        if not self.tracks and len(self.parked) < len(drivers):
            raise WorldError("vehicles that drive need a lane, and this ground has none; let them park")
        self.crossing = crossings(self.tracks)
        count = len(drivers)
        self.lane = np.full(count, -1)
        """(n,) -1 while away or parked."""
        self.metres, self.speed, self.allowed = np.zeros(count), np.zeros(count), np.zeros(count)
        moving = sum(not driver.parked for driver in drivers)
        self.comes = -warm + random.permutation(count) * 25.0 / max(moving, 1)
        """(n,) seconds when each enters."""

    def box(self, index: int, lane: int, metres: float) -> Rectangle:
        """Where a vehicle would be, whose middle is so many metres along a lane."""
        driver = self.drivers[index]
        x, y, heading = self.tracks[lane].pose(metres, driver.length)
        return Rectangle(x, y, driver.length, driver.width, heading)

    @property
    def driving(self) -> list[int]:
        """Who is on a lane."""
        return [int(index) for index in np.flatnonzero(self.lane >= 0)]

    def bodies(self) -> tuple[Points, Points, Points]:
        """The vehicles on lanes as discs, for people to avoid: (m, 2) places, (m, 2) velocities, (m,) radii."""
        places, velocities, radii = [np.empty((0, 2))], [np.empty((0, 2))], [np.empty(0)]
        for index in self.driving:
            box = self.boxes[index]
            ahead = np.array([np.cos(box.heading), np.sin(box.heading)])
            shift = np.arange(-box.length / 2 + box.width / 2, box.length / 2, box.width * 0.7)
            places.append(shift[:, None] * ahead + (box.x, box.y))
            velocities.append(np.repeat(self.speed[index] * ahead[None], len(shift), axis=0))
            radii.append(np.full(len(shift), box.width * 0.6))
        return np.concatenate(places), np.concatenate(velocities), np.concatenate(radii)

    def hit(self, place: Points, radius: Points) -> NDArray[np.bool_]:
        """Say which of (n, 2) discs touch a vehicle on a lane."""
        touched = np.zeros(len(place), bool)
        for index in self.driving:
            touched |= distance(self.boxes[index], place) < radius + 0.05
        return touched

    def decide(self, time: float, place: Points, velocity: Points, radius: Points) -> None:
        """Let vehicles enter, and set how fast each may drive past (n, 2) people."""
        for index in np.flatnonzero((self.lane < 0) & (self.comes <= time)).tolist():
            if index not in self.parked:
                self.enter(index, place, radius)
        soon = np.concatenate([place + seconds * velocity for seconds in AHEAD])
        keep = np.tile(radius, len(AHEAD))
        for index in self.driving:
            gap = min(self.gap(index, soon, keep), self.headway(index)) - GAP
            self.allowed[index] = min(self.drivers[index].speed, float(np.sqrt(2 * BRAKE * max(gap, 0))))

    def enter(self, index: int, place: Points, radius: Points) -> None:
        """Put a vehicle before the start of a lane, if one is free of vehicles and of (n, 2) people."""
        used = set(self.lane[self.lane >= 0].tolist())
        free = [
            lane for lane in range(len(self.tracks)) if not any(self.crossing[lane, other] for other in used)
        ]
        if not free:
            return
        lane = int(self.random.choice(free))
        driver = self.drivers[index]
        rears = [self.metres[i] - self.drivers[i].length / 2 for i in self.driving if self.lane[i] == lane]
        box = self.box(index, lane, -driver.length / 2)
        if min(rears, default=np.inf) > driver.length + 3 and (distance(box, place) > radius + 1).all():
            self.lane[index], self.metres[index], self.boxes[index] = lane, -driver.length / 2, box
            self.speed[index] = driver.speed * 0.8

    def gap(self, index: int, place: Points, radius: Points) -> float:
        """Metres of lane free of (n, 2) people before a vehicle's front."""
        driver, track = self.drivers[index], self.tracks[self.lane[index]]
        front = self.metres[index] + driver.length / 2
        sight = self.speed[index] ** 2 / (2 * BRAKE) + 6
        steps = np.arange(-0.5, sight, 0.5)
        lane = track.at(front + steps)  # (s, 2)
        far = np.hypot(*np.moveaxis(lane[:, None] - place, -1, 0))  # (s, n)
        blocked = (far < radius + driver.width / 2 + SIDE).any(axis=1)
        return float(steps[blocked.argmax()]) if blocked.any() else np.inf

    def headway(self, index: int) -> float:
        """Metres to the vehicle ahead on the same lane, plus what that one needs to brake."""
        gaps = [
            self.metres[other] - self.drivers[other].length / 2 + self.speed[other] ** 2 / (2 * BRAKE)
            for other in self.driving
            if self.lane[other] == self.lane[index] and self.metres[other] > self.metres[index]
        ]
        return float(min(gaps, default=np.inf) - self.metres[index] - self.drivers[index].length / 2)

    def move(self, time: float, place: Points, radius: Points) -> None:
        """Drive on for one sample; a vehicle that would touch one of (n, 2) people stands."""
        for index in self.driving:
            change = np.clip(self.allowed[index] - self.speed[index], -2 * BRAKE / RATE, THRUST / RATE)
            self.speed[index] = max(self.speed[index] + change, 0.0)
            lane, metres = int(self.lane[index]), self.metres[index] + self.speed[index] / RATE
            box = self.box(index, lane, metres)
            if (distance(box, place) < radius + 0.05).any():
                self.speed[index] = 0
                continue
            self.metres[index], self.boxes[index] = metres, box
            if metres > self.tracks[lane].end + box.length / 2:
                self.lane[index], self.comes[index] = -1, time + self.random.uniform(*PAUSE)
                del self.boxes[index]


def parking(ground: Ground, drivers: Sequence[Driver], random: np.random.Generator) -> dict[int, Rectangle]:
    """Give each who parks a bay of its own.

    Raises:
        WorldError: more park than there are bays.
    """
    who = [index for index, driver in enumerate(drivers) if driver.parked]
    if len(who) > len(ground.bays):
        raise WorldError(f"{len(who)} vehicles cannot park in {len(ground.bays)} bays; let fewer park")
    bays = [ground.bays[bay] for bay in random.permutation(len(ground.bays))[: len(who)]]
    return {
        index: Rectangle(bay.x, bay.y, drivers[index].length, drivers[index].width, bay.heading)
        for index, bay in zip(who, bays, strict=True)
    }


def crossings(tracks: Sequence[Track]) -> NDArray[np.bool_]:
    """(l, l) whether two lanes come too close to each other to be driven on at the same time."""
    found = np.zeros((len(tracks), len(tracks)), bool)
    lines = [track.at(np.arange(0, track.end, 0.5)) for track in tracks]
    for i, a in enumerate(lines):
        for j, b in enumerate(lines[:i]):
            found[i, j] = found[j, i] = np.hypot(*np.moveaxis(a[:, None] - b, -1, 0)).min() < CROSSING
    return found


def unit(vector: Points) -> Points:
    """Scale to length 1."""
    return np.asarray(vector / np.hypot(*vector))

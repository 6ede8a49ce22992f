"""Simulated vehicles: they follow lanes, keep distance to each other and stop for people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from samples.world.errors import WorldError
from samples.world.motion import RATE, Driver
from samples.world.scene import Ground, Lane, Rectangle
from samples.world.terrain import Points, distance

BRAKE, THRUST = 3.0, 1.5  # m/s²
GAP = 1.5  # metres between a stopped vehicle and the obstacle in front of it
SIDE = 0.45  # metres on each side of a vehicle that must be free of people
CROSSING = 2.2  # metres; two lanes that come closer are never used at the same time
PAUSE = (3.0, 12.0)  # seconds until a vehicle that left enters again
AHEAD = (0.0, 0.5, 1.0, 1.5)  # seconds ahead at which the places of people are predicted


class Track:
    """A lane with the distance along it as its coordinate."""

    def __init__(self, lane: Lane) -> None:
        """Compute the metres from the lane's start to each of its points."""
        self.points = np.asarray(lane.points, float)
        self.metres = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(self.points, axis=0).T))])

    @property
    def end(self) -> float:
        """Length of the lane in metres."""
        return float(self.metres[-1])

    def at(self, metres: Points) -> Points:
        """Return the (..., 2) places at (...) metres; the lane continues straight before its start and after its end."""
        inside = np.stack([np.interp(metres, self.metres, axis) for axis in self.points.T], -1)
        first_direction = unit(self.points[1] - self.points[0])
        last_direction = unit(self.points[-1] - self.points[-2])
        before, after = np.minimum(metres, 0), np.maximum(metres - self.end, 0)
        return np.asarray(inside + before[..., None] * first_direction + after[..., None] * last_direction)

    def pose(self, metres: float, length: float) -> tuple[float, float, float]:
        """Return x, y and heading of a vehicle with its middle at `metres`.

        Its two axles stand on the lane, which rounds corners.
        """
        rear, front = self.at(np.array([metres - length * 0.3, metres + length * 0.3]))
        x, y = (rear + front) / 2
        return float(x), float(y), float(np.arctan2(*(front - rear)[::-1]))


class Traffic:
    """The state of all n vehicles at one moment. People are passed in as discs."""

    def __init__(
        self, ground: Ground, drivers: Sequence[Driver], warm: float, random: np.random.Generator
    ) -> None:
        """Park the parked vehicles, and plan the first entry of the others from `warm` seconds before the start.

        Raises:
            WorldError: A vehicle has no lane or no bay.
        """
        self.drivers, self.random = drivers, random
        self.tracks = [Track(lane) for lane in ground.lanes]
        self.parked = assign_bays(ground, drivers, random)
        self.boxes = dict(self.parked)
        """Current outline of each present vehicle, by index."""
        if not self.tracks and len(self.parked) < len(drivers):
            raise WorldError("this ground has no lane for moving vehicles; use parked vehicles")
        self.crossing = crossings(self.tracks)
        count = len(drivers)
        self.lane = np.full(count, -1)
        """(n,) lane of each vehicle; -1 while it is away or parked."""
        self.metres, self.speed, self.allowed = np.zeros(count), np.zeros(count), np.zeros(count)
        moving = sum(not driver.parked for driver in drivers)
        self.comes = -warm + random.permutation(count) * 25.0 / max(moving, 1)
        """(n,) second at which each vehicle enters next."""

    def box(self, index: int, lane: int, metres: float) -> Rectangle:
        """Return the outline of a vehicle with its middle at `metres` along a lane."""
        driver = self.drivers[index]
        x, y, heading = self.tracks[lane].pose(metres, driver.length)
        return Rectangle(x, y, driver.length, driver.width, heading)

    @property
    def driving(self) -> list[int]:
        """Indices of the vehicles on lanes."""
        return [int(index) for index in np.flatnonzero(self.lane >= 0)]

    def bodies(self) -> tuple[Points, Points, Points]:
        """Return discs that cover the vehicles on lanes: (m, 2) places, (m, 2) velocities in m/s and (m,) radii."""
        places, velocities, radii = [np.empty((0, 2))], [np.empty((0, 2))], [np.empty(0)]
        for index in self.driving:
            box = self.boxes[index]
            ahead = np.array([np.cos(box.heading), np.sin(box.heading)])
            offsets = np.arange(-box.length / 2 + box.width / 2, box.length / 2, box.width * 0.7)
            places.append(offsets[:, None] * ahead + (box.x, box.y))
            velocities.append(np.repeat(self.speed[index] * ahead[None], len(offsets), axis=0))
            radii.append(np.full(len(offsets), box.width * 0.6))
        return np.concatenate(places), np.concatenate(velocities), np.concatenate(radii)

    def hit(self, place: Points, radius: Points) -> NDArray[np.bool_]:
        """Return an (n,) mask of the discs, (n, 2) places and (n,) radii, that touch a vehicle on a lane."""
        touched = np.zeros(len(place), bool)
        for index in self.driving:
            touched |= distance(self.boxes[index], place) < radius + 0.05
        return touched

    def decide(self, time: float, place: Points, velocity: Points, radius: Points) -> None:
        """Let vehicles enter, and set the allowed speed of each.

        Args:
            time: Seconds.
            place: (n, 2) places of the people in metres.
            velocity: (n, 2) m/s.
            radius: (n,) metres.
        """
        for index in np.flatnonzero((self.lane < 0) & (self.comes <= time)).tolist():
            if index not in self.parked:
                self.enter(index, place, radius)
        predicted = np.concatenate([place + seconds * velocity for seconds in AHEAD])
        predicted_radius = np.tile(radius, len(AHEAD))
        for index in self.driving:
            gap = min(self.free_lane(index, predicted, predicted_radius), self.headway(index)) - GAP
            self.allowed[index] = min(self.drivers[index].speed, float(np.sqrt(2 * BRAKE * max(gap, 0))))

    def enter(self, index: int, place: Points, radius: Points) -> None:
        """Put a vehicle at the start of a random lane that crosses no used lane, if no vehicle or person is near."""
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

    def free_lane(self, index: int, place: Points, radius: Points) -> float:
        """Return the metres of lane in front of a vehicle that are free of people; infinity if all it sees is free."""
        driver, track = self.drivers[index], self.tracks[self.lane[index]]
        front = self.metres[index] + driver.length / 2
        sight = self.speed[index] ** 2 / (2 * BRAKE) + 6
        steps = np.arange(-0.5, sight, 0.5)
        lane = track.at(front + steps)  # (s, 2)
        distances = np.hypot(*np.moveaxis(lane[:, None] - place, -1, 0))  # (s, n)
        blocked = (distances < radius + driver.width / 2 + SIDE).any(axis=1)
        return float(steps[blocked.argmax()]) if blocked.any() else np.inf

    def headway(self, index: int) -> float:
        """Return the metres to the next vehicle on the same lane, plus the braking distance of that vehicle."""
        gaps = [
            self.metres[other] - self.drivers[other].length / 2 + self.speed[other] ** 2 / (2 * BRAKE)
            for other in self.driving
            if self.lane[other] == self.lane[index] and self.metres[other] > self.metres[index]
        ]
        return float(min(gaps, default=np.inf) - self.metres[index] - self.drivers[index].length / 2)

    def move(self, time: float, place: Points, radius: Points) -> None:
        """Move all vehicles by one sample; a vehicle that would touch a person stops."""
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


def assign_bays(
    ground: Ground, drivers: Sequence[Driver], random: np.random.Generator
) -> dict[int, Rectangle]:
    """Return the outline of each parked vehicle, by index, in a random bay of its own.

    Raises:
        WorldError: The ground has too few bays.
    """
    parked = [index for index, driver in enumerate(drivers) if driver.parked]
    if len(parked) > len(ground.bays):
        raise WorldError(
            f"{len(parked)} vehicles cannot park in {len(ground.bays)} bays; use fewer parked vehicles"
        )
    bays = [ground.bays[bay] for bay in random.permutation(len(ground.bays))[: len(parked)]]
    return {
        index: Rectangle(bay.x, bay.y, drivers[index].length, drivers[index].width, bay.heading)
        for index, bay in zip(parked, bays, strict=True)
    }


def crossings(tracks: Sequence[Track]) -> NDArray[np.bool_]:
    """Return an (l, l) mask of the pairs of lanes that come closer than `CROSSING`."""
    too_close = np.zeros((len(tracks), len(tracks)), bool)
    lines = [track.at(np.arange(0, track.end, 0.5)) for track in tracks]
    for i, first in enumerate(lines):
        for j, second in enumerate(lines[:i]):
            distances = np.hypot(*np.moveaxis(first[:, None] - second, -1, 0))
            too_close[i, j] = too_close[j, i] = distances.min() < CROSSING
    return too_close


def unit(vector: Points) -> Points:
    """Return a (2,) vector scaled to length 1."""
    return np.asarray(vector / np.hypot(*vector))

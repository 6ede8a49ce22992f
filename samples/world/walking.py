"""How do people take their steps? Turning, walking, yielding, sitting down: one sample after the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from samples.world.avoidance import settle, steer
from samples.world.motion import RATE
from samples.world.parties import Party
from samples.world.terrain import Points, Terrain
from samples.world.traffic import Traffic

SITTING = 1.0  # seconds to sit down or rise
LIMBER = 1.5  # rad/s of those who turn where they stand
BRAKE, THRUST = 2.5, 1.3  # m/s²


class Bodies:
    """All parties at one moment: arrays of p."""

    def __init__(self, terrain: Terrain, groups: Sequence[Party]) -> None:
        """Nobody is there yet."""
        count = len(groups)
        self.terrain, self.groups = terrain, groups
        self.place, self.wish = np.zeros((count, 2)), np.zeros((count, 2))
        self.heading, self.speed, self.face = np.zeros(count), np.zeros(count), np.zeros(count)
        self.inward = np.zeros(count)
        """How far a pair's members have turned to each other, 0 to 1."""
        self.seated, self.change, self.seat = np.zeros(count), np.zeros(count), np.zeros(count)
        self.back = np.zeros((count, 2))
        """Where the pelvis of one who sits will be; `place` is where the feet stand."""
        self.radius = np.array([party.radius for party in groups])
        self.present, self.stands = np.zeros(count, bool), np.zeros(count, bool)
        self.close = np.zeros(count, bool)
        """Who steps up to a seat, closer to it than else."""

    @property
    def velocity(self) -> Points:
        """(p, 2) m/s."""
        velocity: Points = self.speed[:, None] * np.stack([np.cos(self.heading), np.sin(self.heading)], -1)
        return velocity

    @property
    def pelvis(self) -> Points:
        """(p, 2) metres: above the feet, or on the way to the seat."""
        share = self.seated**2 * (3 - 2 * self.seated)
        return np.asarray(self.place + share[:, None] * (self.back - self.place))

    @property
    def sits(self) -> NDArray[np.bool_]:
        """(p,) who sits, sits down or rises."""
        return np.asarray((self.seated > 0) | (self.change != 0))

    def avoid(self, traffic: Traffic) -> None:
        """Change the wishes of those who walk so that they run into nobody."""
        walks = np.flatnonzero(self.present & (self.wish != 0).any(axis=1) & ~self.close)
        if not len(walks):
            return
        rest = np.setdiff1d(np.flatnonzero(self.present), walks)
        places, velocities, radii = traffic.bodies()
        place = np.concatenate([self.place[walks], self.place[rest], self.pelvis[self.sits], places])
        velocity = np.zeros_like(place)
        velocity[: len(walks)], velocity[len(place) - len(places) :] = self.velocity[walks], velocities
        radius = np.concatenate([self.radius[walks], self.radius[rest], self.radius[self.sits], radii])
        yields = np.arange(len(place)) < len(walks)
        self.wish[walks] = steer(self.wish[walks], place, velocity, radius, yields, self.terrain)

    def move(self, traffic: Traffic) -> None:
        """Take one sample's step: turn, walk where nothing is in the way, sit down or rise."""
        error = self.turn()
        pace = np.hypot(*self.wish.T) * np.cos(error).clip(0) ** 2
        self.speed += np.clip(pace - self.speed, -BRAKE / RATE, THRUST / RATE)
        new = self.place + self.velocity / RATE
        steps = self.present & (self.speed > 0) & self.unhindered(new, traffic)
        here, seats = np.flatnonzero(self.present), np.flatnonzero(self.sits)
        pelvis, still = self.pelvis[seats], np.ones(len(seats), bool)  # nobody walks through those who sit
        old, new = (np.concatenate([place[here], pelvis]) for place in (self.place, new))
        stays, radius = np.concatenate([~steps[here], still]), self.radius[np.concatenate([here, seats])]
        moved = here[settle(old, new, radius, stays)[: len(here)]]
        self.speed[np.setdiff1d(here, moved)] = 0
        self.place[moved] += self.velocity[moved] / RATE
        self.seated = (self.seated + self.change / (SITTING * RATE)).clip(0, 1)

    def turn(self) -> Points:
        """Turn towards the wish, or to what one who stands looks at; (p,) radians that are left."""
        walks = (self.wish != 0).any(axis=1)
        error = wrapped(
            np.where(walks, np.arctan2(self.wish[:, 1], self.wish[:, 0]), self.face) - self.heading
        )
        agility = [party.agility(speed) for party, speed in zip(self.groups, self.speed, strict=True)]
        limit = np.where(walks, agility, np.minimum(agility, LIMBER))
        self.heading += np.where(self.change == 0, np.clip(4 * error, -limit, limit) / RATE, 0)
        self.inward += np.clip(self.stands - self.inward, -1 / RATE, 1 / RATE)
        return error

    def unhindered(self, new: Points, traffic: Traffic) -> NDArray[np.bool_]:
        """(p,) whether neither walls nor vehicles nor a seat forbid a step."""
        room = self.terrain.clearance
        need = np.where(self.close, 0.02, np.minimum(self.radius, room(self.place)))
        return np.asarray((room(new) >= need) & ~traffic.hit(new, self.radius) & ~self.sits)


def wrapped(angle: Points | float) -> Points:
    """Bring angles into (-pi, pi]."""
    return np.asarray(np.pi - (np.pi - np.asarray(angle)) % (2 * np.pi))

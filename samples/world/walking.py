"""Movement of the simulated people in steps of one sample: turn, walk, yield and sit down."""

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
LIMBER = 1.5  # fastest turn in rad/s of people who stand
BRAKE, THRUST = 2.5, 1.3  # m/s²


class Bodies:
    """The state of all p parties at one moment, as arrays over the parties."""

    def __init__(self, terrain: Terrain, groups: Sequence[Party]) -> None:
        """Start with all parties absent."""
        count = len(groups)
        self.terrain, self.groups = terrain, groups
        self.place, self.wish = np.zeros((count, 2)), np.zeros((count, 2))
        """(p, 2) places of the feet in metres, and (p, 2) wished velocities in m/s."""
        self.heading, self.speed, self.face = np.zeros(count), np.zeros(count), np.zeros(count)
        """(p,) headings in radians, speeds in m/s, and the headings that standing parties turn to."""
        self.inward = np.zeros(count)
        """(p,) how far the members of a pair have turned to each other, 0 to 1."""
        self.seated, self.change, self.seat = np.zeros(count), np.zeros(count), np.zeros(count)
        """(p,) progress of sitting down, 0 to 1; its direction, 1 down and -1 up; and the height of the seat."""
        self.back = np.zeros((count, 2))
        """(p, 2) place of the pelvis once the party sits."""
        self.radius = np.array([party.radius for party in groups])
        self.present, self.stands = np.zeros(count, bool), np.zeros(count, bool)
        self.close = np.zeros(count, bool)
        """(p,) whether a party steps up to a seat, which takes it closer to obstacles than usual."""

    @property
    def velocity(self) -> Points:
        """(p, 2) velocities in m/s."""
        velocity: Points = self.speed[:, None] * np.stack([np.cos(self.heading), np.sin(self.heading)], -1)
        return velocity

    @property
    def pelvis(self) -> Points:
        """(p, 2) places of the pelvis in metres: above the feet, or on its way to the seat."""
        share = self.seated**2 * (3 - 2 * self.seated)
        return np.asarray(self.place + share[:, None] * (self.back - self.place))

    @property
    def sits(self) -> NDArray[np.bool_]:
        """(p,) whether a party sits, sits down or rises."""
        return np.asarray((self.seated > 0) | (self.change != 0))

    def avoid(self, traffic: Traffic) -> None:
        """Change the wishes of the walking parties so that they avoid people, vehicles and walls."""
        walking = np.flatnonzero(self.present & (self.wish != 0).any(axis=1) & ~self.close)
        if not len(walking):
            return
        standing = np.setdiff1d(np.flatnonzero(self.present), walking)
        vehicle_places, vehicle_velocities, vehicle_radii = traffic.bodies()
        place = np.concatenate(
            [self.place[walking], self.place[standing], self.pelvis[self.sits], vehicle_places]
        )
        velocity = np.zeros_like(place)
        velocity[: len(walking)] = self.velocity[walking]
        velocity[len(place) - len(vehicle_places) :] = vehicle_velocities
        radius = np.concatenate(
            [self.radius[walking], self.radius[standing], self.radius[self.sits], vehicle_radii]
        )
        yields = np.arange(len(place)) < len(walking)
        self.wish[walking] = steer(self.wish[walking], place, velocity, radius, yields, self.terrain)

    def move(self, traffic: Traffic) -> None:
        """Move all parties by one sample: turn, walk where nothing is in the way, sit down or rise."""
        error = self.turn()
        pace = np.hypot(*self.wish.T) * np.cos(error).clip(0) ** 2
        self.speed += np.clip(pace - self.speed, -BRAKE / RATE, THRUST / RATE)
        new = self.place + self.velocity / RATE
        steps = self.present & (self.speed > 0) & self.unhindered(new, traffic)
        present, sitting = np.flatnonzero(self.present), np.flatnonzero(self.sits)
        # the pelvis of a sitting person is a second disc, so that nobody walks through it
        pelvis, still = self.pelvis[sitting], np.ones(len(sitting), bool)
        old_discs, new_discs = (np.concatenate([place[present], pelvis]) for place in (self.place, new))
        stays = np.concatenate([~steps[present], still])
        radius = self.radius[np.concatenate([present, sitting])]
        moved = present[settle(old_discs, new_discs, radius, stays)[: len(present)]]
        self.speed[np.setdiff1d(present, moved)] = 0
        self.place[moved] += self.velocity[moved] / RATE
        self.seated = (self.seated + self.change / (SITTING * RATE)).clip(0, 1)

    def turn(self) -> Points:
        """Turn walking parties towards their wish and standing ones towards `face`; return the (p,) error in radians.

        The error is measured before the turn.
        """
        walks = (self.wish != 0).any(axis=1)
        goal = np.where(walks, np.arctan2(self.wish[:, 1], self.wish[:, 0]), self.face)
        error = wrapped(goal - self.heading)
        agility = [party.agility(speed) for party, speed in zip(self.groups, self.speed, strict=True)]
        limit = np.where(walks, agility, np.minimum(agility, LIMBER))
        self.heading += np.where(self.change == 0, np.clip(4 * error, -limit, limit) / RATE, 0)
        self.inward += np.clip(self.stands - self.inward, -1 / RATE, 1 / RATE)
        return error

    def unhindered(self, new: Points, traffic: Traffic) -> NDArray[np.bool_]:
        """Return a (p,) mask of the parties that can step to their new (p, 2) places.

        Walls and vehicles block a step, and sitting people do not step.
        """
        clearance = self.terrain.clearance
        needed = np.where(self.close, 0.02, np.minimum(self.radius, clearance(self.place)))
        return np.asarray((clearance(new) >= needed) & ~traffic.hit(new, self.radius) & ~self.sits)


def wrapped(angle: Points | float) -> Points:
    """Return angles wrapped into (-pi, pi]."""
    return np.asarray(np.pi - (np.pi - np.asarray(angle)) % (2 * np.pi))

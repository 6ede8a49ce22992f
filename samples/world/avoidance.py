"""How do people keep clear of each other? Which way to lean, and who must wait."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samples.world.terrain import Points, Terrain

ANGLES = np.radians([0, 12, -12, 25, -25, 45, -45, 70, -70, 100, -100])  # right turns are negative
FACTORS = (1.0, 0.6, 0.25)
LEANINGS = np.concatenate(
    [factor * np.exp(1j * ANGLES) for factor in FACTORS] + [np.zeros(1)]
)  # (c,) complex
LEFT = 0.03 * (LEANINGS.imag > 1e-9)  # people who meet keep right, so that not both step to the same side
NEIGHBOURS = 10
HORIZON = 3.0  # seconds
COMFORT = 0.12  # metres beyond the radii
COLLISION, WALL = 1.6, 5.0  # what a collision in one second and a wall cost, in m/s off the wish


def steer(
    wish: Points, place: Points, velocity: Points, radius: Points, yields: NDArray[np.bool_], terrain: Terrain
) -> Points:
    """Choose, for each body, the velocity near its wish that hits nobody soon.

    Reciprocal velocity obstacles: van den Berg, Lin, Manocha 2008, section 4.3 (penalty w / time to collision +
    distance from the wish). Where both yield, each takes half of the change.

    Args:
        wish: (n, 2) m/s; the first n of the bodies, which walk.
        place: (m, 2) metres, of all bodies.
        velocity: (m, 2) m/s.
        radius: (m,) metres.
        yields: (m,) whether a body steers too.
        terrain: what stands still.

    Returns:
        (n, 2) m/s.
    """
    turned = (wish[:, 0] + 1j * wish[:, 1])[:, None] * LEANINGS  # (n, c)
    choices = np.stack([turned.real, turned.imag], -1)  # (n, c, 2)
    pace = np.abs(turned[:, :1])  # (n, 1)
    cost = np.hypot(*np.moveaxis(choices - wish[:, None], -1, 0)) + LEFT * pace
    cost += 0.15 * np.hypot(*np.moveaxis(choices - velocity[: len(wish), None], -1, 0))
    cost += COLLISION / collision_times(choices, place, velocity, radius, yields) - COLLISION / HORIZON
    cost += WALL * walled(choices, place[: len(wish)], radius[: len(wish)], terrain)
    return np.asarray(choices[np.arange(len(wish)), cost.argmin(axis=1)])


def collision_times(
    choices: Points, place: Points, velocity: Points, radius: Points, yields: NDArray[np.bool_]
) -> Points:
    """Find after how many seconds each of (n, c, 2) velocities runs into a neighbour: (n, c), at most `HORIZON`."""
    count = len(choices)
    near = neighbours(place, velocity, count)  # (n, k)
    offset = place[near] - place[:count, None]  # (n, k, 2)
    both = 1.0 + yields[near]  # (n, k): 2 where the other does its half
    drift = velocity[near] + (both - 1)[..., None] * velocity[:count, None]
    relative = both[:, None, :, None] * choices[:, :, None] - drift[:, None]  # (n, c, k, 2)
    closing = (relative * offset[:, None]).sum(axis=-1)
    square = (relative**2).sum(axis=-1) + 1e-9
    apart = (offset**2).sum(axis=-1) - (radius[near] + radius[:count, None] + COMFORT) ** 2  # (n, k)
    root = closing**2 - square * apart[:, None]
    time = np.where(root > 0, (closing - np.sqrt(root.clip(0))) / square, HORIZON)
    time = np.where(closing > 0, time, HORIZON)
    return np.asarray(time.clip(0.15, HORIZON).min(axis=-1, initial=HORIZON))


def neighbours(place: Points, velocity: Points, count: int) -> NDArray[np.intp]:
    """(n, k) the bodies that the first n must mind: the near ones, and the fast from further away."""
    far = np.hypot(*np.moveaxis(place[:count, None] - place, -1, 0))
    far = far - HORIZON * np.hypot(*velocity.T)
    far[np.arange(count), np.arange(count)] = np.inf
    most = min(NEIGHBOURS, len(place) - 1)
    return np.argsort(far, axis=1, kind="stable")[:, :most]


def walled(choices: Points, place: Points, radius: Points, terrain: Terrain) -> Points:
    """(n, c) how near a wall each velocity leads: 1 within 0.4 seconds, 0.4 within 0.9, else 0."""
    need = np.minimum(radius, terrain.clearance(place))[:, None]
    soon = terrain.clearance(place[:, None] + 0.4 * choices) < need
    later = terrain.clearance(place[:, None] + 0.9 * choices) < need
    return np.where(soon, 1.0, 0.4 * later)


def settle(old: Points, new: Points, radius: Points, stays: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Decide who may step, so that no two of n come closer than the sum of their radii.

    Of two who would meet, the one with the lower index steps; one whom a stander blocks stands. If all keep their
    distance before, all do after.

    Args:
        old: (n, 2) metres before the step.
        new: (n, 2) metres after it.
        radius: (n,) metres.
        stays: (n,) who does not step anyway.

    Returns:
        (n,) who steps.
    """
    steps = ~stays
    limit = radius[:, None] + radius
    order = np.arange(len(old))
    while True:
        at = np.where(steps[:, None], new, old)
        close = np.hypot(*np.moveaxis(at[:, None] - at, -1, 0)) < limit
        np.fill_diagonal(close, False)
        loses = steps & (close & (~steps | (order < order[:, None]))).any(axis=1)
        if not loses.any():
            return steps
        steps = steps & ~loses

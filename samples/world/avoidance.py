"""Collision avoidance between people: the velocity to choose and who has to wait."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from samples.world.terrain import Points, Terrain

ANGLES = np.radians([0, 12, -12, 25, -25, 45, -45, 70, -70, 100, -100])  # right turns are negative
FACTORS = (1.0, 0.6, 0.25)
CANDIDATES = np.concatenate([factor * np.exp(1j * ANGLES) for factor in FACTORS] + [np.zeros(1)])
"""(c,) complex factors that turn and slow the preferred velocity; the last one stops."""
LEFT_PENALTY = 0.03 * (CANDIDATES.imag > 1e-9)
"""(c,) extra cost of a left turn, so that two people who meet do not step to the same side."""
NEIGHBOURS = 10
HORIZON = 3.0  # seconds
COMFORT = 0.12  # metres between two bodies beyond their radii
COLLISION, WALL = 1.6, 5.0  # costs of a collision within one second and of a wall, in m/s of deviation


def steer(
    wish: Points, place: Points, velocity: Points, radius: Points, yields: NDArray[np.bool_], terrain: Terrain
) -> Points:
    """Return, for each walking body, a velocity near its preferred one that avoids collisions.

    Reciprocal velocity obstacles: van den Berg, Lin, Manocha 2008, section 4.3 (penalty w / time to collision
    + distance from the preferred velocity). If two bodies both yield, each makes half of the change.

    Args:
        wish: (n, 2) preferred velocities in m/s of the first n bodies, which walk.
        place: (m, 2) positions in metres of all bodies.
        velocity: (m, 2) current velocities in m/s.
        radius: (m,) radii in metres.
        yields: (m,) whether a body steers too.
        terrain: free space around the fixed obstacles.

    Returns:
        (n, 2) velocities in m/s.
    """
    turned = (wish[:, 0] + 1j * wish[:, 1])[:, None] * CANDIDATES  # (n, c)
    choices = np.stack([turned.real, turned.imag], -1)  # (n, c, 2)
    pace = np.abs(turned[:, :1])  # (n, 1)
    cost = lengths(choices - wish[:, None]) + LEFT_PENALTY * pace
    cost += 0.15 * lengths(choices - velocity[: len(wish), None])
    cost += COLLISION / collision_times(choices, place, velocity, radius, yields) - COLLISION / HORIZON
    cost += WALL * wall_costs(choices, place[: len(wish)], radius[: len(wish)], terrain)
    return np.asarray(choices[np.arange(len(wish)), cost.argmin(axis=1)])


def collision_times(
    choices: Points, place: Points, velocity: Points, radius: Points, yields: NDArray[np.bool_]
) -> Points:
    """Return the (n, c) seconds, at most `HORIZON`, until each of (n, c, 2) velocities leads to a collision."""
    count = len(choices)
    near = neighbours(place, velocity, count)  # (n, k)
    offset = place[near] - place[:count, None]  # (n, k, 2)
    share = 1.0 + yields[near]  # (n, k): 2 if the neighbour makes half of the change
    drift = velocity[near] + (share - 1)[..., None] * velocity[:count, None]
    relative = share[:, None, :, None] * choices[:, :, None] - drift[:, None]  # (n, c, k, 2)
    closing = (relative * offset[:, None]).sum(axis=-1)
    square = (relative**2).sum(axis=-1) + 1e-9
    gap = (offset**2).sum(axis=-1) - (radius[near] + radius[:count, None] + COMFORT) ** 2  # (n, k)
    root = closing**2 - square * gap[:, None]
    time = np.where(root > 0, (closing - np.sqrt(root.clip(0))) / square, HORIZON)
    time = np.where(closing > 0, time, HORIZON)
    return np.asarray(time.clip(0.15, HORIZON).min(axis=-1, initial=HORIZON))


def neighbours(place: Points, velocity: Points, count: int) -> NDArray[np.intp]:
    """Return the (n, k) indices of the bodies that the first n must avoid: near ones, and fast ones further away."""
    distance = lengths(place[:count, None] - place)
    distance = distance - HORIZON * lengths(velocity)
    distance[np.arange(count), np.arange(count)] = np.inf
    k = min(NEIGHBOURS, len(place) - 1)
    return np.argsort(distance, axis=1, kind="stable")[:, :k]


def wall_costs(choices: Points, place: Points, radius: Points, terrain: Terrain) -> Points:
    """Return (n, c) costs: 1 for a velocity that reaches a wall within 0.4 s, 0.4 within 0.9 s, else 0."""
    need = np.minimum(radius, terrain.clearance(place))[:, None]
    soon = terrain.clearance(place[:, None] + 0.4 * choices) < need
    later = terrain.clearance(place[:, None] + 0.9 * choices) < need
    return np.where(soon, 1.0, 0.4 * later)


def settle(old: Points, new: Points, radius: Points, stays: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which bodies may step so that no two come closer than the sum of their radii.

    If two bodies would collide, the one with the lower index steps. A body that is blocked by a standing one
    does not step. If all bodies keep their distance before the step, all do so after it.

    Args:
        old: (n, 2) metres before the step.
        new: (n, 2) metres after the step.
        radius: (n,) metres.
        stays: (n,) whether a body stands still in any case.

    Returns:
        (n,) whether a body steps.
    """
    steps = ~stays
    limit = radius[:, None] + radius
    order = np.arange(len(old))
    while True:
        position = np.where(steps[:, None], new, old)
        close = lengths(position[:, None] - position) < limit
        np.fill_diagonal(close, False)
        blocked = steps & (close & (~steps | (order < order[:, None]))).any(axis=1)
        if not blocked.any():
            return steps
        steps = steps & ~blocked


def lengths(vectors: Points) -> Points:
    """Return the (...) lengths of (..., 2) vectors."""
    return np.hypot(vectors[..., 0], vectors[..., 1])

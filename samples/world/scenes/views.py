"""What the cameras of a scene see: which points, and what may not stand in their way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samples.world.camera import Camera
from samples.world.scene import Point, Rectangle

TALL = 2.1  # metres: nobody is taller
BAND = np.array((0.0, 0.9, TALL))


def aimed(
    name: str, eye: tuple[float, float, float], at: Point, field: float, size: tuple[int, int]
) -> Camera:
    """Hang a camera that looks at a person's middle."""
    return Camera(name, eye, (at[0], at[1], 0.8), field, size[0], size[1])


def in_view(camera: Camera, points: ArrayLike, *, margin: float = 0.0) -> NDArray[np.bool_]:
    """Tell which of (n, 3) points fall in the picture, grown by a share of its size on every side."""
    pixels, depth = camera.pixels(np.asarray(points, float))
    share = pixels / (camera.width, camera.height)
    return np.asarray((depth > 0.2) & ((share > -margin) & (share < 1 + margin)).all(axis=1))


def covered(
    eye: Sequence[float], points: NDArray[np.floating], blocks: Sequence[Rectangle]
) -> NDArray[np.bool_]:
    """Tell which of (n, 3) points stand behind a block, as seen from above: houses are taller than cameras."""
    hidden = np.zeros(len(points), bool)
    for block in blocks:
        c, s = np.cos(block.heading), np.sin(block.heading)
        turn = np.array([[c, s], [-s, c]])
        start = turn @ (np.asarray(eye[:2]) - (block.x, block.y))
        way = (points[:, :2] - np.asarray(eye[:2])) @ turn.T  # (n, 2)
        way = np.where(np.abs(way) < 1e-9, 1e-9, way)
        half = np.array((block.length, block.width)) / 2
        near, far = np.sort(np.stack([(-half - start) / way, (half - start) / way]), axis=0)
        enter, leave = near.max(axis=1), far.min(axis=1)
        hidden |= (enter < leave) & (enter > 0) & (enter < 1)
    return hidden


def hidden(cameras: Sequence[Camera], blocks: Sequence[Rectangle], point: Point) -> bool:
    """Tell whether somebody half a metre around a point is out of every view."""
    around = [
        (point[0] + dx, point[1] + dy, z) for dx in (-0.5, 0, 0.5) for dy in (-0.5, 0, 0.5) for z in BAND
    ]
    places = np.array(around)
    seen = [in_view(c, places, margin=0.03) & ~covered(c.eye, places, blocks) for c in cameras]
    return not np.any(seen)


def ground_seen(camera: Camera, reach: float = 24.0) -> NDArray[np.float64]:
    """Lay a grid of people's middles over the ground within `reach` metres and keep those in view; (n, 3)."""
    steps = np.arange(-reach, reach, 0.9)
    x, y = np.meshgrid(camera.eye[0] + steps, camera.eye[1] + steps)
    points = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, 0.9)])
    near = np.hypot(points[:, 0] - camera.eye[0], points[:, 1] - camera.eye[1]) < reach
    return points[near & in_view(camera, points)]


def blocks_view(camera: Camera, ball: tuple[float, float, float, float], ground: NDArray[np.float64]) -> bool:
    """Tell whether a ball (x, y, z, radius) is too near the camera or hides over 4 % of the ground in its view."""
    middle, radius = np.asarray(ball[:3]), ball[3]
    eye = np.asarray(camera.eye)
    away = np.linalg.norm(middle - eye)
    if away < 4 + 3 * radius and (away < radius + 0.5 or _touches(camera, middle, radius)):
        return True
    rays = ground - eye
    length = np.linalg.norm(rays, axis=1)
    rays /= length[:, None]
    along = rays @ (middle - eye)
    miss = np.linalg.norm(middle - eye - along[:, None] * rays, axis=1)
    return bool(((miss < radius) & (along > 0) & (along < length)).sum() > 0.04 * len(ground))


def _touches(camera: Camera, middle: NDArray[np.float64], radius: float) -> bool:
    steps = np.array([(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1)], float)
    return bool(in_view(camera, middle + steps * radius).any())


def free(
    cameras: Sequence[Camera],
    grounds: Sequence[NDArray[np.float64]],
    balls: Sequence[tuple[float, float, float, float]],
) -> bool:
    """Tell whether balls (x, y, z, radius) leave every camera its view."""
    return not any(blocks_view(c, b, g) for c, g in zip(cameras, grounds, strict=True) for b in balls)

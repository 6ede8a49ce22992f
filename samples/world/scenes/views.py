"""Visibility in the cameras of a scene: visible points, hidden places, and furniture that would block a view."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from samples.world.camera import Camera
from samples.world.scene import Point, Rectangle

TALL = 2.1  # metres; nobody is taller
BAND = np.array((0.0, 0.9, TALL))
"""Heights in metres at which a person is tested."""


def aimed(
    name: str, eye: tuple[float, float, float], at: Point, field: float, size: tuple[int, int]
) -> Camera:
    """Return a camera that looks at a point 0.8 m above `at`, the middle of a person."""
    return Camera(name, eye, (at[0], at[1], 0.8), field, size[0], size[1])


def in_view(camera: Camera, points: ArrayLike, *, margin: float = 0.0) -> NDArray[np.bool_]:
    """Return (n,) whether (n, 3) points are in the image; `margin` enlarges it by a share of its size on every side."""
    pixels, depth = camera.pixels(np.asarray(points, float))
    share = pixels / (camera.width, camera.height)
    return np.asarray((depth > 0.2) & ((share > -margin) & (share < 1 + margin)).all(axis=1))


def covered(
    eye: Sequence[float], points: NDArray[np.floating], blocks: Sequence[Rectangle]
) -> NDArray[np.bool_]:
    """Return (n,) whether (n, 3) points are behind a block.

    Heights are ignored: houses are taller than cameras.
    """
    hidden = np.zeros(len(points), bool)
    for block in blocks:
        cos, sin = np.cos(block.heading), np.sin(block.heading)
        rotation = np.array([[cos, sin], [-sin, cos]])
        start = rotation @ (np.asarray(eye[:2]) - (block.x, block.y))
        ray = (points[:, :2] - np.asarray(eye[:2])) @ rotation.T  # (n, 2)
        ray = np.where(np.abs(ray) < 1e-9, 1e-9, ray)
        half = np.array((block.length, block.width)) / 2
        near, far = np.sort(np.stack([(-half - start) / ray, (half - start) / ray]), axis=0)
        enter, leave = near.max(axis=1), far.min(axis=1)
        hidden |= (enter < leave) & (enter > 0) & (enter < 1)
    return hidden


def hidden(cameras: Sequence[Camera], blocks: Sequence[Rectangle], point: Point) -> bool:
    """Return whether a person within half a metre of a point is outside of every view."""
    around = [
        (point[0] + dx, point[1] + dy, z) for dx in (-0.5, 0, 0.5) for dy in (-0.5, 0, 0.5) for z in BAND
    ]
    places = np.array(around)
    visible = [
        in_view(camera, places, margin=0.03) & ~covered(camera.eye, places, blocks) for camera in cameras
    ]
    return not np.any(visible)


def ground_seen(camera: Camera, reach: float = 24.0) -> NDArray[np.float64]:
    """Return (n, 3) points in view, 0.9 m high, of a grid on the ground within `reach` metres of a camera."""
    steps = np.arange(-reach, reach, 0.9)
    x, y = np.meshgrid(camera.eye[0] + steps, camera.eye[1] + steps)
    points = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, 0.9)])
    near = np.hypot(points[:, 0] - camera.eye[0], points[:, 1] - camera.eye[1]) < reach
    return points[near & in_view(camera, points)]


def blocks_view(camera: Camera, ball: tuple[float, float, float, float], ground: NDArray[np.float64]) -> bool:
    """Return whether a ball (x, y, z, radius) is too near the camera or hides over 4 % of the ground in its view."""
    middle, radius = np.asarray(ball[:3]), ball[3]
    eye = np.asarray(camera.eye)
    distance = np.linalg.norm(middle - eye)
    if distance < 4 + 3 * radius and (distance < radius + 0.5 or _touches(camera, middle, radius)):
        return True
    rays = ground - eye
    length = np.linalg.norm(rays, axis=1)
    rays /= length[:, None]
    along = rays @ (middle - eye)
    distance_to_ray = np.linalg.norm(middle - eye - along[:, None] * rays, axis=1)
    return bool(((distance_to_ray < radius) & (along > 0) & (along < length)).sum() > 0.04 * len(ground))


def _touches(camera: Camera, middle: NDArray[np.float64], radius: float) -> bool:
    """Return whether a ball reaches into the image of a camera."""
    steps = np.array([(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1)], float)
    return bool(in_view(camera, middle + steps * radius).any())


def free(
    cameras: Sequence[Camera],
    grounds: Sequence[NDArray[np.float64]],
    balls: Sequence[tuple[float, float, float, float]],
) -> bool:
    """Return whether balls (x, y, z, radius) block the view of no camera; `grounds` are the points of `ground_seen`."""
    return not any(
        blocks_view(camera, ball, ground)
        for camera, ground in zip(cameras, grounds, strict=True)
        for ball in balls
    )

"""Room to walk: distances to the nearest obstacle, and the parts of the ground that the cameras see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from samples.world.camera import Camera
from samples.world.scene import Ground, Rectangle

CELL = 0.1  # metres
# A cell's half diagonal in metres. Rectangles grow by it, so that the thinnest pole covers a cell and gaps close.
GROWN = 0.0708
ROUNDED = 0.05  # largest error in metres of a distance between cells
SEEN_FROM, SEEN_TO = 1.5, 35.0  # range in metres in which a camera sees people
BODY = 1.0  # metres above the ground of the point that a camera must see

Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Terrain:
    """A map of the distance from each cell of the ground to the nearest place where nobody can stand."""

    corner: Points
    """(2,) place of the corner with the smallest x and y, in metres."""
    room: Points
    """(h, w) distance of each cell in metres, with an error from -0.25 to 0.1; 0 where nobody can stand."""

    def clearance(self, points: Points) -> Points:
        """Return the (...) metres of room at (..., 2) places."""
        column, row = np.moveaxis(((points - self.corner) / CELL).astype(int), -1, 0)
        height, width = self.room.shape
        clearance: Points = self.room[row.clip(0, height - 1), column.clip(0, width - 1)]
        return clearance


def survey(ground: Ground, parked: Sequence[Rectangle] = ()) -> Terrain:
    """Return the terrain of a ground; parked vehicles are obstacles."""
    corners = np.concatenate([outline(rectangle) for rectangle in ground.walkable])
    low = corners.min(axis=0) - 2 * CELL
    width, height = ((corners.max(axis=0) - low) / CELL).astype(int) + 3
    free = covered(ground.walkable, low, (height, width), GROWN)
    clear = ~covered(chain(ground.obstacles, parked), low, (height, width), GROWN)
    inside, outside = (np.asarray(distance_transform_edt(mask)) * CELL - ROUNDED for mask in (free, clear))
    return Terrain(low, np.minimum(inside - GROWN, outside).clip(0))


def covered(
    rectangles: Iterable[Rectangle], corner: Points, shape: tuple[int, int], grown: float
) -> NDArray[np.bool_]:
    """Return a mask of the cells whose middle lies in a rectangle that is grown by some metres on all sides."""
    mask = np.zeros(shape, bool)
    for rectangle in rectangles:
        corners = (outline(rectangle, grown) - corner) / CELL
        x0, y0 = np.floor(corners.min(axis=0)).astype(int).clip(0)
        x1, y1 = np.ceil(corners.max(axis=0)).astype(int).clip(0)
        rows, columns = np.mgrid[min(y0, shape[0]) : min(y1, shape[0]), min(x0, shape[1]) : min(x1, shape[1])]
        middles = np.stack([columns, rows], -1) * CELL + CELL / 2 + corner
        mask[y0:y1, x0:x1] |= distance(rectangle, middles) <= grown
    return mask


def local(rectangle: Rectangle, points: Points) -> Points:
    """Return (..., 2) places in the axes of a rectangle, relative to its middle."""
    cos, sin = np.cos(rectangle.heading), np.sin(rectangle.heading)
    return np.asarray((points - (rectangle.x, rectangle.y)) @ np.array([[cos, -sin], [sin, cos]]))


def distance(rectangle: Rectangle, points: Points) -> Points:
    """Return the (...) distance of (..., 2) places to a rectangle's edge: positive outside, negative inside.

    >>> distance(Rectangle(0, 0, 4, 2), np.array([[3.0, 0.0], [0.0, 0.0], [5.0, 5.0]])).tolist()
    [1.0, -1.0, 5.0]
    """
    beyond = np.abs(local(rectangle, points)) - (rectangle.length / 2, rectangle.width / 2)
    return np.asarray(np.hypot(*np.moveaxis(beyond.clip(0), -1, 0)) + beyond.max(axis=-1).clip(max=0))


def outline(rectangle: Rectangle, grown: float = 0.0) -> Points:
    """Return the (4, 2) corners of a rectangle that is grown by some metres on all sides."""
    cos, sin = np.cos(rectangle.heading), np.sin(rectangle.heading)
    signs = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    halves = signs * (rectangle.length / 2 + grown, rectangle.width / 2 + grown)
    return np.asarray(halves @ np.array([[cos, sin], [-sin, cos]]) + (rectangle.x, rectangle.y))


def seen(views: Sequence[Camera], points: Points) -> NDArray[np.bool_]:
    """Return a (v, n) mask of the cameras in whose view and range a person at each place is; it ignores occlusion."""
    mask = np.zeros((len(views), len(points)), bool)
    bodies = np.column_stack([points, np.full(len(points), BODY)])
    for row, camera in zip(mask, views, strict=True):
        pixels, depth = camera.pixels(bodies)
        inside = (pixels > 0).all(axis=1) & (pixels < (camera.width, camera.height)).all(axis=1)
        row[:] = inside & (depth > SEEN_FROM) & (depth < SEEN_TO)
    return mask

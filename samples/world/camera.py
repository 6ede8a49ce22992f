"""Pinhole cameras and projections from world coordinates to pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

NEAR, FAR = 0.2, 250.0  # metres

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    """A pinhole camera. Coordinates are in metres; z points up."""

    name: str
    eye: tuple[float, float, float]
    target: tuple[float, float, float]
    """The point in the world that the middle of the image shows."""
    field: float
    """Vertical field of view in degrees."""
    width: int
    """Width of the image in pixels."""
    height: int
    """Height of the image in pixels."""

    @cached_property
    def matrix(self) -> Matrix:
        """(4, 4) matrix from world to OpenGL's clip coordinates, multiplied from the left."""
        return perspective(self.field, self.width / self.height) @ look(self.eye, self.target)

    def pixels(self, points: NDArray[np.floating]) -> tuple[Matrix, Matrix]:
        """Return the (n, 2) pixels (x right, y down) and the (n,) distances along the view of (n, 3) points."""
        clip = np.column_stack([points, np.ones(len(points))]) @ self.matrix.T
        depth = np.maximum(clip[:, 3], 1e-6)
        x = (clip[:, 0] / depth * 0.5 + 0.5) * self.width
        y = (0.5 - clip[:, 1] / depth * 0.5) * self.height
        return np.column_stack([x, y]), clip[:, 3]


def look(eye: tuple[float, ...], target: tuple[float, ...], up: tuple[float, ...] = (0, 0, 1)) -> Matrix:
    """Return the (4, 4) matrix from the world to the coordinates of an eye that looks along -z."""
    position = np.asarray(eye, float)
    ahead = np.asarray(target, float) - position
    ahead /= np.linalg.norm(ahead)
    right = np.cross(ahead, np.asarray(up, float))
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(right, ahead), -ahead])
    view = np.eye(4)
    view[:3, :3], view[:3, 3] = rotation, -rotation @ position
    return view


def perspective(field: float, aspect: float) -> Matrix:
    """Return OpenGL's (4, 4) perspective matrix for a vertical field of view in degrees."""
    focal = 1 / np.tan(np.radians(field) / 2)
    matrix = np.zeros((4, 4))
    matrix[0, 0], matrix[1, 1], matrix[3, 2] = focal / aspect, focal, -1
    matrix[2, 2], matrix[2, 3] = (FAR + NEAR) / (NEAR - FAR), 2 * FAR * NEAR / (NEAR - FAR)
    return matrix


def orthographic(radius: float, near: float, far: float) -> Matrix:
    """Return OpenGL's (4, 4) parallel projection of a square with sides of twice the radius."""
    matrix = np.eye(4)
    matrix[0, 0] = matrix[1, 1] = 1 / radius
    matrix[2, 2], matrix[2, 3] = -2 / (far - near), -(far + near) / (far - near)
    return matrix

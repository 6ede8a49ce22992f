"""Kalman filters that predict boxes from constant velocity, with times in seconds.

The four observed numbers, the centre and the size of a box, do not influence each other. So each box has four
filters (Kalman, 1960) of one number each, and no matrix is inverted. Noise is in heights of the box, because a
near object looks larger and moves more pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BOX_NOISE = 0.05
"""Standard deviation of a detected box from the true box, in heights."""
SPEED_NOISE = np.array([3.0, 3.0, 0.3, 0.3])
"""Standard deviation of a new object's speed, in heights a second: a person walks at 0.7, a car drives at 7."""
SPEED_CHANGE = np.array([0.4, 0.4, 0.1, 0.1])
"""Standard deviation of the change of speed within one second, in heights a second."""


@dataclass(frozen=True, eq=False)
class Motion:
    """Hold the state of `n` boxes; the last axis is centre x, centre y, width, height in pixels."""

    position: Array
    """(n, 4) pixels."""
    velocity: Array
    """(n, 4) pixels a second."""
    covariance: Array
    """(n, 3, 4) variance of position, covariance of position and velocity, variance of velocity."""

    @classmethod
    def start(cls, boxes: NDArray[np.float32]) -> Motion:
        """Return the state of boxes that were seen once, as (n, 4) corners; their velocity is 0."""
        position = centre_and_size(boxes)
        height = position[:, 3:]  # (n, 1)
        noise = np.broadcast_to((BOX_NOISE * height) ** 2, position.shape)
        zero = np.zeros_like(position)
        covariance = np.stack([noise, zero, (SPEED_NOISE * height) ** 2], axis=1)  # (n, 3, 4)
        return cls(position, zero, covariance)

    def predict(self, seconds: float) -> Motion:
        """Return the state some seconds later; acceleration is white noise and raises the covariance."""
        position = self.position + self.velocity * seconds
        position[:, 2:] = np.maximum(position[:, 2:], 1.0)  # a box that shrinks keeps a size of 1 pixel
        noise = (SPEED_CHANGE * self.position[:, 3:]) ** 2  # (n, 4)
        variance, covariance, speed = self.covariance.transpose(1, 0, 2)  # 3 × (n, 4)
        variance = variance + 2 * seconds * covariance + seconds**2 * speed + noise * seconds**3 / 3
        covariance = covariance + seconds * speed + noise * seconds**2 / 2
        speed = speed + noise * seconds
        return Motion(position, self.velocity, np.stack([variance, covariance, speed], axis=1))

    def update(self, rows: NDArray[np.intp], boxes: NDArray[np.float32]) -> Motion:
        """Return the state after (p,) rows were seen at (p, 4) corners."""
        seen = centre_and_size(boxes)  # (p, 4)
        variance, covariance = self.covariance[rows, 0], self.covariance[rows, 1]  # (p, 4) each
        total = variance + (BOX_NOISE * seen[:, 3:]) ** 2
        error = seen - self.position[rows]
        updated = Motion(self.position.copy(), self.velocity.copy(), self.covariance.copy())
        updated.position[rows] += variance / total * error
        updated.velocity[rows] += covariance / total * error
        decrease = np.stack([variance**2, variance * covariance, covariance**2], axis=1)
        updated.covariance[rows] -= decrease / total[:, None]
        return updated

    def select(self, keep: NDArray[np.bool_] | NDArray[np.intp]) -> Motion:
        """Return some of the rows, chosen by mask or by index."""
        return Motion(self.position[keep], self.velocity[keep], self.covariance[keep])

    def join(self, other: Motion) -> Motion:
        """Return these rows followed by those of another state."""
        return Motion(
            np.concatenate([self.position, other.position]),
            np.concatenate([self.velocity, other.velocity]),
            np.concatenate([self.covariance, other.covariance]),
        )

    @property
    def boxes(self) -> NDArray[np.float32]:
        """(n, 4) corners of the current boxes."""
        centre, half = self.position[:, :2], self.position[:, 2:] / 2
        return np.concatenate([centre - half, centre + half], axis=1).astype(np.float32)


def centre_and_size(boxes: NDArray[np.float32]) -> Array:
    """Return (n, 4) corners as centre x, centre y, width, height.

    >>> centre_and_size(np.array([[0, 0, 2, 4]], np.float32)).tolist()
    [[1.0, 2.0, 2.0, 4.0]]
    """
    corners = boxes.astype(np.float64)
    return np.concatenate([(corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]], axis=1)

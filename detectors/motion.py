"""Where is a box when it is not seen? Boxes that keep their speed, in seconds.

A Kalman filter (1960) of constant velocity. Its four observed numbers, the centre and the size of a box,
do not influence each other, so the filter is four small ones side by side, without a matrix to invert.
Every noise is in heights of the box: what is near looks larger and moves more pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

JITTER = 0.05
"""Standard deviation of a detector's box about the true one, heights."""
SPEED = np.array([3.0, 3.0, 0.3, 0.3])
"""Standard deviation of an unknown object's speed, heights a second: a person walks at 0.7, a car drives at 7."""
CHANGE = np.array([0.4, 0.4, 0.1, 0.1])
"""Standard deviation of what one second adds to a speed, heights a second."""


@dataclass(frozen=True, eq=False)
class Motion:
    """What is believed of `n` boxes; the last axis is centre x, centre y, width, height in pixels."""

    place: Array
    """(n, 4) pixels."""
    speed: Array
    """(n, 4) pixels a second."""
    spread: Array
    """(n, 3, 4) variance of the place, covariance of place and speed, variance of the speed."""

    @classmethod
    def start(cls, boxes: NDArray[np.float32]) -> Motion:
        """Begin with (n, 4) corners seen once, at rest for all one knows."""
        place = centred(boxes)
        height = place[:, 3:]  # (n, 1)
        jitter = np.broadcast_to((JITTER * height) ** 2, place.shape)
        spread = np.stack([jitter, np.zeros_like(place), (SPEED * height) ** 2], axis=1)  # (n, 3, 4)
        return cls(place, np.zeros_like(place), spread)

    def after(self, seconds: float) -> Motion:
        """Let time pass: white noise on the acceleration widens what is believed."""
        place = self.place + self.speed * seconds
        place[:, 2:] = np.maximum(
            place[:, 2:], 1.0
        )  # a box that is seen to shrink does not shrink to nothing
        noise = (CHANGE * self.place[:, 3:]) ** 2  # (n, 4)
        here, both, speed = self.spread.transpose(1, 0, 2)  # 3 × (n, 4)
        here = here + 2 * seconds * both + seconds**2 * speed + noise * seconds**3 / 3
        both = both + seconds * speed + noise * seconds**2 / 2
        return Motion(place, self.speed, np.stack([here, both, speed + noise * seconds], axis=1))

    def seen(self, rows: NDArray[np.intp], boxes: NDArray[np.float32]) -> Motion:
        """Correct (p,) rows by the (p, 4) corners at which they were seen."""
        found = centred(boxes)  # (p, 4)
        here, both = self.spread[rows, 0], self.spread[rows, 1]  # (p, 4) each
        total = here + (JITTER * found[:, 3:]) ** 2
        surprise = found - self.place[rows]
        corrected = Motion(self.place.copy(), self.speed.copy(), self.spread.copy())
        corrected.place[rows] += here / total * surprise
        corrected.speed[rows] += both / total * surprise
        corrected.spread[rows] -= np.stack([here**2, here * both, both**2], axis=1) / total[:, None]
        return corrected

    def select(self, keep: NDArray[np.bool_] | NDArray[np.intp]) -> Motion:
        """Keep some, by mask or by index."""
        return Motion(self.place[keep], self.speed[keep], self.spread[keep])

    def join(self, other: Motion) -> Motion:
        """Append the boxes of another."""
        return Motion(
            np.concatenate([self.place, other.place]),
            np.concatenate([self.speed, other.speed]),
            np.concatenate([self.spread, other.spread]),
        )

    @property
    def boxes(self) -> NDArray[np.float32]:
        """(n, 4) corners of where they are."""
        half = self.place[:, 2:] / 2
        return np.concatenate([self.place[:, :2] - half, self.place[:, :2] + half], axis=1).astype(np.float32)


def centred(boxes: NDArray[np.float32]) -> Array:
    """Turn (n, 4) corners into centre x, centre y, width, height.

    >>> centred(np.array([[0, 0, 2, 4]], np.float32)).tolist()
    [[1.0, 2.0, 2.0, 4.0]]
    """
    corners = boxes.astype(np.float64)
    return np.concatenate([(corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]], axis=1)

"""A production without people: coloured rectangles that move across grey, before cameras that see the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from samples.world.camera import Camera
from samples.world.footage import Opening
from samples.world.production import Sighting

WIDTH, HEIGHT = 96, 64


@dataclass(frozen=True)
class Walk:
    """One rectangle, 16 wide and 48 tall (a vehicle 32 by 24), that comes in from the left."""

    identity: int
    category: Literal["person", "vehicle"] = "person"
    speed: float = 12.0
    """Pixels a second."""
    enters: float = 0.0
    """Seconds until its left edge is at the picture's."""
    cameras: tuple[int, ...] = (0, 1)
    share: float = 1.0
    """Of what is inside the picture, what can be seen."""


@dataclass(frozen=True)
class Rectangles:
    """What is asked for; `open_rectangles` makes it."""

    walks: tuple[Walk, ...]
    seconds: float = 2.0
    cameras: int = 2

    def opening(self) -> Opening:
        return Opening(open_rectangles, self)


class RectangleProduction:
    def __init__(self, plan: Rectangles) -> None:
        self.cameras = tuple(
            Camera(f"view{i}", (0, 0, 3), (9, 0, 1), 50, WIDTH, HEIGHT) for i in range(plan.cameras)
        )
        self.seconds = plan.seconds
        self._walks = plan.walks

    def picture(self, camera: int, time: float) -> tuple[NDArray[np.float32], list[Sighting]]:
        linear = np.full((HEIGHT, WIDTH, 3), 0.2, np.float32)
        sightings = []
        for walk in self._walks:
            wide, tall = (16, 48) if walk.category == "person" else (32, 24)
            left = walk.speed * (time - walk.enters)
            if camera not in walk.cameras or not -wide < left < WIDTH:
                continue
            shown = max(left, 0.0), 8.0, min(left + wide, float(WIDTH)), 8.0 + tall
            linear[8 : 8 + tall, round(shown[0]) : round(shown[2])] = np.eye(3, dtype=np.float32)[
                walk.identity % 3
            ]
            share = walk.share * (shown[2] - shown[0]) / wide
            full = left, 8.0, left + wide, 8.0 + tall
            sightings.append(Sighting(walk.identity, walk.category, full, shown, share))
        return linear, sightings


def open_rectangles(plan: Rectangles) -> RectangleProduction:
    return RectangleProduction(plan)

"""Where on the ground there is still room, without hiding the ground from any camera."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from samples.world.camera import Camera
from samples.world.scene import Point, Rectangle
from samples.world.scenes import views
from samples.world.scenes.site import inside

Balls = tuple[tuple[float, float], ...]
"""(z, radius) of balls that enclose what is to stand somewhere."""
TREE: Balls = ((4.6, 1.9), (1.5, 0.4))
POLE: Balls = ((4.5, 0.5), (3.0, 0.25), (1.5, 0.25))
LOW: Balls = ((0.5, 0.7),)


class Plot:
    """Hands out places, each at most once."""

    def __init__(
        self, rng: np.random.Generator, cameras: Sequence[Camera], kept_free: Sequence[Rectangle]
    ) -> None:
        """Watch over what the cameras see and over ways that must stay free."""
        self.rng = rng
        self.cameras = cameras
        self.kept_free = kept_free
        self.taken: list[tuple[float, float, float]] = []
        self.grounds = [views.ground_seen(camera) for camera in cameras]

    def spot(self, area: Rectangle, radius: float, balls: Balls) -> Point | None:
        """Find a place in an area for something of a radius; None where 40 tries find none."""
        for _ in range(40):
            along, aside = self.rng.uniform(-0.5, 0.5, 2) * (area.length, area.width)
            c, s = np.cos(area.heading), np.sin(area.heading)
            x, y = float(area.x + c * along - s * aside), float(area.y + s * along + c * aside)
            if self.may_take(x, y, radius, balls):
                return x, y
        return None

    def may_take(self, x: float, y: float, radius: float, balls: Balls) -> bool:
        """Take a place if it is free and what stands there hides too little to matter."""
        room = all(np.hypot(x - a, y - b) > radius + r + 0.9 for a, b, r in self.taken)
        clear = not any(inside(way, x, y, margin=radius + 0.7) for way in self.kept_free)
        if not (room and clear and views.free(self.cameras, self.grounds, [(x, y, z, r) for z, r in balls])):
            return False
        self.taken.append((x, y, radius))
        return True


def reachable(walkable: Sequence[Rectangle], obstacles: Sequence[Rectangle], point: Point) -> bool:
    """Tell whether somebody may stand at a point.

    >>> reachable([Rectangle(0, 0, 4, 4)], [Rectangle(1, 0, 1, 1)], (-1.0, 0.0))
    True
    >>> reachable([Rectangle(0, 0, 4, 4)], [Rectangle(1, 0, 1, 1)], (1.0, 0.0))
    False
    """
    on = any(inside(area, *point) for area in walkable)
    return on and not any(inside(block, *point, margin=0.2) for block in obstacles)

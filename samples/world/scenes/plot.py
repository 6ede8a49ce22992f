"""Free places for furniture that do not hide the ground from the cameras."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from samples.world.camera import Camera
from samples.world.scene import Point, Rectangle
from samples.world.scenes import views
from samples.world.scenes.site import inside

Balls = tuple[tuple[float, float], ...]
"""(z, radius) in metres of balls that enclose a piece of furniture."""
TREE: Balls = ((4.6, 1.9), (1.5, 0.4))
POLE: Balls = ((4.5, 0.5), (3.0, 0.25), (1.5, 0.25))
LOW: Balls = ((0.5, 0.7),)


class Plot:
    """Allocator of places for furniture."""

    def __init__(
        self, rng: np.random.Generator, cameras: Sequence[Camera], kept_free: Sequence[Rectangle]
    ) -> None:
        """Keep the views of the cameras and the areas `kept_free` clear."""
        self.rng = rng
        self.cameras = cameras
        self.kept_free = kept_free
        self.taken: list[tuple[float, float, float]] = []
        """(x, y, radius) of the taken places."""
        self.grounds = [views.ground_seen(camera) for camera in cameras]

    def spot(self, area: Rectangle, radius: float, balls: Balls) -> Point | None:
        """Take a random free place in an area for furniture of a radius; None if 40 tries fail."""
        for _ in range(40):
            along, aside = self.rng.uniform(-0.5, 0.5, 2) * (area.length, area.width)
            cos, sin = np.cos(area.heading), np.sin(area.heading)
            x, y = float(area.x + cos * along - sin * aside), float(area.y + sin * along + cos * aside)
            if self.may_take(x, y, radius, balls):
                return x, y
        return None

    def may_take(self, x: float, y: float, radius: float, balls: Balls) -> bool:
        """Take a place and return True if it is free and furniture there hides little from the cameras."""
        room = all(
            np.hypot(x - other_x, y - other_y) > radius + other_radius + 0.9
            for other_x, other_y, other_radius in self.taken
        )
        clear = not any(inside(area, x, y, margin=radius + 0.7) for area in self.kept_free)
        placed = [(x, y, z, ball_radius) for z, ball_radius in balls]
        if not (room and clear and views.free(self.cameras, self.grounds, placed)):
            return False
        self.taken.append((x, y, radius))
        return True


def reachable(walkable: Sequence[Rectangle], obstacles: Sequence[Rectangle], point: Point) -> bool:
    """Return whether a person may stand at a point.

    >>> reachable([Rectangle(0, 0, 4, 4)], [Rectangle(1, 0, 1, 1)], (-1.0, 0.0))
    True
    >>> reachable([Rectangle(0, 0, 4, 4)], [Rectangle(1, 0, 1, 1)], (1.0, 0.0))
    False
    """
    x, y = point
    on_walkable = any(inside(area, x, y) for area in walkable)
    return on_walkable and not any(inside(obstacle, x, y, margin=0.2) for obstacle in obstacles)

"""Who goes together? One person, a pair, or one with a bicycle or pram: a disc that contains them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from samples.world.errors import WorldError
from samples.world.motion import Pushed, Walker

BESIDE = 0.65  # metres between two who walk together
AGILITY = {1: 3.0, 2: 1.4}  # rad/s, by how many go together
TURNING = 1.1  # metres: the turning circle's radius of what is pushed
PUSHED: dict[Pushed, tuple[float, tuple[float, float]]] = {
    "": (0.0, (0.0, 0.0)),
    "bicycle": (0.75, (-0.15, 0.3)),  # a bicycle of 1.75 m on the right, the saddle beside the hip
    "pram": (0.7, (-0.45, 0.0)),  # a pram of 1 m in front
}
"""Radius of the disc, and where in it the person walks: metres ahead and to the left of its middle."""


@dataclass(frozen=True)
class Party:
    """Those who go together, seen as one disc."""

    members: tuple[int, ...]
    """Indices into the walkers."""
    offsets: tuple[tuple[float, float], ...]
    """Where each member walks: metres ahead and to the left of the disc's middle."""
    radius: float
    pace: float
    pushes: Pushed
    visits: tuple[tuple[float, float], ...]
    only: int | None

    @property
    def alone(self) -> bool:
        """Whether this is one person with empty hands, free to sit down anywhere and to join others who talk."""
        return len(self.members) == 1 and not self.pushes and self.only is None

    def agility(self, speed: float) -> float:
        """Fastest turn in rad/s; what is pushed needs way to turn."""
        if self.pushes:
            return min(max(speed / TURNING, 0.4), 1.3)
        return AGILITY[len(self.members)]


def parties(walkers: Sequence[Walker], random: np.random.Generator) -> list[Party]:
    """Put walkers who go together into one party.

    Raises:
        WorldError: somebody's partner does not name them.
    """
    found = []
    for index, walker in enumerate(walkers):
        partner = walker.partner
        if partner is None:
            radius, offset = PUSHED[walker.pushes]
            size = max(radius, float(np.hypot(*offset)) + walker.radius)
            found.append(
                Party((index,), (offset,), size, walker.pace, walker.pushes, walker.visits, walker.only)
            )
        elif partner == index or not 0 <= partner < len(walkers) or walkers[partner].partner != index:
            raise WorldError(
                f"walker {index} names {partner} as partner, who does not name {index}; name each other"
            )
        elif index < partner:
            found.append(pair(index, walker, partner, walkers[partner], random))
    return found


def pair(index: int, walker: Walker, partner: int, other: Walker, random: np.random.Generator) -> Party:
    """Let two go side by side, at the slower one's pace and on the first one's visits."""
    half = max(BESIDE, walker.radius + other.radius) / 2
    lag = float(random.uniform(-0.08, 0.08))
    radius = float(np.hypot(half, lag)) + max(walker.radius, other.radius)
    offsets = ((lag, half), (-lag, -half))
    only = walker.only if walker.only is not None else other.only
    return Party(
        (index, partner),
        offsets,
        radius,
        min(walker.pace, other.pace),
        "",
        walker.visits or other.visits,
        only,
    )

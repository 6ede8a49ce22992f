"""Groups of people who walk together. A group is one person, a pair, or one person with a bicycle or a pram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from samples.world.errors import WorldError
from samples.world.motion import Pushed, Walker

BESIDE = 0.65  # metres between the two people of a pair
AGILITY = {1: 3.0, 2: 1.4}  # fastest turn in rad/s, by the number of people
TURNING = 1.1  # radius in metres of the turning circle of a bicycle or a pram
PUSHED: dict[Pushed, tuple[float, tuple[float, float]]] = {
    "": (0.0, (0.0, 0.0)),
    "bicycle": (0.75, (-0.15, 0.3)),  # a bicycle of 1.75 m on the right, the saddle next to the hip
    "pram": (0.7, (-0.45, 0.0)),  # a pram of 1 m in front
}
"""Radius of the disc, and the person's place in it: metres ahead and to the left of its middle."""


@dataclass(frozen=True)
class Party:
    """People who walk together. The simulation moves them as one disc that contains them all."""

    members: tuple[int, ...]
    """Indices of the walkers."""
    offsets: tuple[tuple[float, float], ...]
    """Place of each member: metres ahead and to the left of the disc's middle."""
    radius: float
    """Radius of the disc in metres."""
    pace: float
    """Preferred speed in m/s."""
    pushes: Pushed
    visits: tuple[tuple[float, float], ...]
    """(enter, leave) seconds of each visit; empty if the simulation decides."""
    only: int | None
    """Index of the only camera that may see the party; None for no limit."""

    @property
    def alone(self) -> bool:
        """Whether this is one person who pushes nothing and may be seen by all cameras.

        Only these people sit down and join conversations.
        """
        return len(self.members) == 1 and not self.pushes and self.only is None

    def agility(self, speed: float) -> float:
        """Return the fastest turn in rad/s at a speed; bicycles and prams turn only as they roll."""
        if self.pushes:
            return min(max(speed / TURNING, 0.4), 1.3)
        return AGILITY[len(self.members)]


def form_parties(walkers: Sequence[Walker], random: np.random.Generator) -> list[Party]:
    """Return the parties of all walkers, in the order of their first members.

    Raises:
        WorldError: A walker names a partner who does not name them back.
    """
    parties = []
    for index, walker in enumerate(walkers):
        partner = walker.partner
        if partner is None:
            pushed_radius, offset = PUSHED[walker.pushes]
            radius = max(pushed_radius, float(np.hypot(*offset)) + walker.radius)
            parties.append(
                Party((index,), (offset,), radius, walker.pace, walker.pushes, walker.visits, walker.only)
            )
        elif partner == index or not 0 <= partner < len(walkers) or walkers[partner].partner != index:
            raise WorldError(
                f"walker {index} names walker {partner} as partner, but not the reverse; partners must name each other"
            )
        elif index < partner:
            parties.append(form_pair(index, walker, partner, walkers[partner], random))
    return parties


def form_pair(
    index: int, walker: Walker, partner_index: int, partner: Walker, random: np.random.Generator
) -> Party:
    """Return two walkers side by side, at the slower pace. The first walker's visits and camera take precedence."""
    half_gap = max(BESIDE, walker.radius + partner.radius) / 2
    lead = float(random.uniform(-0.08, 0.08))  # metres that the first walker is ahead of the middle
    return Party(
        members=(index, partner_index),
        offsets=((lead, half_gap), (-lead, -half_gap)),
        radius=float(np.hypot(half_gap, lead)) + max(walker.radius, partner.radius),
        pace=min(walker.pace, partner.pace),
        pushes="",
        visits=walker.visits or partner.visits,
        only=walker.only if walker.only is not None else partner.only,
    )

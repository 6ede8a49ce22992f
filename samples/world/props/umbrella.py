"""Umbrellas, open above the head or rolled in the hand."""

from __future__ import annotations

from typing import Literal

import numpy as np

from samples.world.mesh import Mesh, Part, joined
from samples.world.props.cloth import BODY, DARK, METAL, STRAP, Colour, Pattern, drawn, shaded, sheet
from samples.world.shapes import Array, box, skin, tube

PANELS = 8
RADIUS, SHAFT = 0.5, 1.0  # metres
State = Literal["open", "rolled"]


def umbrella(colour: Colour, accent: Colour, pattern: Pattern = "panels", state: State = "open") -> Part:
    """Make an umbrella. The origin is the hand.

    The top of an open umbrella is 1.0 m above the hand. The tip of a rolled umbrella is 0.7 m below it.
    """
    seams = [(i / PANELS, 0, i / PANELS, 0.74) for i in range(PANELS + 1)]
    paint = drawn(sheet(colour, accent, pattern), shaded(colour, 0.7), *seams)
    grip = box((0.03, 0.03, 0.12), (0, 0, -0.02), DARK, edge=0.012)
    if state == "rolled":
        roll = tube(
            [(0, 0, -0.02), (0, 0, -0.08), (0, 0, -0.35), (0, 0, -0.62)], (0.02, 0.034, 0.03, 0.008), 8, BODY
        )
        tip = tube([(0, 0, -0.6), (0, 0, -0.7)], 0.006, 5, METAL)
        return Part(joined([grip, roll, tip]), paint[None], 0.1)
    shaft = tube([(0, 0, 0), (0, 0, SHAFT)], 0.006, 5, METAL)
    return Part(joined([grip, shaft, *canopy(), *ribs()]), paint[None], 0.15)


def canopy() -> list[Mesh]:
    """Return the cloth between the ribs: the outside and the darker inside."""
    outer = cloth(0.0)
    return [skin(outer, BODY, crease=25), skin(cloth(-0.008)[:, ::-1], STRAP, crease=25)]


def cloth(lift: float) -> Array:
    """Return the (6, 2 * panels + 1, 3) points of the canopy; columns alternate between ribs and sagging middles."""
    angle = np.linspace(0, 2 * np.pi, 2 * PANELS + 1)
    is_middle = np.arange(2 * PANELS + 1) % 2
    share = np.linspace(0.005, 1, 6)[:, None]
    radius = RADIUS * share * (1 - 0.075 * is_middle * share)
    z = SHAFT - 0.03 - 0.24 * share**2.2 + 0.012 * is_middle * share + lift
    grid = np.stack(np.broadcast_arrays(radius * np.cos(angle), radius * np.sin(angle), z), axis=2)
    grid[:, -1] = grid[:, 0]
    return grid


def ribs() -> list[Mesh]:
    """Return the rods that hold the canopy."""
    start = (0, 0, SHAFT - 0.32)
    angles = np.arange(PANELS) * 2 * np.pi / PANELS
    ends = [(0.26 * np.cos(angle), 0.26 * np.sin(angle), SHAFT - 0.12) for angle in angles]
    return [tube([start, end], 0.003, 3, METAL) for end in ends]

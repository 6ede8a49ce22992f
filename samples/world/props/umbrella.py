"""Umbrellas, open over the head or rolled in the hand."""

from __future__ import annotations

from typing import Literal

import numpy as np

from samples.world.mesh import Mesh, Part, joined
from samples.world.props.cloth import BODY, DARK, METAL, STRAP, Colour, Pattern, drawn, shaded, sheet
from samples.world.shapes import Array, Patch, box, skin, tube

PANELS, RADIUS, SHAFT = 8, 0.5, 1.0  # panels; metres
State = Literal["open", "rolled"]


def umbrella(colour: Colour, accent: Colour, pattern: Pattern = "panels", state: State = "open") -> Part:
    """Make an umbrella; origin: the hand. Open, its top is 1.0 m above the hand; rolled, its tip 0.7 m below."""
    paint = drawn(
        sheet(colour, accent, pattern),
        shaded(colour, 0.7),
        *[(i / PANELS, 0, i / PANELS, 0.74) for i in range(9)],
    )
    grip = box((0.03, 0.03, 0.12), (0, 0, -0.02), DARK, edge=0.012)
    if state == "rolled":
        roll = tube(
            [(0, 0, -0.02), (0, 0, -0.08), (0, 0, -0.35), (0, 0, -0.62)], (0.02, 0.034, 0.03, 0.008), 8, BODY
        )
        return Part(
            joined([grip, roll, tube([(0, 0, -0.6), (0, 0, -0.7)], 0.006, 5, METAL)]), paint[None], 0.1
        )
    shaft = tube([(0, 0, 0), (0, 0, SHAFT)], 0.006, 5, METAL)
    return Part(joined([grip, shaft, *canopy(), *ribs()]), paint[None], 0.15)


def canopy() -> list[Mesh]:
    """Stretch the cloth between eight ribs, sagging between them; the outside and, darker, the inside."""
    outer = cloth(0.0)
    return [skin(outer, BODY, crease=25), skin(cloth(-0.008)[:, ::-1], STRAP, crease=25)]


def cloth(lift: float) -> Array:
    """(6, 2 * panels + 1, 3): the canopy, columns at ribs and between them."""
    angle = np.linspace(0, 2 * np.pi, 2 * PANELS + 1)
    between = np.arange(2 * PANELS + 1) % 2
    out = np.linspace(0.005, 1, 6)[:, None]
    radius = RADIUS * out * (1 - 0.075 * between * out)
    z = SHAFT - 0.03 - 0.24 * out**2.2 + 0.012 * between * out + lift
    grid = np.stack(np.broadcast_arrays(radius * np.cos(angle), radius * np.sin(angle), z), axis=2)
    grid[:, -1] = grid[:, 0]
    return grid


def ribs() -> list[Mesh]:
    """Hold the canopy with eight stretchers."""
    turns = np.arange(PANELS) * 2 * np.pi / PANELS
    low, patch = (0, 0, SHAFT - 0.32), METAL
    return [rib(low, (0.26 * np.cos(turn), 0.26 * np.sin(turn), SHAFT - 0.12), patch) for turn in turns]


def rib(start: tuple[float, ...], end: tuple[float, ...], patch: Patch) -> Mesh:
    """Join two points with a thin rod."""
    return tube([start, end], 0.003, 3, patch)

"""A vehicle from its look: skin, wheels, racks and paint put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samples.world.mesh import Part, joined
from samples.world.vehicles.body import body, hull
from samples.world.vehicles.fittings import fittings
from samples.world.vehicles.livery import sheets
from samples.world.vehicles.looks import Style, VehicleLook, draw_vehicle

GLOSS = 0.7


@dataclass(frozen=True)
class Dimensions:
    """Metres."""

    length: float
    width: float
    """Without mirrors."""
    height: float
    """Without what is on the roof."""


def vehicle(style: Style, random: np.random.Generator) -> tuple[Part, Dimensions]:
    """Draw a look of this style and build it."""
    look = draw_vehicle(random, style)
    return build(look), dimensions(look)


def build(look: VehicleLook) -> Part:
    """Build a vehicle that faces -y and stands on z = 0, the origin below its middle."""
    lines = body(look)
    return Part(joined([hull(lines), *fittings(look, lines)]), sheets(look, lines), GLOSS)


def dimensions(look: VehicleLook) -> Dimensions:
    """Measure a vehicle without building it."""
    lines = body(look)
    return Dimensions(lines.whole, lines.width, lines.height)

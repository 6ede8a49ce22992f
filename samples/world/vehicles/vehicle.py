"""Build a vehicle from its look: body, wheels, racks and paint."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from samples.world.mesh import Part, joined
from samples.world.vehicles.body import body, hull
from samples.world.vehicles.fittings import fittings
from samples.world.vehicles.livery import sheets
from samples.world.vehicles.looks import Style, VehicleLook, draw_vehicle

GLOSS = 0.7  # shine of car paint, as `Part.gloss`


@dataclass(frozen=True)
class Dimensions:
    """The dimensions of a vehicle in metres."""

    length: float
    width: float
    """Width without mirrors."""
    height: float
    """Height without the parts on the roof."""


def vehicle(style: Style, random: np.random.Generator) -> tuple[Part, Dimensions]:
    """Draw a look of a style and return the vehicle with its dimensions."""
    look = draw_vehicle(random, style)
    return build(look), dimensions(look)


def build(look: VehicleLook) -> Part:
    """Return a vehicle that faces -y and stands on z = 0 with its middle above the origin."""
    lines = body(look)
    return Part(joined([hull(lines), *fittings(look, lines)]), sheets(look, lines), GLOSS)


def dimensions(look: VehicleLook) -> Dimensions:
    """Return the dimensions of a vehicle without building it."""
    lines = body(look)
    return Dimensions(lines.total_length, lines.width, lines.height)

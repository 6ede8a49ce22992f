"""A phone in the hand."""

from __future__ import annotations

from samples.world.mesh import Part
from samples.world.props.cloth import BLACK, BODY, Colour, filled, sheet
from samples.world.shapes import box


def phone(colour: Colour = BLACK) -> Part:
    """Make a phone. The origin is the hand; the screen faces the person, towards +y."""
    paint = filled(sheet(colour, colour), (0.58, 0.06, 0.98, 0.69), (170, 196, 220))
    return Part(box((0.075, 0.01, 0.155), (0, -0.01, 0.06), BODY, edge=0.004), paint[None], 0.5)

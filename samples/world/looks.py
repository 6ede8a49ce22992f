"""Looks of people: build, skin, hair, clothes and carried things."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from samples.world.bodies import Shape
from samples.world.fabrics import Colour
from samples.world.postures import Manner

Hair = Literal["bald", "cropped", "short", "bob", "long", "bun"]
Neck = Literal["round", "vee", "collar", "high"]
Pushed = Literal["", "bicycle", "pram"]


@dataclass(frozen=True)
class Cloth:
    """Material of a garment."""

    pattern: str
    """A key of `fabrics.PATTERNS`."""
    colours: tuple[Colour, ...]
    """Four RGB colours from 0 to 255."""
    seed: int
    """Seed of the pattern."""
    front: bool = False
    """Whether the chest has a print."""
    back: bool = False
    """Whether the back has a print."""


@dataclass(frozen=True)
class Top:
    """A garment of the trunk. Heights are in metres on the average body, with the hips at 0."""

    cloth: Cloth
    sleeves: Cloth
    sleeve: float
    """Share of the arm that the sleeve covers; 0 for no sleeves."""
    hem: float
    """Height of the lower edge: 0.1 waist, -0.05 crotch, -0.35 knee."""
    neck: Neck
    ease: float
    """Metres between body and cloth."""
    hang: float
    """0 follows the body, 1 hangs straight from chest and shoulders."""
    flare: float = 0.05
    """Widening below the hips, in metres per metre."""
    opening: float = 0.0
    """Half of the angle in radians at which the front is open; 0 is closed."""
    trim: Colour | None = None
    """Colour of a zip, buttons or hem; None for no trim."""
    cuff: bool = False
    """Whether the sleeves are rolled up."""


@dataclass(frozen=True)
class Bottom:
    """Trousers, or a skirt."""

    kind: Literal["trousers", "skirt"]
    cloth: Cloth
    length: float
    """Covered share of the leg: 1 to the ankle, 0.5 to the knee."""
    ease: float
    """Metres between body and cloth."""
    hem: float
    """Radius of trousers at the ankle in metres, or flare of a skirt in metres per metre."""
    stripe: Colour | None = None
    """Colour of a stripe down the side; None for no stripe."""


@dataclass(frozen=True)
class Carried:
    """One thing that is carried or worn over the clothes."""

    kind: str
    """A key of `carrying.HEADGEAR`, or "backpack", "satchel", "bag", "trolley", "umbrella" or "phone"."""
    colour: Colour
    accent: Colour
    """The second colour."""
    size: float
    """Factor of the usual size."""


@dataclass(frozen=True)
class Look:
    """Look of one identity."""

    shape: Shape
    skin: Colour
    hair: Hair
    hair_colour: Colour
    beard: bool
    top: Top
    outer: Top | None
    bottom: Bottom
    shoes: tuple[Colour, Colour, float]
    """Colour, colour of the sole, and height of the shaft as a share of the leg."""
    carried: tuple[Carried, ...]
    pushes: Pushed
    manner: Manner
    pace: float
    """Walking speed in metres per second."""
    seed: int
    """Seed of creases and grain."""

"""What makes up how somebody looks: build, skin, hair, clothes, and what is carried."""

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
    """What a garment is made of."""

    pattern: str
    """A key of `fabrics.PATTERNS`."""
    colours: tuple[Colour, ...]
    """Four, RGB from 0 to 255."""
    seed: int
    front: bool = False
    """Whether something is printed on the chest."""
    back: bool = False


@dataclass(frozen=True)
class Top:
    """A garment of the trunk. Lengths along the body; heights in metres on an average body, hips at 0."""

    cloth: Cloth
    sleeves: Cloth
    sleeve: float
    """Share of the arm that is covered; 0 has none."""
    hem: float
    """Height of its lower edge: 0.1 waist, -0.05 crotch, -0.35 knee."""
    neck: Neck
    ease: float
    """Metres between it and the body."""
    hang: float
    """0 follows the body, 1 hangs straight from chest and shoulders."""
    flare: float = 0.05
    opening: float = 0.0
    """Half the angle, in radians, that it stands open in front; 0 is closed."""
    trim: Colour | None = None
    """A zip, buttons, a hem of another colour."""
    cuff: bool = False
    """Whether its sleeves are rolled up."""


@dataclass(frozen=True)
class Bottom:
    """Trousers, or a skirt."""

    kind: Literal["trousers", "skirt"]
    cloth: Cloth
    length: float
    """Of the leg, from the waist: 1 ankle, 0.5 knee."""
    ease: float
    hem: float
    """Radius at the ankle, or flare of a skirt, in metres."""
    stripe: Colour | None = None
    """Down the side."""


@dataclass(frozen=True)
class Carried:
    """One thing carried or worn over the clothes; `kind` is a key of `carrying.CARRIED`."""

    kind: str
    colour: Colour
    accent: Colour
    size: float


@dataclass(frozen=True)
class Look:
    """One identity."""

    shape: Shape
    skin: Colour
    hair: Hair
    hair_colour: Colour
    beard: bool
    top: Top
    outer: Top | None
    bottom: Bottom
    shoes: tuple[Colour, Colour, float]
    """Colour, sole, height of the shaft as a share of the leg."""
    carried: tuple[Carried, ...]
    pushes: Pushed
    manner: Manner
    pace: float
    """Metres a second."""
    seed: int
    """Of creases and grain."""

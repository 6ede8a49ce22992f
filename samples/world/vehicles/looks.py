"""Looks of vehicles: the traits that make a vehicle recognisable, and random draws of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

Colour = tuple[int, int, int]
"""RGB, 0 to 255 in sRGB."""
Style = Literal["sedan", "hatchback", "suv", "van", "bus", "lorry", "taxi", "pickup"]
Rack = Literal["none", "rails", "bars", "box", "ladder"]
Stripes = Literal["none", "waist", "sill", "racing", "block", "slash"]
Wheels = Literal["five", "ten", "disc", "steel"]
Face = Literal["bars", "mesh", "split", "slim"]
STYLES: tuple[Style, ...] = get_args(Style)
PAINTS: tuple[tuple[float, Colour], ...] = (
    (0.20, (232, 232, 230)),
    (0.14, (28, 29, 32)),
    (0.13, (104, 108, 114)),
    (0.12, (176, 180, 184)),
    (0.10, (38, 66, 128)),
    (0.09, (158, 26, 30)),
    (0.05, (92, 40, 44)),
    (0.05, (38, 84, 60)),
    (0.04, (120, 100, 76)),
    (0.03, (214, 112, 30)),
    (0.03, (218, 186, 40)),
    (0.02, (70, 150, 190)),
)
"""(share, paint) of cars; most are shades of grey, as on real roads."""
LIVERIES: tuple[Colour, ...] = (
    (200, 30, 36),
    (24, 76, 160),
    (30, 130, 74),
    (230, 150, 24),
    (240, 240, 238),
    (30, 30, 34),
    (110, 50, 130),
    (60, 170, 180),
)
"""Colours of stripes and lettering, and paints of buses and lorries."""
BUSINESS: frozenset[Style] = frozenset(("van", "bus", "lorry", "taxi"))
"""Styles that often carry stripes and lettering."""


@dataclass(frozen=True)
class VehicleLook:
    """The look of one vehicle. Each field changes only its own part, so that twins can differ in a single trait."""

    style: Style
    length: float
    """Factor on the style's usual length, 0.8 to 1.25."""
    width: float
    """Factor on the style's usual width, 0.8 to 1.25."""
    height: float
    """Factor on the style's usual height, 0.8 to 1.25."""
    lean: float
    """Metres by which the rear of the roof is shifted back, -0.3 to 0.3."""
    paint: Colour
    trim: Colour
    """Colour of bumpers, sills, mirrors and a lorry's cab."""
    accent: Colour
    """Colour of stripes and lettering."""
    rack: Rack
    stripes: Stripes
    lettering: int
    """Seed of the word on the sides, in letters of no alphabet; 0 for none."""
    plate: int
    """Seed of the letters of no alphabet on the number plates."""
    wheels: Wheels
    face: Face
    """Style of the grille."""
    tint: float
    """Darkness of the windows, 0 to 1."""
    dirt: float
    """Amount of dirt, 0 to 1."""
    marks: int
    """Seed of the places of dirt and scratches."""

    def __post_init__(self) -> None:
        if not all(0.8 <= factor <= 1.25 for factor in (self.length, self.width, self.height)):
            raise ValueError(
                f"length, width and height of a vehicle must be factors from 0.8 to 1.25, got "
                f"{self.length=} {self.width=} {self.height=}"
            )
        if abs(self.lean) > 0.3 or not 0 <= self.tint <= 1 or not 0 <= self.dirt <= 1:
            raise ValueError(
                f"lean must be from -0.3 to 0.3, tint and dirt from 0 to 1, got {self.lean=} {self.tint=} {self.dirt=}"
            )
        if any(not 0 <= level <= 255 for level in (*self.paint, *self.trim, *self.accent)):
            raise ValueError(f"colours must be from 0 to 255, got {self.paint=} {self.trim=} {self.accent=}")


def draw_vehicle(random: np.random.Generator, style: Style | None = None) -> VehicleLook:
    """Draw the look of a vehicle, with a random style unless one is given."""
    style = style or STYLES[random.choice(len(STYLES), p=(0.24, 0.22, 0.18, 0.12, 0.06, 0.06, 0.05, 0.07))]
    is_business = style in BUSINESS
    return VehicleLook(
        style=style,
        length=float(random.uniform(0.93, 1.08)),
        width=float(random.uniform(0.97, 1.04)),
        height=float(random.uniform(0.96, 1.06)),
        lean=float(random.uniform(-0.14, 0.14)),
        paint=draw_paint(random, style),
        trim=draw_paint(random, "van") if style == "lorry" else draw_trim(random),
        accent=LIVERIES[random.integers(len(LIVERIES))],
        rack=draw_rack(random, style),
        stripes=draw_stripes(random, 0.4 if is_business else 0.84),
        lettering=int(random.integers(1, 1 << 30))
        if random.random() < (0.75 if is_business else 0.06)
        else 0,
        plate=int(random.integers(1, 1 << 30)),
        wheels=get_args(Wheels)[random.integers(4)],
        face=get_args(Face)[random.integers(4)],
        tint=float(random.uniform(0.2, 1)),
        dirt=float(random.beta(1, 3)),
        marks=int(random.integers(1 << 30)),
    )


def draw_stripes(random: np.random.Generator, none: float) -> Stripes:
    """Draw the stripes: none with probability `none`, else each other kind equally often."""
    kinds: tuple[Stripes, ...] = get_args(Stripes)
    return "none" if random.random() < none else kinds[random.integers(1, len(kinds))]


def draw_paint(random: np.random.Generator, style: Style) -> Colour:
    """Draw a paint with a small deviation from the listed colour. Taxis are yellow, cream or black."""
    chances, colours = zip(*PAINTS, strict=True)
    if style == "taxi":
        chances, colours = (0.6, 0.2, 0.2), ((232, 180, 30), (232, 220, 180), (26, 26, 28))
    if style in ("bus", "lorry"):
        chances, colours = (1 / len(LIVERIES),) * len(LIVERIES), LIVERIES
    base = np.asarray(colours[random.choice(len(chances), p=chances)])
    red, green, blue = np.clip(base + random.normal(0, 9) + random.normal(0, 5, 3), 0, 255).astype(int)
    return int(red), int(green), int(blue)


def draw_trim(random: np.random.Generator) -> Colour:
    """Draw the colour of the unpainted parts: mostly black plastic."""
    level = int(random.choice((26, 34, 46, 90, 150), p=(0.4, 0.25, 0.2, 0.1, 0.05)))
    return level, level, level + 2


def draw_rack(random: np.random.Generator, style: Style) -> Rack:
    """Draw the rack on the roof."""
    if style in ("bus", "lorry", "taxi", "pickup"):
        return "none"
    if style == "van":
        return "ladder" if random.random() < 0.25 else "none"
    racks: tuple[Rack, ...] = ("none", "rails", "bars", "box")
    return racks[random.choice(4, p=(0.62, 0.18, 0.1, 0.1))]

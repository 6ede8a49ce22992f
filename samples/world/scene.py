"""A place: what stands in it, how it is lit, where people may go, and which cameras watch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from samples.world.camera import Camera
from samples.world.mesh import Floats, Whole

Kind = Literal["plaza", "street", "corridor", "carpark"]
KINDS: tuple[Kind, ...] = ("plaza", "street", "corridor", "carpark")
Weather = Literal["day", "overcast", "dusk", "rain", "glare"]
WEATHERS: tuple[Weather, ...] = ("day", "overcast", "dusk", "rain", "glare")

Point = tuple[float, float]


@dataclass(frozen=True)
class Rectangle:
    """A rectangle of ground, in metres, turned about its middle by `heading` radians."""

    x: float
    y: float
    length: float
    """Along its own x axis."""
    width: float
    heading: float = 0.0


@dataclass(frozen=True)
class Seat:
    """Where somebody may sit: the middle of the seat's front edge, and where one who sits looks."""

    x: float
    y: float
    heading: float
    """Radians; 0 looks along +x, pi/2 along +y."""
    height: float = 0.45


@dataclass(frozen=True)
class Lane:
    """A way for vehicles, from outside all views to outside all views."""

    points: tuple[Point, ...]


@dataclass(frozen=True)
class Ground:
    """Where one may walk, drive and sit; seen from above, metres."""

    walkable: tuple[Rectangle, ...]
    """People stay in the union of these."""
    obstacles: tuple[Rectangle, ...]
    """Benches, trunks, poles, walls, planters: nobody walks through them."""
    entrances: tuple[Point, ...]
    """Where people come and go: points on walkable ground out of every camera's view."""
    seats: tuple[Seat, ...] = ()
    lanes: tuple[Lane, ...] = ()
    bays: tuple[Rectangle, ...] = ()
    """Parking bays; `heading` is where a parked vehicle's front points."""


@dataclass(frozen=True)
class Light:
    """How a scene is lit. Colours are linear RGB; 1 is a white wall in full sun."""

    sun: tuple[float, float, float]
    """Direction towards the sun, of length 1."""
    sunlight: tuple[float, float, float]
    """(0, 0, 0) where the sky is covered."""
    ambient: tuple[float, float, float]
    sky: tuple[float, float, float]
    haze: float = 0.003
    """Share of light lost a metre."""
    lamps: tuple[tuple[float, float, float, float, float, float], ...] = ()
    """Up to 8 lamps: x, y, z, and linear red, green, blue at one metre."""
    wet: float = 0.0
    """How wet the ground is, 0 to 1."""


@dataclass(frozen=True)
class Scenery:
    """What does not move, as T triangles."""

    points: Floats
    """(T * 3, 3)."""
    normals: Floats
    """(T * 3, 3)."""
    paint: Floats
    """(T * 3, 2): u and v; materials repeat."""
    materials: Whole
    """(T * 3,): which sheet."""
    sheets: NDArray[np.uint8]
    """(M, 512, 512, 4) RGBA in sRGB; nothing is drawn where the fourth is below 128 (leaves, railings)."""


@dataclass(frozen=True)
class Scene:
    """A place on one day."""

    kind: Kind
    weather: Weather
    scenery: Scenery
    light: Light
    ground: Ground
    cameras: tuple[Camera, ...]

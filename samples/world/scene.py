"""Data types of a scene: its scenery, its light, its walkable ground and its cameras."""

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
    """A rectangle on the ground, in metres, rotated about its middle by `heading` radians."""

    x: float
    y: float
    length: float
    """Size along the rectangle's own x axis."""
    width: float
    """Size along the rectangle's own y axis."""
    heading: float = 0.0


@dataclass(frozen=True)
class Seat:
    """A place to sit. `x` and `y` are the middle of the seat's front edge, in metres."""

    x: float
    y: float
    heading: float
    """Direction in which a person on the seat looks, in radians: 0 is +x, pi/2 is +y."""
    height: float = 0.45
    """Metres above the ground."""


@dataclass(frozen=True)
class Lane:
    """A path for vehicles that starts and ends outside of all views."""

    points: tuple[Point, ...]


@dataclass(frozen=True)
class Ground:
    """A plan of the ground, in metres: the areas to walk, drive, park and sit."""

    walkable: tuple[Rectangle, ...]
    """People stay in the union of these rectangles."""
    obstacles: tuple[Rectangle, ...]
    """Benches, tree trunks, poles, walls and planters, which people walk around."""
    entrances: tuple[Point, ...]
    """Points on walkable ground, outside of every view, where people enter and leave."""
    seats: tuple[Seat, ...] = ()
    lanes: tuple[Lane, ...] = ()
    bays: tuple[Rectangle, ...] = ()
    """Parking bays; the front of a parked vehicle points along `heading`."""


@dataclass(frozen=True)
class Light:
    """The light of a scene. Colours are linear RGB; 1 is a white wall in full sun."""

    sun: tuple[float, float, float]
    """Direction towards the sun, of length 1."""
    sunlight: tuple[float, float, float]
    """Colour of the direct sunlight; (0, 0, 0) under a covered sky."""
    ambient: tuple[float, float, float]
    """Colour of the light from all directions."""
    sky: tuple[float, float, float]
    """Colour of the sky."""
    haze: float = 0.003
    """Share of the light that is lost per metre of air."""
    lamps: tuple[tuple[float, float, float, float, float, float], ...] = ()
    """Up to 8 lamps: x, y, z, and the linear red, green and blue at a distance of one metre."""
    wet: float = 0.0
    """Wetness of the ground, 0 to 1."""


@dataclass(frozen=True)
class Scenery:
    """The static objects of a scene, as T triangles."""

    points: Floats
    """(T * 3, 3)."""
    normals: Floats
    """(T * 3, 3)."""
    paint: Floats
    """(T * 3, 2): u and v on the material's sheet, which repeats."""
    materials: Whole
    """(T * 3,): index of the sheet."""
    sheets: NDArray[np.uint8]
    """(M, 512, 512, 4) RGBA in sRGB. Pixels with an alpha below 128 are holes, as between leaves and railings."""


@dataclass(frozen=True)
class Scene:
    """A place in one weather, with its cameras."""

    kind: Kind
    weather: Weather
    scenery: Scenery
    light: Light
    ground: Ground
    cameras: tuple[Camera, ...]

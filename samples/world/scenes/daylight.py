"""How weather lights a place: sun, sky, haze, lamps and wetness."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from samples.world.camera import Camera
from samples.world.scene import Light, Weather

Lamp = tuple[float, float, float, float, float, float]
LIT: dict[Weather, float] = {"day": 0.0, "overcast": 0.1, "dusk": 0.75, "rain": 0.3, "glare": 0.0}
"""How bright lamps and windows glow."""


def direction(azimuth: float, elevation: float) -> tuple[float, float, float]:
    """Find the unit vector towards azimuth and elevation, in radians."""
    flat = np.cos(elevation)
    return float(flat * np.cos(azimuth)), float(flat * np.sin(azimuth)), float(np.sin(elevation))


def daylight(
    weather: Weather,
    rng: np.random.Generator,
    cameras: Sequence[Camera],
    lamps: Sequence[tuple[float, float, float]],
) -> Light:
    """Light a place outdoors; glare puts a low sun in front of the first camera."""
    azimuth = float(rng.uniform(0, 2 * np.pi))
    warm = float(rng.uniform(0, 1))
    power = 30.0 * LIT[weather]
    lit = (
        tuple((*at, power * 1.0, power * 0.8, power * 0.52) for at in lamps[:8])
        if weather in ("dusk", "rain")
        else ()
    )
    if weather == "day":
        sun = direction(azimuth, np.radians(rng.uniform(25, 65)))
        light = (1.75, 1.62 - 0.1 * warm, 1.42 - 0.2 * warm)
        return Light(sun, light, (0.52, 0.6, 0.74), (0.75, 1.05, 1.6), 0.001)
    if weather == "glare":
        eye, target = cameras[0].eye, cameras[0].target
        ahead = np.arctan2(target[1] - eye[1], target[0] - eye[0])
        sun = direction(float(ahead + rng.uniform(-0.25, 0.25)), np.radians(rng.uniform(10, 20)))
        return Light(sun, (2.3, 1.85, 1.2), (0.44, 0.47, 0.54), (1.2, 1.25, 1.35), 0.0015)
    if weather == "dusk":
        sun = direction(azimuth, np.radians(rng.uniform(5, 11)))
        low = float(rng.choice([0.0, 0.6]))
        return Light(sun, (1.1 * low, 0.6 * low, 0.3 * low), (0.32, 0.37, 0.5), (0.5, 0.55, 0.8), 0.004, lit)
    sun = direction(azimuth, np.radians(50))
    if weather == "rain":
        value = float(rng.uniform(0.75, 1.0))
        colour = (value * 0.95, value, value * 1.08)
        return Light(sun, (0.0, 0.0, 0.0), colour, colour, 0.005, lit, float(rng.uniform(0.6, 1.0)))
    value = float(rng.uniform(0.95, 1.25))
    return Light(
        sun, (0.0, 0.0, 0.0), (value, value * 1.02, value * 1.06), (value, value, value * 1.05), 0.003, lit
    )


def indoors(rng: np.random.Generator, lamps: Sequence[tuple[float, float, float]]) -> Light:
    """Light a place under a roof: bright walls all around, and lamps in the ceiling."""
    value, warm = float(rng.uniform(0.6, 0.95)), float(rng.uniform(-0.08, 0.12))
    colour = (value * (1 + warm), value, value * (1 - warm))
    power = float(rng.uniform(1.6, 2.6))
    lit = tuple((*at, power * (1 + warm), power, power * (1 - warm)) for at in lamps[:8])
    return Light((0.0, 0.0, 1.0), (0.0, 0.0, 0.0), colour, colour, 0.0, lit)

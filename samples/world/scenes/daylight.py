"""Light of a scene by weather: sun, sky, haze, lamps and wetness."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from samples.world.camera import Camera
from samples.world.scene import Light, Weather

LIT: dict[Weather, float] = {"day": 0.0, "overcast": 0.1, "dusk": 0.75, "rain": 0.3, "glare": 0.0}
"""Brightness of lamps and windows, from 0 to 1."""


def direction(azimuth: float, elevation: float) -> tuple[float, float, float]:
    """Return the unit vector towards an azimuth and an elevation, in radians."""
    flat = np.cos(elevation)
    return float(flat * np.cos(azimuth)), float(flat * np.sin(azimuth)), float(np.sin(elevation))


def daylight(
    weather: Weather,
    rng: np.random.Generator,
    cameras: Sequence[Camera],
    lamps: Sequence[tuple[float, float, float]],
) -> Light:
    """Return the light of an outdoor scene; in glare a low sun is in front of the first camera."""
    azimuth = float(rng.uniform(0, 2 * np.pi))
    warmth = float(rng.uniform(0, 1))
    power = 30.0 * LIT[weather]
    lamp_lights = (
        tuple((x, y, z, power * 1.0, power * 0.8, power * 0.52) for x, y, z in lamps[:8])
        if weather in ("dusk", "rain")
        else ()
    )
    if weather == "day":
        sun = direction(azimuth, np.radians(rng.uniform(25, 65)))
        light = (1.75, 1.62 - 0.1 * warmth, 1.42 - 0.2 * warmth)
        return Light(sun, light, ambient=(0.52, 0.6, 0.74), sky=(0.75, 1.05, 1.6), haze=0.001)
    if weather == "glare":
        eye, target = cameras[0].eye, cameras[0].target
        ahead = np.arctan2(target[1] - eye[1], target[0] - eye[0])
        sun = direction(float(ahead + rng.uniform(-0.25, 0.25)), np.radians(rng.uniform(10, 20)))
        return Light(sun, (2.3, 1.85, 1.2), ambient=(0.44, 0.47, 0.54), sky=(1.2, 1.25, 1.35), haze=0.0015)
    if weather == "dusk":
        sun = direction(azimuth, np.radians(rng.uniform(5, 11)))
        strength = float(rng.choice([0.0, 0.6]))
        light = (1.1 * strength, 0.6 * strength, 0.3 * strength)
        return Light(
            sun, light, ambient=(0.32, 0.37, 0.5), sky=(0.5, 0.55, 0.8), haze=0.004, lamps=lamp_lights
        )
    sun = direction(azimuth, np.radians(50))
    if weather == "rain":
        value = float(rng.uniform(0.75, 1.0))
        colour = (value * 0.95, value, value * 1.08)
        wet = float(rng.uniform(0.6, 1.0))
        return Light(sun, (0.0, 0.0, 0.0), colour, colour, haze=0.005, lamps=lamp_lights, wet=wet)
    value = float(rng.uniform(0.95, 1.25))
    ambient, sky = (value, value * 1.02, value * 1.06), (value, value, value * 1.05)
    return Light(sun, (0.0, 0.0, 0.0), ambient, sky, haze=0.003, lamps=lamp_lights)


def indoors(rng: np.random.Generator, lamps: Sequence[tuple[float, float, float]]) -> Light:
    """Return the light of an indoor scene: ambient light from bright walls, and lamps in the ceiling."""
    value, warmth = float(rng.uniform(0.6, 0.95)), float(rng.uniform(-0.08, 0.12))
    colour = (value * (1 + warmth), value, value * (1 - warmth))
    power = float(rng.uniform(1.6, 2.6))
    lamp_lights = tuple((x, y, z, power * (1 + warmth), power, power * (1 - warmth)) for x, y, z in lamps[:8])
    return Light((0.0, 0.0, 1.0), (0.0, 0.0, 0.0), colour, colour, haze=0.0, lamps=lamp_lights)

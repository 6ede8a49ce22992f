"""Weather effects on a picture: falling rain, drops on the glass, sun glare, and the glow of bright light."""

from __future__ import annotations

import zlib
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from samples.world.camera import Camera
from samples.world.scene import Light, Weather

Picture = NDArray[np.float32]

GLOW: dict[Weather, float] = {"day": 0.02, "overcast": 0.01, "dusk": 0.12, "rain": 0.05, "glare": 0.1}
"""Share of very bright light that glass and air scatter."""
NEAR_SUN = 0.45
"""Angle to the sun in radians at which the glare has fallen to 1/e."""
DROPS_LAST = 8.0
"""Seconds after which the drops on the glass change."""
EXPOSED = 0.012
"""Seconds of fall that a streak of rain shows."""


def overlay(
    linear: Picture,
    light: Light,
    camera: Camera,
    weather: Weather,
    time: float,
    random: np.random.Generator,
    *,
    place: Literal["outdoors", "indoors"] = "outdoors",
) -> Picture:
    """Return a picture with the effects of the weather.

    Args:
        linear: (h, w, 3) linear light; it is not changed.
        light: The light of the scene.
        camera: The camera that took the picture; each camera has different drops on its glass.
        weather: The weather.
        time: Seconds; the drops on the glass stay for `DROPS_LAST`.
        random: Generator of this frame, which draws the streaks of rain.
        place: Indoors, pictures have no rain and no sun glare.

    Returns:
        (h, w, 3) linear light.
    """
    picture = glow(linear, GLOW[weather])
    if place == "indoors":
        return picture
    if weather == "rain":
        picture = streaks(picture, np.asarray(light.ambient, np.float32), camera, random)
        picture = drops(picture, camera, time)
    return picture + sun_glare(light, camera)


def glow(linear: Picture, share: float) -> Picture:
    """Return a picture with a halo around everything that is much brighter than its mean."""
    height, width = linear.shape[:2]
    small = cv2.resize(linear, (max(1, width // 8), max(1, height // 8)), interpolation=cv2.INTER_AREA)
    bright = np.maximum(small - 3 * linear[::8, ::8].mean(), 0)
    if not bright.any():
        return linear
    halo = cv2.GaussianBlur(bright, (0, 0), width / 8 / 40) + cv2.GaussianBlur(bright, (0, 0), width / 8 / 10)
    return np.asarray(linear + np.float32(4 * share) * cv2.resize(halo, (width, height)), np.float32)


def sun_glare(light: Light, camera: Camera) -> Picture:
    """Return the light that the sun adds to the picture, (h, w, 3), or (1, 1, 3) zeros if it is far from the view."""
    angle = sun_angle(light, camera)
    strength = 0.22 * np.asarray(light.sunlight, np.float32) * np.float32(np.exp(-((angle / NEAR_SUN) ** 2)))
    if strength.max() < 0.002 or angle > np.pi / 2:
        return np.zeros((1, 1, 3), np.float32)
    ((x, y),), _ = camera.pixels(np.asarray([camera.eye]) + 100 * np.asarray([light.sun]))
    ys, xs = np.ogrid[: camera.height, : camera.width]
    squared = ((xs - x) ** 2 + (ys - y) ** 2) / camera.height**2  # (h, w) squared distance in picture heights
    return np.asarray((0.5 + 1 / (1 + 3 * squared))[..., None] * strength, np.float32)


def sun_angle(light: Light, camera: Camera) -> float:
    """Return the angle between the middle of the view and the sun, in radians."""
    ahead = np.subtract(camera.target, camera.eye)
    return float(np.arccos(np.clip(ahead @ np.asarray(light.sun) / np.linalg.norm(ahead), -1, 1)))


def streaks(
    linear: Picture, ambient: NDArray[np.float32], camera: Camera, random: np.random.Generator
) -> Picture:
    """Return a picture with falling rain, slanted by the wind; near drops make longer and brighter streaks."""
    height, width = linear.shape[:2]
    wind = 0.25 * np.sin(camera.target[0] - camera.eye[0])  # each camera sees the wind from a different side
    layer = np.zeros((height, width), np.uint8)
    for distance in (2.0, 4.0, 8.0):
        # drops fall at 9 m/s; one metre at a distance of 1 m is about as high as the picture
        length = 9.0 * EXPOSED * height / distance
        count = int(width * height / 2600)
        starts = random.uniform((0, -length), (width, height), (count, 2))
        ends = starts + np.array([wind, 1]) * length
        eighths = np.rint(np.stack([starts, ends], axis=1) * 8)  # (count, 2, 2) in eighths of a pixel
        brightness = int(90 / np.sqrt(distance))
        cv2.polylines(layer, list(eighths.astype(np.int32)), False, brightness, 1, cv2.LINE_AA, 3)
    share = cv2.GaussianBlur(layer, (0, 0), 0.8).astype(np.float32)[..., None] / 255  # (h, w, 1)
    return np.asarray(linear * (1 - 0.5 * share) + share * ambient, np.float32)


def drops(linear: Picture, camera: Camera, time: float) -> Picture:
    """Return a picture with drops on the glass, in which the scene is blurred, upside down and a little brighter."""
    random = np.random.default_rng([zlib.crc32(camera.name.encode()), int(time // DROPS_LAST)])
    height, width = linear.shape[:2]
    picture = linear.copy()
    for _ in range(random.integers(0, 7)):
        radius = int(random.uniform(0.008, 0.028) * height) + 2
        x, y = int(random.uniform(radius, width - radius)), int(random.uniform(radius, height - radius))
        area = picture[max(0, y - radius) : y + radius, max(0, x - radius) : x + radius]
        ys, xs = np.mgrid[: area.shape[0], : area.shape[1]]
        share = np.clip(1.4 - 1.4 * ((xs - radius) ** 2 + (ys - radius) ** 2) / radius**2, 0, 0.85)
        share = share[..., None]  # (2 r, 2 r, 1)
        refracted = 1.08 * cv2.GaussianBlur(area, (0, 0), radius / 3)[::-1]
        area[:] = area * (1 - share) + refracted * share
    return picture

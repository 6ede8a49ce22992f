"""What hangs between a camera and its scene? Rain, drops on the glass, the sun's veil, the glow of bright things."""

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
"""Share of very bright light that is spread around by glass and air."""
NEAR_SUN = 0.45
"""Radians from the sun at which its veil has fallen to 1/e."""
DROPS_LAST = 8.0
"""Seconds until other drops are on the glass."""
EXPOSED = 0.012
"""Seconds a streak of rain is drawn out."""


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
    """Lay the weather over a picture.

    Args:
        linear: (h, w, 3) linear light; it is not changed.
        light: How the scene is lit.
        camera: Whose picture it is; its drops on the glass are its own.
        weather: Decides what is laid over.
        time: Seconds; the drops on the glass stay for a while.
        random: Of this frame: where streaks of rain fall.
        place: Indoors it neither rains nor does the sun shine into the glass.

    Returns:
        (h, w, 3) linear light.
    """
    picture = glow(linear, GLOW[weather])
    if place == "indoors":
        return picture
    if weather == "rain":
        picture = streaks(picture, np.asarray(light.ambient, np.float32), camera, random)
        picture = drops(picture, camera, time)
    return picture + veil(light, camera)


def glow(linear: Picture, share: float) -> Picture:
    """Spread a share of what is much brighter than the picture's mean; lamps get a halo."""
    height, width = linear.shape[:2]
    small = cv2.resize(linear, (max(1, width // 8), max(1, height // 8)), interpolation=cv2.INTER_AREA)
    bright = np.maximum(small - 3 * linear[::8, ::8].mean(), 0)
    if not bright.any():
        return linear
    halo = cv2.GaussianBlur(bright, (0, 0), width / 8 / 40) + cv2.GaussianBlur(bright, (0, 0), width / 8 / 10)
    return np.asarray(linear + np.float32(4 * share) * cv2.resize(halo, (width, height)), np.float32)


def veil(light: Light, camera: Camera) -> Picture:
    """Measure the light that the sun throws into the glass: (h, w, 3), or (1, 1, 3) zeros where it is far off."""
    angle = sun_angle(light, camera)
    strength = 0.22 * np.asarray(light.sunlight, np.float32) * np.float32(np.exp(-((angle / NEAR_SUN) ** 2)))
    if strength.max() < 0.002 or angle > np.pi / 2:
        return np.zeros((1, 1, 3), np.float32)
    ((x, y),), _ = camera.pixels(np.asarray([camera.eye]) + 100 * np.asarray([light.sun]))
    ys, xs = np.ogrid[: camera.height, : camera.width]
    far = ((xs - x) ** 2 + (ys - y) ** 2) / camera.height**2  # (h, w), of picture heights, squared
    return np.asarray((0.5 + 1 / (1 + 3 * far))[..., None] * strength, np.float32)


def sun_angle(light: Light, camera: Camera) -> float:
    """Measure between the middle of the view and the sun, in radians."""
    ahead = np.subtract(camera.target, camera.eye)
    return float(np.arccos(np.clip(ahead @ np.asarray(light.sun) / np.linalg.norm(ahead), -1, 1)))


def streaks(
    linear: Picture, ambient: NDArray[np.float32], camera: Camera, random: np.random.Generator
) -> Picture:
    """Draw falling rain: near drops long, faint and blurred, far ones short; all slanted by one wind."""
    height, width = linear.shape[:2]
    wind = 0.25 * np.sin(camera.target[0] - camera.eye[0])  # each camera sees the wind from its own side
    layer = np.zeros((height, width), np.uint8)
    for distance in (2.0, 4.0, 8.0):
        length = (
            9.0 * EXPOSED * height / distance
        )  # drops fall at 9 m/s; a metre at 1 m is about a picture high
        count = int(width * height / 2600)
        starts = random.uniform((0, -length), (width, height), (count, 2))
        ends = starts + np.array([wind, 1]) * length
        lines = np.rint(np.stack([starts, ends], axis=1) * 8).astype(
            np.int32
        )  # (count, 2, 2) eighths of a pixel
        cv2.polylines(layer, list(lines), False, int(90 / np.sqrt(distance)), 1, cv2.LINE_AA, 3)
    veiled = cv2.GaussianBlur(layer, (0, 0), 0.8).astype(np.float32)[..., None] / 255  # (h, w, 1)
    return np.asarray(linear * (1 - 0.5 * veiled) + veiled * ambient, np.float32)


def drops(linear: Picture, camera: Camera, time: float) -> Picture:
    """Put drops on the glass: in each the scene is blurred, upside down and a little brighter."""
    random = np.random.default_rng([zlib.crc32(camera.name.encode()), int(time // DROPS_LAST)])
    height, width = linear.shape[:2]
    picture = linear.copy()
    for _ in range(random.integers(0, 7)):
        radius = int(random.uniform(0.008, 0.028) * height) + 2
        x, y = int(random.uniform(radius, width - radius)), int(random.uniform(radius, height - radius))
        place = picture[max(0, y - radius) : y + radius, max(0, x - radius) : x + radius]
        ys, xs = np.mgrid[: place.shape[0], : place.shape[1]]
        round_ = np.clip(1.4 - 1.4 * ((xs - radius) ** 2 + (ys - radius) ** 2) / radius**2, 0, 0.85)[
            ..., None
        ]
        inside = 1.08 * cv2.GaussianBlur(place, (0, 0), radius / 3)[::-1]
        place[:] = place * (1 - round_) + inside * round_
    return picture

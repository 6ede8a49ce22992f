"""What does a camera make of the light that reaches it? Linear light to the pixels of a recording.

In the order of a real camera: lens (blur, vignette), exposure and white balance, noise, tone curve, and last
what its processor does to brightness and colour apart (chroma bleed, saturation, sharpening). Boxes stay exact:
no lens bends the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Light = NDArray[np.float32]
Image = NDArray[np.uint8]
Metering = Literal["auto", "fixed"]

MIDDLE = 0.46
"""Mean brightness, of 1, that automatic exposure aims at."""
STRONGEST = 16.0
"""Most that automatic exposure amplifies; what is darker stays dark."""
WEAKEST = 1 / 64
NOISIEST = 3.0
"""Gain beyond which noise grows no more: before they amplify so much, cameras average frames."""
LEVELS = 2048
"""Steps of the tone curve's table, over the square root of light up to `BRIGHTEST`."""
BRIGHTEST = 4.0
RATES = (8.0, 10.0, 12.5, 15.0, 20.0, 25.0, 30.0)


@dataclass(frozen=True)
class Sensor:
    """One camera's way with light and time."""

    metering: Metering = "auto"
    exposure: float = 1.0
    """Gain on the light; with automatic exposure, on what that finds right."""
    white_balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    shoulder: float = 0.3
    """How much highlights are compressed, from 0."""
    contrast: float = 0.0
    """How S-shaped the curve is, from -1 (flat) to 1."""
    saturation: float = 1.0
    blur: float = 0.0
    """Standard deviation of the lens's blur, in pixels."""
    sharpening: float = 0.0
    """Share of the detail that is added again."""
    shot: float = 0.0
    """Variance of noise for each unit of light."""
    read: float = 0.0
    """Standard deviation of noise in the dark."""
    chroma_noise: float = 0.0
    """Standard deviation of colour's noise, in levels of 255."""
    bleed: float = 0.0
    """Standard deviation of colour's blur, in pixels; at most half the lines hold colour at all."""
    vignette: float = 0.0
    """Share of light lost in the corners."""
    shutter: float = 0.005
    """How long a frame gathers light, in seconds; who moves in it is smeared in tracklets."""
    crf: int = 23
    """H.264's constant rate factor: 18 is hardly visible, 38 is bad."""
    rate: float = 10.0
    """Frames a second."""
    offset: float = 0.0
    """Seconds after the world's beginning at which the recording begins."""

    def __post_init__(self) -> None:
        positive = {"exposure": self.exposure, "rate": self.rate, "white_balance": min(self.white_balance)}
        amounts = {
            name: getattr(self, name) for name in ("blur", "shot", "read", "bleed", "offset", "shutter")
        }
        for name, value in positive.items():
            if not value > 0:
                raise ValueError(f"a sensor's {name} must be above 0, not {value}")
        for name, value in amounts.items():
            if not value >= 0:
                raise ValueError(f"a sensor's {name} must be at least 0, not {value}")
        if not 0 <= self.crf <= 51 or not 0 <= self.vignette < 1 or not -1 <= self.contrast <= 1:
            raise ValueError(
                f"crf in [0, 51], vignette in [0, 1), contrast in [-1, 1]: "
                f"{self.crf=}, {self.vignette=}, {self.contrast=}"
            )


def draw_sensor(random: np.random.Generator, *, harshness: float = 0.5) -> Sensor:
    """Draw a camera as they hang in streets; `harshness` from 0 (new and well set) to 1 (old and badly set)."""
    if not 0 <= harshness <= 1:
        raise ValueError(f"harshness must be in [0, 1], not {harshness}")
    bad = harshness * random.beta(1.4, 1.8, 8)  # (8,): how bad each trait is; no camera is bad in all
    tint = random.normal(0, 0.02 + 0.06 * bad[0], 2)
    return Sensor(
        metering="auto",  # a fixed exposure fits one light only, and dusk is not day
        exposure=float(np.exp(random.normal(0, 0.05 + 0.2 * bad[1]))),
        white_balance=(float(np.exp(tint[0])), 1.0, float(np.exp(tint[1]))),
        shoulder=float(random.uniform(0.1, 0.8)),
        contrast=float(random.uniform(-0.15 * harshness, 0.65)),
        saturation=float(np.clip(random.normal(1 - 0.2 * bad[2], 0.05 + 0.15 * harshness), 0.45, 1.4)),
        blur=float(0.25 + 1.5 * bad[3] ** 2),
        sharpening=float(random.uniform(0, 0.25 + 0.9 * harshness)),
        shot=float(0.0001 + 0.0014 * bad[4] ** 2),
        read=float(0.0005 + 0.006 * bad[4] ** 2),
        chroma_noise=float(0.4 + 6 * bad[4] ** 2),
        bleed=float(0.5 + 2.2 * bad[5]),
        vignette=float(0.05 + 0.35 * bad[6] ** 2),
        shutter=float(1 / random.uniform(30, 250)),
        crf=round(21 + 14 * bad[7]),
        rate=float(random.choice(RATES)),
        offset=float(np.round(random.uniform(0, 1.5), 2)),
    )


def develop(linear: Light, sensor: Sensor, random: np.random.Generator) -> Image:
    """Turn (h, w, 3) linear light, 1 a white wall in full sun, into (h, w, 3) RGB."""
    light = cv2.GaussianBlur(linear, (0, 0), sensor.blur) if sensor.blur > 0.2 else linear
    gain = sensor.exposure * (metered(light, sensor) if sensor.metering == "auto" else 1.0)
    falloff = vignette(*linear.shape[:2], sensor.vignette)  # (h, w)
    light = light * (falloff[..., None] * np.float32(gain) * np.asarray(sensor.white_balance, np.float32))
    _add_noise(light, sensor, gain, random)
    return _process(_curved(light, sensor), sensor, random)


def metered(light: Light, sensor: Sensor) -> float:
    """Find the gain that gives the picture `MIDDLE` as its mean brightness, by halving on a coarse picture."""
    coarse: Light = np.maximum(light[::12, ::12], 0)
    low, high = WEAKEST, STRONGEST
    for _ in range(12):
        gain = float(np.sqrt(low * high))
        dark = toned(np.float32(gain) * coarse, sensor).mean() < MIDDLE
        low, high = (gain, high) if dark else (low, gain)
    return float(np.sqrt(low * high))


def toned(light: Light, sensor: Sensor) -> Light:
    """Apply the tone curve: light from 0 to brightness in [0, 1]; rising, and white stays white.

    >>> toned(np.array([0.0, 1.0], np.float32), Sensor()).tolist()
    [0.0, 1.0]
    """
    soft = light * (1 + sensor.shoulder) / (1 + sensor.shoulder * light)
    bright = np.minimum(soft, 1) ** np.float32(1 / 2.2)
    bend = np.float32(0.5 * sensor.contrast / np.pi)
    return np.asarray(bright - bend * np.sin(2 * np.pi * bright), np.float32)


@lru_cache(maxsize=16)
def vignette(height: int, width: int, strength: float) -> Light:
    """Give the share of light that each pixel keeps, (height, width): all in the middle."""
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)
    return np.asarray(1 - strength * (x**2 + y**2) / 2, np.float32)


@lru_cache(maxsize=64)
def _table(sensor: Sensor) -> Image:
    """Sample the tone curve at equal steps of the light's square root, which spares the dark's detail."""
    root = np.linspace(0, np.sqrt(BRIGHTEST), LEVELS, dtype=np.float32)
    return np.asarray(np.rint(255 * toned(np.asarray(root**2, np.float32), sensor)), np.uint8)


def _curved(light: Light, sensor: Sensor) -> Image:
    np.clip(light, 0, BRIGHTEST, out=light)
    np.sqrt(light, out=light)
    light *= np.float32((LEVELS - 1) / np.sqrt(BRIGHTEST))
    return _table(sensor)[light.astype(np.uint16)]


def _add_noise(light: Light, sensor: Sensor, gain: float, random: np.random.Generator) -> None:
    """Add noise to the light in place: in all channels alike, as what a processor leaves of it is mostly grey."""
    if not sensor.shot and not sensor.read:
        return
    amplified = min(gain, NOISIEST)
    variance = np.maximum(light[..., 1], 0) * np.float32(sensor.shot * amplified)
    variance += np.float32((sensor.read * amplified) ** 2)
    noise = random.standard_normal(variance.shape, np.float32)
    noise *= np.sqrt(variance, out=variance)
    light += noise[..., None]


def _process(picture: Image, sensor: Sensor, random: np.random.Generator) -> Image:
    """Treat brightness and colour apart, as a camera's processor does; colour at half the resolution."""
    height, width = picture.shape[:2]
    split = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)
    luma = np.ascontiguousarray(split[..., 0])
    if sensor.sharpening:
        soft = cv2.GaussianBlur(luma, (0, 0), 1.2)
        luma = cv2.addWeighted(luma, 1 + sensor.sharpening, soft, -sensor.sharpening, 0)
    half = (max(1, width // 2), max(1, height // 2))
    chroma = cv2.resize(split[..., 1:], half, interpolation=cv2.INTER_AREA).astype(
        np.float32
    )  # (h/2, w/2, 2)
    chroma = (chroma - 128) * np.float32(sensor.saturation) + 128
    if sensor.chroma_noise:
        chroma += np.float32(sensor.chroma_noise) * random.standard_normal(chroma.shape, np.float32)
    if sensor.bleed:
        chroma = cv2.GaussianBlur(chroma, (0, 0), sensor.bleed / 2 + 0.1)
    chroma = cv2.resize(np.clip(chroma, 0, 255).astype(np.uint8), (width, height))
    return np.asarray(cv2.cvtColor(cv2.merge([luma, *cv2.split(chroma)]), cv2.COLOR_YCrCb2RGB), np.uint8)

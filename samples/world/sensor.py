"""Simulated camera sensor: linear light to the pixels of a recording.

The steps follow a real camera: lens (blur, vignette), exposure and white balance, noise, tone curve, and finally
the image processor, which treats brightness and colour separately (chroma bleed, saturation, sharpening). The lens
has no distortion, so boxes stay exact.
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
"""Target mean brightness of automatic exposure, in [0, 1]."""
STRONGEST = 16.0
"""Largest gain of automatic exposure; darker scenes stay dark."""
WEAKEST = 1 / 64
"""Smallest gain of automatic exposure."""
NOISIEST = 3.0
"""Gain from which noise stops growing: cameras average frames instead of amplifying further."""
LEVELS = 2048
"""Steps of the tone curve's table, which is even in the square root of light."""
BRIGHTEST = 4.0
"""Light at the end of the tone curve's table; brighter light is clipped."""
RATES = (8.0, 10.0, 12.5, 15.0, 20.0, 25.0, 30.0)


@dataclass(frozen=True)
class Sensor:
    """The image quality and the timing of one camera."""

    metering: Metering = "auto"
    """Whether the gain adapts to each picture ("auto") or not ("fixed")."""
    exposure: float = 1.0
    """Gain on the light; with automatic exposure, a factor on its gain."""
    white_balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Factors on red, green and blue."""
    shoulder: float = 0.3
    """Compression of highlights, from 0."""
    contrast: float = 0.0
    """S-shape of the tone curve, from -1 (flat) to 1."""
    saturation: float = 1.0
    blur: float = 0.0
    """Standard deviation of the lens blur, in pixels."""
    sharpening: float = 0.0
    """Share of the fine detail that is added again."""
    shot: float = 0.0
    """Variance of the noise per unit of light."""
    read: float = 0.0
    """Standard deviation of the noise in the dark."""
    chroma_noise: float = 0.0
    """Standard deviation of the colour noise, in levels of 255."""
    bleed: float = 0.0
    """Standard deviation of the colour blur, in pixels. Colour always has at most half the resolution."""
    vignette: float = 0.0
    """Share of the light lost in the corners."""
    shutter: float = 0.005
    """Exposure time of a frame in seconds; it sets the motion blur of crops in tracklets."""
    crf: int = 23
    """Constant rate factor of H.264: 18 is nearly lossless to the eye, 38 is bad."""
    rate: float = 10.0
    """Frames per second."""
    offset: float = 0.0
    """Start of the recording, in seconds after the start of the simulation."""

    def __post_init__(self) -> None:
        positive = {"exposure": self.exposure, "rate": self.rate, "white_balance": min(self.white_balance)}
        amounts = {
            name: getattr(self, name) for name in ("blur", "shot", "read", "bleed", "offset", "shutter")
        }
        for name, value in positive.items():
            if not value > 0:
                raise ValueError(f"sensor {name} must be above 0, got {value}")
        for name, value in amounts.items():
            if not value >= 0:
                raise ValueError(f"sensor {name} must be at least 0, got {value}")
        if not 0 <= self.crf <= 51 or not 0 <= self.vignette < 1 or not -1 <= self.contrast <= 1:
            raise ValueError(
                f"sensor crf must be in [0, 51], vignette in [0, 1) and contrast in [-1, 1], got "
                f"{self.crf=}, {self.vignette=}, {self.contrast=}"
            )


def draw_sensor(random: np.random.Generator, *, harshness: float = 0.5) -> Sensor:
    """Draw a typical surveillance camera; `harshness` is 0 for new and well set, 1 for old and badly set."""
    if not 0 <= harshness <= 1:
        raise ValueError(f"harshness must be in [0, 1], got {harshness}")
    bad = harshness * random.beta(1.4, 1.8, 8)  # (8,) badness of each trait, drawn separately
    tint = random.normal(0, 0.02 + 0.06 * bad[0], 2)
    return Sensor(
        metering="auto",  # a fixed exposure would fit only one time of day
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
    """Return the (h, w, 3) RGB picture of (h, w, 3) linear light, in which 1 is a white wall in full sun."""
    light = cv2.GaussianBlur(linear, (0, 0), sensor.blur) if sensor.blur > 0.2 else linear
    gain = sensor.exposure * (automatic_gain(light, sensor) if sensor.metering == "auto" else 1.0)
    height, width = linear.shape[:2]
    falloff = vignette_falloff(height, width, sensor.vignette)  # (h, w)
    light = light * (falloff[..., None] * np.float32(gain) * np.asarray(sensor.white_balance, np.float32))
    _add_noise(light, sensor, gain, random)
    return _process(_apply_tone_table(light, sensor), sensor, random)


def automatic_gain(light: Light, sensor: Sensor) -> float:
    """Return the gain that gives the picture a mean brightness of `MIDDLE`, found by bisection on a coarse picture."""
    coarse: Light = np.maximum(light[::12, ::12], 0)
    low, high = WEAKEST, STRONGEST
    for _ in range(12):
        gain = float(np.sqrt(low * high))
        is_dark = tone_curve(np.float32(gain) * coarse, sensor).mean() < MIDDLE
        low, high = (gain, high) if is_dark else (low, gain)
    return float(np.sqrt(low * high))


def tone_curve(light: Light, sensor: Sensor) -> Light:
    """Return the brightness in [0, 1] of light from 0 up. The curve rises, and maps 1 (white) to 1.

    >>> tone_curve(np.array([0.0, 1.0], np.float32), Sensor()).tolist()
    [0.0, 1.0]
    """
    compressed = light * (1 + sensor.shoulder) / (1 + sensor.shoulder * light)
    brightness = np.minimum(compressed, 1) ** np.float32(1 / 2.2)
    bend = np.float32(0.5 * sensor.contrast / np.pi)
    return np.asarray(brightness - bend * np.sin(2 * np.pi * brightness), np.float32)


@lru_cache(maxsize=16)
def vignette_falloff(height: int, width: int, strength: float) -> Light:
    """Return the (height, width) share of light that each pixel keeps: 1 in the middle, 1 - strength in the corners."""
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)
    return np.asarray(1 - strength * (x**2 + y**2) / 2, np.float32)


@lru_cache(maxsize=64)
def _tone_table(sensor: Sensor) -> Image:
    """Return the tone curve at equal steps of the light's square root, which keeps the detail of dark areas."""
    root = np.linspace(0, np.sqrt(BRIGHTEST), LEVELS, dtype=np.float32)
    return np.asarray(np.rint(255 * tone_curve(np.asarray(root**2, np.float32), sensor)), np.uint8)


def _apply_tone_table(light: Light, sensor: Sensor) -> Image:
    """Return the brightness of light, 0 to 255; overwrites `light`."""
    np.clip(light, 0, BRIGHTEST, out=light)
    np.sqrt(light, out=light)
    light *= np.float32((LEVELS - 1) / np.sqrt(BRIGHTEST))
    return _tone_table(sensor)[light.astype(np.uint16)]


def _add_noise(light: Light, sensor: Sensor, gain: float, random: np.random.Generator) -> None:
    """Add the same noise to all channels of the light, in place; image processors remove most colour noise."""
    if not sensor.shot and not sensor.read:
        return
    amplified = min(gain, NOISIEST)
    variance = np.maximum(light[..., 1], 0) * np.float32(sensor.shot * amplified)
    variance += np.float32((sensor.read * amplified) ** 2)
    noise = random.standard_normal(variance.shape, np.float32)
    noise *= np.sqrt(variance, out=variance)
    light += noise[..., None]


def _process(picture: Image, sensor: Sensor, random: np.random.Generator) -> Image:
    """Sharpen the brightness, and saturate, blur and add noise to the colour, which has half the resolution."""
    height, width = picture.shape[:2]
    ycrcb = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)
    luma = np.ascontiguousarray(ycrcb[..., 0])
    if sensor.sharpening:
        blurred = cv2.GaussianBlur(luma, (0, 0), 1.2)
        luma = cv2.addWeighted(luma, 1 + sensor.sharpening, blurred, -sensor.sharpening, 0)
    half_size = (max(1, width // 2), max(1, height // 2))
    chroma = cv2.resize(ycrcb[..., 1:], half_size, interpolation=cv2.INTER_AREA)  # (h/2, w/2, 2)
    chroma = chroma.astype(np.float32)
    chroma = (chroma - 128) * np.float32(sensor.saturation) + 128
    if sensor.chroma_noise:
        chroma += np.float32(sensor.chroma_noise) * random.standard_normal(chroma.shape, np.float32)
    if sensor.bleed:
        chroma = cv2.GaussianBlur(chroma, (0, 0), sensor.bleed / 2 + 0.1)
    chroma = cv2.resize(np.clip(chroma, 0, 255).astype(np.uint8), (width, height))
    return np.asarray(cv2.cvtColor(cv2.merge([luma, *cv2.split(chroma)]), cv2.COLOR_YCrCb2RGB), np.uint8)

"""Colours of clothes, hair and skin."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.random import Generator

from samples.world.fabrics import Colour

BRIGHT: tuple[Colour, ...] = (
    (22, 22, 26), (238, 238, 236), (122, 124, 128), (64, 66, 74), (28, 38, 78), (44, 84, 160), (112, 168, 210),
    (158, 32, 38), (212, 62, 52), (224, 122, 44), (232, 200, 74), (52, 108, 62), (96, 104, 62), (112, 78, 52),
    (186, 156, 116), (220, 206, 176), (120, 62, 122), (226, 150, 172), (42, 130, 136), (78, 22, 36),
)  # fmt: skip
SOBER: tuple[Colour, ...] = (
    (20, 20, 24), (30, 34, 48), (60, 62, 68), (104, 106, 110), (52, 46, 42), (84, 78, 70), (230, 230, 228), (40, 52, 74),
)  # fmt: skip
PALE, DARK = (236, 192, 164), (74, 46, 32)
"""The palest and the darkest skin."""
GREY: Colour = (168, 166, 162)
HAIR: dict[Colour, float] = {
    (16, 14, 14): 0.36,
    (44, 28, 20): 0.26,
    (84, 54, 32): 0.17,
    (168, 130, 78): 0.1,
    (120, 118, 116): 0.05,
    (104, 40, 22): 0.06,
}
"""Hair colours and their probabilities."""


def of_dye(random: Generator, sober: float) -> Colour:
    """Draw the colour of a garment: sober with probability `sober`, else of any hue or a common bright colour."""
    if random.random() < sober:
        return shade(SOBER[int(random.integers(len(SOBER)))], random)
    if random.random() < 0.3:
        hue, saturation, value = random.random(), random.uniform(0.2, 0.95), random.uniform(0.15, 0.95)
        return of_hue(hue, saturation, value)
    return shade(BRIGHT[int(random.integers(len(BRIGHT)))], random)


def shade(colour: Colour, random: Generator) -> Colour:
    """Draw a colour near the given one."""
    moved = np.asarray(colour) * random.uniform(0.8, 1.15) + random.normal(0, 6, 3)
    return _colour(np.clip(moved, 6, 248))


def between(first: Colour, second: Colour, share: float) -> Colour:
    """Mix two colours; `share`, from 0 to 1, is the share of the second."""
    return _colour(np.asarray(first) * (1 - share) + np.asarray(second) * share)


def of_hue(hue: float, saturation: float, value: float) -> Colour:
    """Return the RGB colour of a hue, a saturation and a value, each from 0 to 1.

    >>> of_hue(0.0, 1.0, 1.0)
    (255.0, 0.0, 0.0)
    """
    spread = np.abs((hue * 6 + np.array([0, 4, 2])) % 6 - 3) - 1
    return _colour(255 * value * (1 - saturation + saturation * np.clip(spread, 0, 1)))


def opposite(colour: Colour, random: Generator) -> Colour:
    """Draw a colour unlike the given one: bright if that one is dark, else dark."""
    is_dark = np.mean(colour) < 110
    return of_hue(random.random(), 0.85 if is_dark else 0.5, 0.95 if is_dark else 0.12)


def _colour(channels: Iterable[float]) -> Colour:
    """Convert three channels to a colour."""
    red, green, blue = (float(channel) for channel in channels)
    return red, green, blue

"""Colours of identities, the same in all cameras and on the report's timeline."""

from __future__ import annotations

from typing import Final

import numpy as np

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

GREY: Final[Colour] = (150, 150, 150)
"""Colour of a track without identity."""
DARK: Final[Colour] = (18, 18, 18)
"""Background of text."""
LIGHTNESS, CHROMA, HUE_STEP = 0.74, 0.15, 137.508
"""Lightness, chroma and hue step in Oklch, as on the report's dark timeline; a step of the golden angle (in degrees)
keeps the colours of consecutive numbers apart."""
OKLAB_TO_LMS = np.array(
    [
        [1, 0.3963377774, 0.2158037573],
        [1, -0.1055613458, -0.0638541728],
        [1, -0.0894841775, -1.2914855480],
    ]
)
LMS_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


def identity_colour(identity: int) -> Colour:
    """Return the colour of an identity: Oklab to sRGB after Björn Ottosson (2020), clipped to sRGB.

    >>> identity_colour(1), identity_colour(2)
    ((122, 192, 94), (144, 161, 255))
    """
    hue = np.deg2rad(identity * HUE_STEP % 360)
    roots = OKLAB_TO_LMS @ (LIGHTNESS, CHROMA * np.cos(hue), CHROMA * np.sin(hue))
    linear = (LMS_TO_RGB @ roots**3).clip(0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = (round(255 * float(value)) for value in encoded)
    return red, green, blue

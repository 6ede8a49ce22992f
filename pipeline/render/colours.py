"""Which colour does an identity have, in every camera and on the report's timeline?"""

from __future__ import annotations

from typing import Final

import numpy as np

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

GREY: Final[Colour] = (150, 150, 150)
"""Of who has no identity."""
DARK: Final[Colour] = (18, 18, 18)
"""Behind text, so that it can be read on anything."""
LIGHTNESS, CHROMA, TURN = 0.74, 0.15, 137.508
"""Of Oklch, as on the report's timeline in the dark; the golden angle keeps neighbours in number apart."""
TO_CONES = np.array(
    [
        [1, 0.3963377774, 0.2158037573],
        [1, -0.1055613458, -0.0638541728],
        [1, -0.0894841775, -1.2914855480],
    ]
)
TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


def identity_colour(identity: int) -> Colour:
    """Give an identity its colour: Oklab to sRGB after Björn Ottosson (2020), cut off where sRGB ends.

    >>> identity_colour(1), identity_colour(2)
    ((122, 192, 94), (144, 161, 255))
    """
    hue = np.deg2rad(identity * TURN % 360)
    cones = TO_CONES @ (LIGHTNESS, CHROMA * np.cos(hue), CHROMA * np.sin(hue))
    linear = (TO_RGB @ cones**3).clip(0, 1)
    shown = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = (round(255 * float(value)) for value in shown)
    return red, green, blue

"""Paint of props: plain or patterned sheets with seams, zips and wear."""

from __future__ import annotations

from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from samples.world.shapes import Patch

Colour = tuple[int, int, int]
"""RGB, 0 to 255 in sRGB."""
Pattern = Literal["plain", "stripes", "checks", "dots", "panels", "halves"]
PATTERNS: tuple[Pattern, ...] = get_args(Pattern)
Sheet = NDArray[np.uint8]
SIDE = 128
"""Width and height of a sheet in pixels."""
BODY: Patch = (0.0, 0.0, 1.0, 0.75)
"""Area of a sheet that paints the main part of a prop."""
STRAP: Patch = (0.02, 0.80, 0.22, 0.98)
METAL: Patch = (0.27, 0.80, 0.47, 0.98)
ACCENT: Patch = (0.52, 0.80, 0.72, 0.98)
DARK: Patch = (0.77, 0.80, 0.97, 0.98)
"""Areas below `BODY`, each of one plain colour."""
STEEL: Colour = (150, 152, 156)
BLACK: Colour = (24, 24, 26)


def sheet(colour: Colour, accent: Colour, pattern: Pattern = "plain", strap: Colour | None = None) -> Sheet:
    """Return a (128, 128, 4) sheet: the pattern, and below it plain strap, metal, accent and dark colours.

    By default the strap is a darker `colour`.
    """
    row, column = np.mgrid[:SIDE, :SIDE]
    share = mask(pattern, row, column).astype(np.float32)[..., None]
    paint = np.asarray(colour) * (1 - share) + np.asarray(accent) * share
    paint *= 1 + 0.10 * grain(sum(colour) + 3 * sum(accent))[..., None]
    is_below = row >= 0.77 * SIDE
    plain_colours = np.array([strap or shaded(colour, 0.7), STEEL, accent, BLACK])
    paint[is_below] = plain_colours[np.minimum(column[is_below] * 4 // SIDE, 3)]
    return np.concatenate([np.clip(paint, 0, 255), np.full((SIDE, SIDE, 1), 255)], axis=2).astype(np.uint8)


def mask(pattern: Pattern, row: NDArray[np.integer], column: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return a (128, 128) mask of the pixels that have the second colour."""
    if pattern == "stripes":
        return np.asarray(row // 12 % 2 == 1)
    if pattern == "checks":
        return np.asarray((row // 12 + column // 16) % 2 == 1)
    if pattern == "dots":
        return np.asarray((row % 24 - 12) ** 2 + (column % 24 - 12) ** 2 < 40)
    if pattern == "panels":
        return np.asarray(column * 8 // SIDE % 2 == 1)
    return np.asarray(row > 48) if pattern == "halves" else np.zeros(row.shape, bool)


def grain(seed: int) -> NDArray[np.float32]:
    """Return (128, 128) noise in [-1, 1] for folds and wear. The same seed gives the same noise."""
    coarse = np.random.default_rng(seed).uniform(-1, 1, (10, 10)).astype(np.float32)
    smooth = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(smooth, -1, 1), np.float32)


def shaded(colour: Colour, share: float) -> Colour:
    """Multiply a colour by `share`."""
    red, green, blue = (round(channel * share) for channel in colour)
    return red, green, blue


def drawn(paint: Sheet, colour: Colour, *lines: tuple[float, float, float, float], pixels: int = 1) -> Sheet:
    """Return a copy of a sheet with straight lines (u0, v0, u1, v1), such as seams, zips and edges of pockets."""
    canvas = paint.copy()
    for line in lines:
        u0, v0, u1, v1 = (round(share * (SIDE - 1)) for share in line)
        cv2.line(canvas, (u0, v0), (u1, v1), (*colour, 255), pixels, cv2.LINE_AA)
    return canvas


def filled(paint: Sheet, patch: Patch, colour: Colour) -> Sheet:
    """Return a copy of a sheet with a patch filled with one colour."""
    canvas = paint.copy()
    u0, v0, u1, v1 = (round(share * SIDE) for share in patch)
    canvas[v0:v1, u0:u1, :3] = colour
    return canvas

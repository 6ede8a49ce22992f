"""The paint of a thing: a plain sheet or a pattern, with seams, zips and wear drawn on it."""

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
"""Pixels of a sheet."""
BODY: Patch = (0.0, 0.0, 1.0, 0.75)
"""Where the main part of a thing is painted."""
STRAP: Patch = (0.02, 0.80, 0.22, 0.98)
METAL: Patch = (0.27, 0.80, 0.47, 0.98)
ACCENT: Patch = (0.52, 0.80, 0.72, 0.98)
DARK: Patch = (0.77, 0.80, 0.97, 0.98)
"""Plain colours below it."""
STEEL: Colour = (150, 152, 156)
BLACK: Colour = (24, 24, 26)


def sheet(colour: Colour, accent: Colour, pattern: Pattern = "plain", strap: Colour | None = None) -> Sheet:
    """Paint (128, 128, 4): the pattern above, four plain colours below: strap, metal, accent, dark."""
    row, column = np.mgrid[:SIDE, :SIDE]
    share = mask(pattern, row, column).astype(np.float32)[..., None]
    paint = np.asarray(colour) * (1 - share) + np.asarray(accent) * share
    paint *= 1 + 0.10 * grain(sum(colour) + 3 * sum(accent))[..., None]
    low = row >= 0.77 * SIDE
    plain = np.array([strap or shaded(colour, 0.7), STEEL, accent, BLACK])
    paint[low] = plain[np.minimum(column[low] * 4 // SIDE, 3)]
    return np.concatenate([np.clip(paint, 0, 255), np.full((SIDE, SIDE, 1), 255)], axis=2).astype(np.uint8)


def mask(pattern: Pattern, row: NDArray[np.integer], column: NDArray[np.integer]) -> NDArray[np.bool_]:
    """(128, 128): where the second colour goes."""
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
    """(128, 128) in [-1, 1]: folds and wear, the same for the same seed."""
    coarse = np.random.default_rng(seed).uniform(-1, 1, (10, 10)).astype(np.float32)
    return np.asarray(
        np.clip(cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), -1, 1), np.float32
    )


def shaded(colour: Colour, share: float) -> Colour:
    """Darken a colour."""
    red, green, blue = (round(level * share) for level in colour)
    return red, green, blue


def drawn(paint: Sheet, colour: Colour, *lines: tuple[float, float, float, float], pixels: int = 1) -> Sheet:
    """Draw straight lines (u, v to u, v), as seams, zips and edges of pockets are."""
    out = paint.copy()
    for line in lines:
        u0, v0, u1, v1 = (round(share * (SIDE - 1)) for share in line)
        cv2.line(out, (u0, v0), (u1, v1), (*colour, 255), pixels, cv2.LINE_AA)
    return out


def filled(paint: Sheet, patch: Patch, colour: Colour) -> Sheet:
    """Fill a patch with one colour."""
    out = paint.copy()
    u0, v0, u1, v1 = (round(share * SIDE) for share in patch)
    out[v0:v1, u0:u1, :3] = colour
    return out

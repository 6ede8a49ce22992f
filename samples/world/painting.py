"""Texture sheets of one person: skin, face, hair and each garment; areas that are cut away are transparent."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from samples.world.bodies import HEAD, ROBE
from samples.world.fabrics import PATTERNS, SIDE, Colour, Sheet, folds, mixed, motif, noise, shaded
from samples.world.looks import Bottom, Cloth, Look, Neck, Top


def _head_v(height: float) -> float:
    """Return the v coordinate on the head sheet of a height on an average body."""
    return (HEAD[0] - height) / HEAD[1]


SHEETS = ("skin", "head", "hair", "top", "sleeves", "outer", "outer sleeves", "legs", "seat", "shoes")
HAIR_LENGTH = 0.66
"""Metres that the hair sheet reaches down from the top of the head."""
NECKS: dict[Neck, tuple[float, float, float]] = {
    "round": (0.035, 0.045, 0.9), "vee": (0.035, 0.10, 0.6), "collar": (0.035, 0.05, 0.4), "high": (0.018, 0.0, 1.0),
}  # fmt: skip
"""Necklines: v at the sides, extra depth in front, and half the angle in radians over which the extra depth fades."""
MOUTH = _head_v(0.622)
LIPS = (0.78, 0.58, 0.56)
"""Factors on the skin's red, green and blue."""
_V, _U = (np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) + 0.5) / SIDE
_ANGLE = (_U - 0.5) * 2 * np.pi
"""(SIDE, SIDE) angle around a body part in radians: 0 in front, ±pi at the seam behind."""


def paint(look: Look) -> NDArray[np.uint8]:
    """Return the sheets of a person, (len(SHEETS), SIDE, SIDE, 4) RGBA in sRGB, in the order of `SHEETS`."""
    random = np.random.default_rng(look.seed)
    sheets = {
        "skin": _opaque(_skin(look.skin, random)),
        "head": _opaque(_face(look, random)),
        "hair": _hair(look, random),
        "top": _trunk(look.top, random),
        "sleeves": _sleeves(look.top, random),
        "legs": _legs(look.bottom, random),
        "seat": _seat(look.bottom, random),
        "shoes": _shoes(look, random),
    }
    if look.outer:
        sheets |= {"outer": _trunk(look.outer, random), "outer sleeves": _sleeves(look.outer, random)}
    blank = np.zeros((SIDE, SIDE, 4), np.uint8)
    return np.stack([sheets.get(name, blank) for name in SHEETS])


def trunk_v(height: float) -> float:
    """Return the v coordinate on the trunk sheet of a height on an average body."""
    return (ROBE[0] - height) / ROBE[1]


def _cloth(cloth: Cloth) -> Sheet:
    """Return a sheet of a cloth with its pattern and its prints on chest and back."""
    random = np.random.default_rng(cloth.seed)
    sheet = np.array(PATTERNS[cloth.pattern](cloth.colours, random), np.float32)
    if cloth.front:
        motif(sheet, cloth.colours[1:], random)
    if cloth.back:
        motif(sheet, cloth.colours[1:], random, back=True)
    return sheet


def _trunk(top: Top, random: Generator) -> NDArray[np.uint8]:
    """Paint a garment of the trunk: cloth, neckline, hem, trim and opening."""
    sheet = shaded(_cloth(top.cloth), folds(random, 0.10))
    hem = trunk_v(top.hem) + 0.004 * np.sin(3 * _ANGLE)
    front = np.abs(_ANGLE)
    side_v, scoop, width = NECKS[top.neck]
    neck = side_v + scoop * np.clip(1 - front / width, 0, 1)
    if top.trim:
        _fill(sheet, front < 0.035, top.trim)
        _fill(sheet, (hem - 0.012 < _V) & (hem > _V), top.trim)
    else:
        sheet *= np.where((hem - 0.008 < _V) & (hem > _V), 0.8, 1.0)[..., None]
    if top.neck == "collar":
        collar = (neck - 0.001 < _V) & (neck + 0.022 > _V) & (front < 1.2)
        _fill(sheet, collar, _darker(top.cloth.colours[0], 0.85))
        sheet *= np.where((front < 0.02) & (neck < _V), 0.8, 1.0)[..., None]
    shown = (neck < _V) & (hem > _V) & (front > top.opening * np.clip(0.6 + 0.6 * (_V - 0.1) / 0.4, 0.5, 1.3))
    return _cut(sheet, shown)


def _sleeves(top: Top, random: Generator) -> NDArray[np.uint8]:
    """Paint the sleeves of a garment."""
    unprinted = replace(top.sleeves, front=False, back=False)
    sheet = shaded(_cloth(unprinted), folds(random, 0.14))
    if top.cuff:
        sheet *= np.where(top.sleeve - 0.07 < _V, 1.12, 1.0)[..., None]
    elif top.sleeve > 0.9:
        sheet *= np.where(_V > 0.95, 0.85, 1.0)[..., None]
    return _cut(sheet, top.sleeve > _V)


def _legs(bottom: Bottom, random: Generator) -> NDArray[np.uint8]:
    """Paint the legs of trousers; blank for a skirt."""
    if bottom.kind == "skirt":
        return np.zeros((SIDE, SIDE, 4), np.uint8)
    sheet = shaded(_cloth(bottom.cloth), folds(random, 0.11))
    if bottom.stripe:
        _fill(sheet, np.abs(np.abs(_ANGLE) - np.pi / 2) < 0.18, bottom.stripe)
    sheet *= np.where(np.abs(np.abs(_ANGLE) - np.pi / 2) < 0.03, 0.85, 1.0)[..., None]
    sheet *= np.where(bottom.length - 0.02 < _V, 0.82, 1.0)[..., None]
    return _cut(sheet, bottom.length > _V)


def _seat(bottom: Bottom, random: Generator) -> NDArray[np.uint8]:
    """Paint the hips of trousers, or a skirt, in the coordinates of the trunk sheet."""
    cloth = _cloth(bottom.cloth)
    waist = trunk_v(0.125)
    if bottom.kind == "trousers":
        sheet = shaded(cloth, folds(random, 0.06))
        _fill(sheet, (waist < _V) & (waist + 0.022 > _V), _darker(bottom.cloth.colours[1], 0.5))
        return _cut(sheet, waist < _V)
    pleats = 1 + 0.08 * np.sin(_ANGLE * 16 + 3 * noise(random, 4)) * np.clip((_V - waist) * 5, 0, 1)
    return _cut(cloth * pleats[..., None], (waist < _V) & (trunk_v(0.13 - 0.95 * bottom.length) > _V))


def _shoes(look: Look, random: Generator) -> NDArray[np.uint8]:
    """Paint shoes and socks."""
    colour, sole, shaft = look.shoes
    sheet = _skin(colour, random)
    top = 0.90 - 0.5 * shaft
    _fill(sheet, _V > 0.975, sole)
    _fill(sheet, (np.abs(_ANGLE) < 0.3) & (_V > 0.92) & (_V < 0.955), _darker(sole, 0.9))
    socks = _V < 0.925
    if shaft == 0:
        _fill(sheet, socks, (228.0, 228.0, 226.0) if look.seed % 3 else _darker(colour, 0.6))
    return _cut(sheet, top < _V)


def _skin(colour: Colour, random: Generator) -> Sheet:
    """Return a sheet of one colour with the fine grain of skin or leather."""
    return _plain(colour, 1 + 0.035 * noise(random, 24))


def _face(look: Look, random: Generator) -> Sheet:
    """Paint the head: the face in the middle of the sheet, the scalp above and around it."""
    sheet = _with_features(_skin(look.skin, random), look)
    if look.beard:
        sheet = mixed(sheet, _plain(look.hair_colour, np.ones_like(_V)), 0.75 * _blurred(_beard_mask(), 3))
    if look.hair != "bald":
        strands = _plain(look.hair_colour, 1 + 0.25 * noise(random, 6, 60))
        scalp = _blurred(hair_mask(_ANGLE, _V, random.uniform(-0.02, 0.02)), 1.5)
        sheet = mixed(sheet, strands, scalp * (0.85 if look.hair == "cropped" else 1.0))
    return sheet


def _with_features(sheet: Sheet, look: Look) -> Sheet:
    """Draw eyes, brows and mouth, and the shading around eyes and nose."""
    front, eyes = np.abs(_ANGLE), _head_v(0.697)
    white, iris, lips = (225.0, 220.0, 215.0), (40.0, 28.0, 22.0), tuple(np.asarray(look.skin) * LIPS)
    _fill(sheet, (np.abs(front - 0.29) < 0.10) & (np.abs(_V - eyes) < 0.016), white)
    _fill(sheet, (np.abs(front - 0.29) < 0.045) & (np.abs(_V - eyes) < 0.018), iris)
    brows = (np.abs(front - 0.30) < 0.15) & (np.abs(_V - _head_v(0.712)) < 0.011)
    _fill(sheet, brows, _darker(look.hair_colour, 0.7))
    _fill(sheet, (front < 0.20) & (np.abs(_V - MOUTH) < 0.016), lips)
    shading = 1 - 0.16 * np.exp(-(((front - 0.29) / 0.2) ** 2) - (((_V - eyes) / 0.05) ** 2))
    shading -= 0.12 * np.exp(-((front / 0.12) ** 2) - (((_V - _head_v(0.648)) / 0.022) ** 2))
    return shaded(sheet, shading)


def _beard_mask() -> NDArray[np.bool_]:
    """Return a (SIDE, SIDE) mask of the area around the mouth where a beard grows."""
    front = np.abs(_ANGLE)
    mouth = (front < 0.2) & (np.abs(_V - MOUTH) < 0.02)
    return np.asarray((_head_v(0.64) < _V) & (_head_v(0.565) > _V) & (front < 1.35) & ~mouth)


def hair_mask(angle: NDArray[np.floating], v: NDArray[np.floating], shift: float = 0.0) -> NDArray[np.bool_]:
    """Return a mask of the points of a head where hair grows.

    The hairline falls from the forehead past the ears to the nape. `shift` moves it down, in units of v.
    """
    hairline = np.interp(
        np.abs(angle), (0.0, 0.55, 0.85, 1.25, 1.45, 2.0, np.pi), (0.21, 0.23, 0.33, 0.46, 0.50, 0.66, 0.76)
    )
    return np.asarray(v < hairline + shift)


def _hair(look: Look, random: Generator) -> NDArray[np.uint8]:
    """Paint hair that hangs down; blank for short hair."""
    strands = _plain(look.hair_colour, 1 + 0.28 * noise(random, 5, 70) + 0.1 * noise(random, 3))
    length = {"bob": 0.25, "long": float(random.uniform(0.34, 0.52)), "bun": 0.16}.get(look.hair, 0.0)
    tips = (length + 0.02 * noise(random, 2, 20)) / HAIR_LENGTH
    face = (np.abs(_ANGLE) < 0.75) & (_V > 0.09)
    return _cut(strands, (tips > _V) & ~face & (length > 0))


def _plain(colour: Colour, factor: Sheet) -> Sheet:
    """Return a sheet of one colour, multiplied by `factor` (SIDE, SIDE)."""
    return np.asarray(np.asarray(colour, np.float32) * factor[..., None], np.float32)


def _blurred(mask: NDArray[np.bool_], pixels: float) -> Sheet:
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), pixels), np.float32)


def _fill(sheet: Sheet, mask: NDArray[np.bool_], colour: Colour) -> None:
    sheet[mask] = colour


def _darker(colour: Colour, factor: float) -> Colour:
    red, green, blue = colour
    return (red * factor, green * factor, blue * factor)


def _opaque(sheet: Sheet) -> NDArray[np.uint8]:
    return _cut(sheet, np.ones((SIDE, SIDE), bool))


def _cut(sheet: Sheet, shown: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return the sheet as RGBA, transparent outside of the `shown` mask."""
    return np.dstack([np.clip(sheet, 0, 255), shown * np.float32(255)]).astype(np.uint8)

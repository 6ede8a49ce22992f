"""The sheets of paint of one person: skin, face, hair and each garment, with what is cut away left clear."""

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
    """Say which v a height on an average body has on the sheet of the head."""
    return (HEAD[0] - height) / HEAD[1]


SHEETS = ("skin", "head", "hair", "top", "sleeves", "outer", "outer sleeves", "legs", "seat", "shoes")
HAIR_LENGTH = 0.66
"""Metres that the sheet of hair reaches down from the top of the head."""
NECKS: dict[Neck, tuple[float, float, float]] = {
    "round": (0.035, 0.045, 0.9), "vee": (0.035, 0.10, 0.6), "collar": (0.035, 0.05, 0.4), "high": (0.018, 0.0, 1.0),
}  # fmt: skip
"""Of a neckline: v at the sides, how much deeper it is in front, and how far around, in radians, that reaches."""
MOUTH = _head_v(0.622)
LIPS = (0.78, 0.58, 0.56)
"""Of the skin's red, green and blue."""
_V, _U = (np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) + 0.5) / SIDE
_ANGLE = (_U - 0.5) * 2 * np.pi
"""Around a part: 0 in front, the sheet's seam behind."""


def paint(look: Look) -> NDArray[np.uint8]:
    """Paint a person.

    Returns:
        (len(SHEETS), SIDE, SIDE, 4) RGBA in sRGB.
    """
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


def robe(height: float) -> float:
    """Say which v a height on an average body has on the sheet of the trunk."""
    return (ROBE[0] - height) / ROBE[1]


def _woven(cloth: Cloth) -> Sheet:
    random = np.random.default_rng(cloth.seed)
    sheet = np.array(PATTERNS[cloth.pattern](cloth.colours, random), np.float32)
    if cloth.front:
        motif(sheet, cloth.colours[1:], random)
    if cloth.back:
        motif(sheet, cloth.colours[1:], random, back=True)
    return sheet


def _trunk(top: Top, random: Generator) -> NDArray[np.uint8]:
    sheet = shaded(_woven(top.cloth), folds(random, 0.10))
    hem = robe(top.hem) + 0.004 * np.sin(3 * _ANGLE)
    front = np.abs(_ANGLE)
    high, scoop, width = NECKS[top.neck]
    neck = high + scoop * np.clip(1 - front / width, 0, 1)
    if top.trim:
        _edge(sheet, front < 0.035, top.trim)
        _edge(sheet, (hem - 0.012 < _V) & (hem > _V), top.trim)
    else:
        sheet *= np.where((hem - 0.008 < _V) & (hem > _V), 0.8, 1.0)[..., None]
    if top.neck == "collar":
        collar = (neck - 0.001 < _V) & (neck + 0.022 > _V) & (front < 1.2)
        _edge(sheet, collar, _darker(top.cloth.colours[0], 0.85))
        sheet *= np.where((front < 0.02) & (neck < _V), 0.8, 1.0)[..., None]
    shown = (neck < _V) & (hem > _V) & (front > top.opening * np.clip(0.6 + 0.6 * (_V - 0.1) / 0.4, 0.5, 1.3))
    return _cut(sheet, shown)


def _sleeves(top: Top, random: Generator) -> NDArray[np.uint8]:
    unprinted = replace(top.sleeves, front=False, back=False)
    sheet = shaded(_woven(unprinted), folds(random, 0.14))
    if top.cuff:
        sheet *= np.where(top.sleeve - 0.07 < _V, 1.12, 1.0)[..., None]
    elif top.sleeve > 0.9:
        sheet *= np.where(_V > 0.95, 0.85, 1.0)[..., None]
    return _cut(sheet, top.sleeve > _V)


def _legs(bottom: Bottom, random: Generator) -> NDArray[np.uint8]:
    if bottom.kind == "skirt":
        return np.zeros((SIDE, SIDE, 4), np.uint8)
    sheet = shaded(_woven(bottom.cloth), folds(random, 0.11))
    if bottom.stripe:
        _edge(sheet, np.abs(np.abs(_ANGLE) - np.pi / 2) < 0.18, bottom.stripe)
    sheet *= np.where(np.abs(np.abs(_ANGLE) - np.pi / 2) < 0.03, 0.85, 1.0)[..., None]
    sheet *= np.where(bottom.length - 0.02 < _V, 0.82, 1.0)[..., None]
    return _cut(sheet, bottom.length > _V)


def _seat(bottom: Bottom, random: Generator) -> NDArray[np.uint8]:
    """Trousers about the hips, or a skirt; in the trunk's coordinates."""
    woven = _woven(bottom.cloth)
    waist = robe(0.125)
    if bottom.kind == "trousers":
        sheet = shaded(woven, folds(random, 0.06))
        _edge(sheet, (waist < _V) & (waist + 0.022 > _V), _darker(bottom.cloth.colours[1], 0.5))
        return _cut(sheet, waist < _V)
    pleats = 1 + 0.08 * np.sin(_ANGLE * 16 + 3 * noise(random, 4)) * np.clip((_V - waist) * 5, 0, 1)
    return _cut(woven * pleats[..., None], (waist < _V) & (robe(0.13 - 0.95 * bottom.length) > _V))


def _shoes(look: Look, random: Generator) -> NDArray[np.uint8]:
    colour, sole, shaft = look.shoes
    sheet = _skin(colour, random)
    top = 0.90 - 0.5 * shaft
    _edge(sheet, _V > 0.975, sole)
    _edge(sheet, (np.abs(_ANGLE) < 0.3) & (_V > 0.92) & (_V < 0.955), _darker(sole, 0.9))
    socks = _V < 0.925
    if shaft == 0:
        _edge(sheet, socks, (228.0, 228.0, 226.0) if look.seed % 3 else _darker(colour, 0.6))
    return _cut(sheet, top < _V)


def _skin(colour: Colour, random: Generator) -> Sheet:
    return _plain(colour, 1 + 0.035 * noise(random, 24))


def _face(look: Look, random: Generator) -> Sheet:
    """Head: face in the middle of the sheet, scalp above and around."""
    sheet = _featured(_skin(look.skin, random), look)
    if look.beard:
        sheet = mixed(sheet, _plain(look.hair_colour, np.ones_like(_V)), 0.75 * _blurred(_bearded(), 3))
    if look.hair != "bald":
        strands = _plain(look.hair_colour, 1 + 0.25 * noise(random, 6, 60))
        scalp = _blurred(hairy(_ANGLE, _V, random.uniform(-0.02, 0.02)), 1.5)
        sheet = mixed(sheet, strands, scalp * (0.85 if look.hair == "cropped" else 1.0))
    return sheet


def _featured(sheet: Sheet, look: Look) -> Sheet:
    """Draw eyes, brows and mouth, and the shade about eyes and nose."""
    front, eyes = np.abs(_ANGLE), _head_v(0.697)
    white, iris, lips = (225.0, 220.0, 215.0), (40.0, 28.0, 22.0), tuple(np.asarray(look.skin) * LIPS)
    _edge(sheet, (np.abs(front - 0.29) < 0.10) & (np.abs(_V - eyes) < 0.016), white)
    _edge(sheet, (np.abs(front - 0.29) < 0.045) & (np.abs(_V - eyes) < 0.018), iris)
    brows = (np.abs(front - 0.30) < 0.15) & (np.abs(_V - _head_v(0.712)) < 0.011)
    _edge(sheet, brows, _darker(look.hair_colour, 0.7))
    _edge(sheet, (front < 0.20) & (np.abs(_V - MOUTH) < 0.016), lips)
    shade = 1 - 0.16 * np.exp(-(((front - 0.29) / 0.2) ** 2) - (((_V - eyes) / 0.05) ** 2))
    shade -= 0.12 * np.exp(-((front / 0.12) ** 2) - (((_V - _head_v(0.648)) / 0.022) ** 2))
    return shaded(sheet, shade)


def _bearded() -> NDArray[np.bool_]:
    """(SIDE, SIDE): where a beard grows, around the mouth."""
    front = np.abs(_ANGLE)
    mouth = (front < 0.2) & (np.abs(_V - MOUTH) < 0.02)
    return np.asarray((_head_v(0.64) < _V) & (_head_v(0.565) > _V) & (front < 1.35) & ~mouth)


def hairy(angle: NDArray[np.floating], v: NDArray[np.floating], shift: float = 0.0) -> NDArray[np.bool_]:
    """Say where on a head hair grows: the hairline falls from the forehead past the ears to the nape."""
    line = np.interp(
        np.abs(angle), (0.0, 0.55, 0.85, 1.25, 1.45, 2.0, np.pi), (0.21, 0.23, 0.33, 0.46, 0.50, 0.66, 0.76)
    )
    return np.asarray(v < line + shift)


def _hair(look: Look, random: Generator) -> NDArray[np.uint8]:
    strands = _plain(look.hair_colour, 1 + 0.28 * noise(random, 5, 70) + 0.1 * noise(random, 3))
    length = {"bob": 0.25, "long": float(random.uniform(0.34, 0.52)), "bun": 0.16}.get(look.hair, 0.0)
    edge = (length + 0.02 * noise(random, 2, 20)) / HAIR_LENGTH
    face = (np.abs(_ANGLE) < 0.75) & (_V > 0.09)
    return _cut(strands, (edge > _V) & ~face & (length > 0))


def _plain(colour: Colour, factor: Sheet) -> Sheet:
    """One colour, lighter or darker by `factor`, (SIDE, SIDE)."""
    return np.asarray(np.asarray(colour, np.float32) * factor[..., None], np.float32)


def _blurred(where: NDArray[np.bool_], reach: float) -> Sheet:
    return np.asarray(cv2.GaussianBlur(where.astype(np.float32), (0, 0), reach), np.float32)


def _edge(sheet: Sheet, where: NDArray[np.bool_], colour: Colour) -> None:
    sheet[where] = colour


def _darker(colour: Colour, factor: float) -> Colour:
    r, g, b = colour
    return (r * factor, g * factor, b * factor)


def _opaque(sheet: Sheet) -> NDArray[np.uint8]:
    return _cut(sheet, np.ones((SIDE, SIDE), bool))


def _cut(sheet: Sheet, shown: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return np.dstack([np.clip(sheet, 0, 255), shown * np.float32(255)]).astype(np.uint8)

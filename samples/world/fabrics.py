"""Patterns of cloth: square sheets made from colours and noise.

All pattern functions take at least four colours and a random generator, and return a (SIDE, SIDE, 3) sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

SIDE = 256
"""Width and height of a sheet in pixels. Around a trunk a pixel is about 4 mm wide."""

Sheet = NDArray[np.float32]
"""(SIDE, SIDE, 3) RGB from 0 to 255, or (SIDE, SIDE) numbers."""
Colour = tuple[float, float, float]
"""RGB from 0 to 255."""
Colours = Sequence[Colour]

_V, _U = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE


def noise(random: Generator, cells: int, across: int | None = None, octaves: int = 1) -> Sheet:
    """Return (SIDE, SIDE) smooth noise in about [-1, 1] that continues over the vertical seam.

    Args:
        random: source of the noise.
        cells: rows of random values per sheet; also the columns unless `across` is given.
        across: columns of random values per sheet.
        octaves: number of layers; each has half the cell size and half the amplitude of the one before.
    """
    total = np.zeros((SIDE, SIDE), np.float32)
    for octave in range(octaves):
        rows, columns = cells * 2**octave, (across or cells) * 2**octave
        grid = random.uniform(-1, 1, (rows, columns)).astype(np.float32)
        closed = np.concatenate([grid, grid[:, :2]], 1)
        enlarged = cv2.resize(
            closed, (SIDE + max(1, 2 * SIDE // columns), SIDE), interpolation=cv2.INTER_CUBIC
        )
        total += enlarged[:, :SIDE] / 2**octave
    return total


def plain(colours: Colours, random: Generator) -> Sheet:
    """Paint one colour."""
    return shaded(_filled(colours[0]), 1 + 0.02 * noise(random, 6))


def heather(colours: Colours, random: Generator) -> Sheet:
    """Paint mottled wool of two colours."""
    grain = random.normal(0, 1, (SIDE, SIDE)).astype(np.float32)
    return _blend(colours, 0.5 + 0.22 * cv2.GaussianBlur(grain, (0, 0), 1.0) * 2)


def hoops(colours: Colours, random: Generator) -> Sheet:
    """Paint even horizontal stripes."""
    count, share = random.integers(8, 45), random.uniform(0.2, 0.6)
    return _blend(colours, (_V * count % 1 < share).astype(np.float32))


def uneven_hoops(colours: Colours, random: Generator) -> Sheet:
    """Paint horizontal stripes of different heights and colours."""
    edges = np.sort(random.uniform(0.05, 0.6, random.integers(4, 12)))
    band = np.searchsorted(edges, _V)
    picks = random.integers(0, len(colours), len(edges) + 1)
    return _colour_at(colours, picks[band])


def pinstripes(colours: Colours, random: Generator) -> Sheet:
    """Paint vertical stripes."""
    count, share = random.integers(16, 64), random.uniform(0.1, 0.5)
    return _blend(colours, (_U * count % 1 < share).astype(np.float32))


def gingham(colours: Colours, random: Generator) -> Sheet:
    """Paint checks of two colours."""
    count = random.integers(12, 40)
    share = (_U * count % 1 < 0.5).astype(np.float32) + (_V * count * 1.3 % 1 < 0.5)
    return _blend(colours, share / 2)


def tartan(colours: Colours, random: Generator) -> Sheet:
    """Paint checks of several widths and colours."""
    count = random.integers(4, 12)

    def draw_period() -> NDArray[np.int64]:
        """Return the colour indices along one period of the pattern."""
        return np.repeat(random.integers(0, len(colours), 8), random.integers(1, 8, 8))

    def threads(along: Sheet, period: NDArray[np.int64]) -> Sheet:
        """Return the colours of threads at positions (0 to 1) along the sheet."""
        return _colour_at(colours, period[(along * count % 1 * len(period)).astype(int)])

    period = draw_period()
    return np.asarray((threads(_U, period) + threads(_V * 1.3, period)) / 2, np.float32)


def dots(colours: Colours, random: Generator) -> Sheet:
    """Paint polka dots."""
    count, radius = random.integers(10, 36), random.uniform(0.15, 0.38)
    row = np.floor(_V * count * 1.3)
    x = (_U * count + 0.5 * (row % 2)) % 1 - 0.5
    y = _V * count * 1.3 % 1 - 0.5
    return _blend(colours, (np.hypot(x, y) < radius).astype(np.float32))


def camouflage(colours: Colours, random: Generator) -> Sheet:
    """Paint patches with ragged edges."""
    level = noise(random, int(random.integers(5, 14)), octaves=2)
    bands = np.digitize(level, (-0.35, 0.0, 0.4))
    return _colour_at(colours, bands % len(colours))


def flowers(colours: Colours, random: Generator) -> Sheet:
    """Paint scattered flowers."""
    sheet = _as_bytes(_filled(colours[0]))
    for _ in range(int(random.integers(40, 160))):
        middle = random.integers(0, SIDE, 2)
        radius, colour = int(random.integers(2, 9)), colours[1 + int(random.integers(len(colours) - 1))]
        for petal in range(5):
            angle = petal * 1.2566 + radius
            x, y = middle + radius * np.array([np.cos(angle), np.sin(angle)])
            cv2.circle(sheet, (int(x), int(y)), max(1, int(radius * 0.6)), colour, -1, cv2.LINE_AA)
        cv2.circle(sheet, (int(middle[0]), int(middle[1])), max(1, radius // 2), colours[0], -1, cv2.LINE_AA)
    return sheet.astype(np.float32)


def fading(colours: Colours, random: Generator) -> Sheet:
    """Blend one colour into another from top to bottom."""
    start = random.uniform(0.05, 0.3)
    return _blend(colours, np.clip((_V - start) / random.uniform(0.08, 0.4), 0, 1))


def blocks(colours: Colours, random: Generator) -> Sheet:
    """Paint three large fields, one below the other."""
    edges = np.sort(random.uniform(0.12, 0.4, 2))
    return _colour_at(colours, np.searchsorted(edges, _V) % len(colours))


def halves(colours: Colours, random: Generator) -> Sheet:
    """Paint left and right, or front and back, in two colours."""
    turn = random.choice([0.0, 0.25])
    return _blend(colours, (((_U + turn) % 1) < 0.5).astype(np.float32))


def marble(colours: Colours, random: Generator) -> Sheet:
    """Paint swirls of two colours."""
    warped = _U * random.integers(2, 6) + noise(random, 4, octaves=3) * random.uniform(0.5, 1.5)
    level = 0.5 + 0.5 * np.sin(2 * np.pi * warped + 6 * noise(random, 3))
    return _blend(colours, level)


def scribble(colours: Colours, random: Generator) -> Sheet:
    """Paint random shapes and lines."""
    sheet = _as_bytes(_filled(colours[0]))
    for _ in range(int(random.integers(15, 70))):
        colour = colours[int(random.integers(len(colours)))]
        points = (random.integers(0, SIDE, 2) + random.normal(0, random.uniform(4, 22), (3, 2))).astype(
            np.int32
        )
        if random.random() < 0.5:
            cv2.fillPoly(sheet, [points], colour, cv2.LINE_AA)
        else:
            cv2.polylines(sheet, [points], False, colour, int(random.integers(1, 5)), cv2.LINE_AA)
    return sheet.astype(np.float32)


def herringbone(colours: Colours, random: Generator) -> Sheet:
    """Paint slanting ribs that change direction at each column."""
    count = random.integers(10, 28)
    column = np.floor(_U * count)
    slant = np.where(column % 2 == 0, 1, -1) * (_U * count % 1)
    return _blend(colours, ((_V * count * 1.3 + slant) % 1 < 0.5).astype(np.float32) * 0.7)


def diamonds(colours: Colours, random: Generator) -> Sheet:
    """Paint an argyle pattern: diamonds with thin lines."""
    count = random.integers(5, 14)
    x, y = _U * count, _V * count
    first, second = np.floor(x + y) % 2, np.floor(x - y) % 2
    sheet = np.where((first == second)[..., None], _filled(colours[0]), _filled(colours[1]))
    on_line = (np.abs((x + y + 0.5) % 1 - 0.5) < 0.04) | (np.abs((x - y + 0.5) % 1 - 0.5) < 0.04)
    return np.asarray(np.where(on_line[..., None], _filled(colours[-1]), sheet), np.float32)


def denim(colours: Colours, random: Generator) -> Sheet:
    """Paint washed denim, paler in front."""
    base = _filled(colours[0]) * (1 + 0.05 * random.normal(0, 1, (SIDE, SIDE, 1)).astype(np.float32))
    wash = random.uniform(0, 0.45) * np.exp(-(((_U - 0.5) / 0.16) ** 2)) * (0.7 + 0.3 * noise(random, 5))
    return mixed(base, _filled((200, 205, 215)), np.clip(wash, 0, 1))


def quilted(colours: Colours, random: Generator) -> Sheet:
    """Paint the horizontal seams of a padded jacket."""
    count = random.integers(12, 26)
    seam = np.abs(np.sin(np.pi * _V * count)) ** 0.35
    return shaded(_filled(colours[0]), 0.55 + 0.5 * seam)


Pattern = Callable[[Colours, Generator], Sheet]
PATTERNS: dict[str, Pattern] = {
    pattern.__name__: pattern
    for pattern in (
        plain, heather, hoops, uneven_hoops, pinstripes, gingham, tartan, dots, camouflage, flowers,
        fading, blocks, halves, marble, scribble, herringbone, diamonds, denim, quilted,
    )
}  # fmt: skip


def motif(sheet: Sheet, colours: Colours, random: Generator, *, back: bool = False) -> None:
    """Print a circle, a rectangle, letters, a number or a polygon on the chest or the back, in place."""
    u = (0.0 if random.random() < 0.5 else 1.0) if back else 0.5
    x, y = int(u * SIDE), int(random.uniform(0.15, 0.24) * SIDE)
    size, kind = int(random.integers(9, 32)), int(random.integers(5))
    colour = colours[int(random.integers(len(colours)))]
    canvas = np.roll(_as_bytes(sheet), SIDE // 2 - x, axis=1)
    centre = (SIDE // 2, y)
    if kind == 0:
        cv2.circle(canvas, centre, size, colour, -1, cv2.LINE_AA)
        cv2.circle(canvas, centre, size // 2, colours[0], -1, cv2.LINE_AA)
    elif kind == 1:
        cv2.rectangle(
            canvas, (centre[0] - size, y - size // 2), (centre[0] + size, y + size // 2), colour, -1
        )
    elif kind == 2:
        letters = "".join(random.choice(list("AEIKLMNORSTVXZ"), int(random.integers(2, 7))))
        scale = size / 20
        width = cv2.getTextSize(letters, cv2.FONT_HERSHEY_DUPLEX, scale, 2)[0][0]
        cv2.putText(
            canvas,
            letters,
            (centre[0] - width // 2, y),
            cv2.FONT_HERSHEY_DUPLEX,
            scale,
            colour,
            2,
            cv2.LINE_AA,
        )
    elif kind == 3:
        number = str(random.integers(1, 99))
        cv2.putText(
            canvas, number, (centre[0] - 22, y + 16), cv2.FONT_HERSHEY_DUPLEX, 1.2, colour, 3, cv2.LINE_AA
        )
    else:
        points = (np.array(centre) + random.normal(0, size * 0.7, (6, 2))).astype(np.int32)
        cv2.fillPoly(canvas, [cv2.convexHull(points)], colour, cv2.LINE_AA)
        cv2.polylines(canvas, [points], True, colours[-1], 2, cv2.LINE_AA)
    sheet[:] = np.roll(canvas, x - SIDE // 2, axis=1)


def folds(random: Generator, depth: float) -> Sheet:
    """Return (SIDE, SIDE) brightness factors around 1: horizontal and vertical creases."""
    slanting = noise(random, 10, 5, octaves=2) + 0.7 * noise(random, 4, 14)
    return np.asarray(1 + depth * np.clip(slanting, -1.2, 1.2), np.float32)


def shaded(sheet: Sheet, factor: Sheet) -> Sheet:
    """Multiply a (SIDE, SIDE, 3) sheet by (SIDE, SIDE) brightness factors."""
    return np.asarray(sheet * factor[..., None], np.float32)


def mixed(first: Sheet, second: Sheet, share: Sheet) -> Sheet:
    """Blend two sheets; `share`, (SIDE, SIDE) from 0 to 1, is the share of the second."""
    weight = np.clip(share, 0, 1)[..., None]
    return np.asarray(first * (1 - weight) + second * weight, np.float32)


def _blend(colours: Colours, share: Sheet) -> Sheet:
    """Blend the first two colours; `share`, (SIDE, SIDE), is the share of the second."""
    return mixed(_filled(colours[0]), _filled(colours[1]), share)


def _colour_at(colours: Colours, index: NDArray[np.integer]) -> Sheet:
    """Return the sheet whose pixels have the colours of the given (SIDE, SIDE) indices."""
    return np.asarray(np.asarray(colours, np.float32)[index], np.float32)


def _filled(colour: Colour) -> Sheet:
    """Return a sheet of one colour."""
    return np.broadcast_to(np.asarray(colour, np.float32), (SIDE, SIDE, 3))


def _as_bytes(sheet: Sheet) -> NDArray[np.uint8]:
    """Return a copy as whole numbers, on which OpenCV can draw."""
    return np.clip(sheet, 0, 255).astype(np.uint8)

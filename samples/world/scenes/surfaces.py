"""Sheets for grounds and walls: stone, brick, plaster, wood, metal and plants."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 512
Sheet = NDArray[np.uint8]
"""(512, 512, 4) RGBA in sRGB. An alpha below 128 is a hole, 128 is a mirror, and 255 is matt."""
Floats = NDArray[np.float32]
Colour = tuple[float, float, float]
"""Red, green and blue, 0 to 255 in sRGB."""


def noise(rng: np.random.Generator, cells: int, octaves: int = 1) -> Floats:
    """Return smooth (512, 512) noise in about [-1, 1] that repeats without a seam.

    Each octave has half the cell size and half the amplitude of the one before; the first has `cells` cells
    per side.
    """
    total = np.zeros((SIDE, SIDE), np.float32)
    for octave in range(octaves):
        count = min(cells << octave, SIDE)
        lattice = np.pad(rng.uniform(-1, 1, (count, count)).astype(np.float32), 2, mode="wrap")
        step = SIDE / count
        side = round((count + 4) * step)
        enlarged = cv2.resize(lattice, (side, side), interpolation=cv2.INTER_CUBIC)
        start = round(2 * step)
        total += enlarged[start : start + SIDE, start : start + SIDE] * 0.5**octave
    return total


def finished(pixels: Floats, alpha: Floats | float = 255.0) -> Sheet:
    """Convert (512, 512, 3) colours and their alpha to a sheet of bytes."""
    sheet = np.empty((SIDE, SIDE, 4), np.uint8)
    sheet[..., :3] = np.clip(pixels, 0, 255)
    sheet[..., 3] = alpha
    return sheet


def grained(rng: np.random.Generator, colour: Colour, *, stains: float = 10, grain: float = 7) -> Floats:
    """Return (512, 512, 3) pixels of one colour with large stains and with grain."""
    shade = noise(rng, 4, 4) * stains + rng.normal(0, grain, (SIDE, SIDE)).astype(np.float32)
    return np.asarray(np.array(colour, np.float32) + shade[..., None], np.float32)


def courses(
    rng: np.random.Generator, rows: int, columns: int, *, shift: float, joint: float, spread: float
) -> tuple[Floats, Floats]:
    """Arrange stones in rows.

    Args:
        rng: source of the tones of the stones.
        rows: number of rows on the sheet.
        columns: number of stones in a row.
        shift: shift of each row against the one above, in stones.
        joint: width of a joint in pixels.
        spread: standard deviation of the tones.

    Returns:
        (512, 512) normally distributed tones, constant on each stone; (512, 512) masks, 1 on stones, 0 in joints.
    """
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32) / SIDE
    row = np.floor(y * rows)
    column = x * columns + row * shift
    tones = rng.normal(0, spread, (rows, columns)).astype(np.float32)
    tone = tones[row.astype(int) % rows, np.floor(column).astype(int) % columns]
    distance_x = np.minimum(column % 1, 1 - column % 1) * SIDE / columns
    distance_y = np.minimum(y * rows % 1, 1 - y * rows % 1) * SIDE / rows
    solid = np.clip(np.minimum(distance_x, distance_y) - joint / 2 + 0.5, 0, 1)
    return tone, solid


def stones(
    rng: np.random.Generator, colour: Colour, rows: int, columns: int, *, shift: float = 0.5, joint: float = 3,
    spread: float = 9, gap: float = 0.6, alpha: float = 255.0,
) -> Sheet:  # fmt: skip
    """Paint slabs, setts, tiles or bricks of one colour; joints have `gap` times their brightness."""
    tone, solid = courses(rng, rows, columns, shift=shift, joint=joint, spread=spread)
    tint = rng.normal(0, 0.25, 3).astype(np.float32)
    pixels = grained(rng, colour) + tone[..., None] * (1 + tint)
    pixels *= (gap + (1 - gap) * solid)[..., None]
    return finished(pixels, alpha)


def paving(rng: np.random.Generator) -> Sheet:
    """Paint 3 m of paving: large slabs, oblong slabs, or setts."""
    value = rng.uniform(128, 190)
    colour = (value + rng.uniform(-4, 16), value + rng.uniform(-2, 6), value - rng.uniform(-6, 16))
    kind = rng.integers(4)
    if kind == 0:
        return stones(rng, colour, 5, 5, shift=0, spread=8)
    if kind == 1:
        return stones(rng, colour, 8, 4, spread=11)
    if kind == 2:
        return stones(rng, colour, 24, 24, joint=4, spread=16, gap=0.5)
    return stones(rng, colour, 6, 3, shift=1 / 3, spread=7, gap=0.7)


def brick(rng: np.random.Generator) -> Sheet:
    """Paint 2 m of brickwork."""
    colours = [(150, 78, 60), (168, 100, 72), (120, 66, 56), (188, 164, 134), (196, 186, 172), (110, 98, 92)]
    return stones(
        rng,
        colours[rng.integers(len(colours))],
        26,
        8,
        joint=2.5,
        spread=14,
        gap=float(rng.uniform(0.75, 1.2)),
    )


def plaster(rng: np.random.Generator) -> Sheet:
    """Paint 4 m of plastered wall: a pale colour with streaks of rain."""
    colours = [(216, 206, 186), (206, 190, 160), (196, 200, 200), (222, 214, 206), (190, 160, 138), (204, 182, 126),
            (160, 176, 186), (182, 148, 136), (228, 226, 220), (168, 182, 162)]  # fmt: skip
    pixels = grained(rng, colours[rng.integers(len(colours))], stains=8, grain=3)
    streaks = cv2.resize(noise(rng, 64)[:8], (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    return finished(pixels + np.minimum(streaks, 0)[..., None] * 9)


def concrete(rng: np.random.Generator) -> Sheet:
    """Paint 4 m of concrete in panels with tie holes."""
    value = rng.uniform(135, 180)
    tone, solid = courses(rng, 3, 2, shift=0, joint=2, spread=6)
    pixels = grained(rng, (value, value - 2, value - 6), stains=14, grain=4) + tone[..., None]
    pixels *= (0.7 + 0.3 * solid)[..., None]
    for y in (42, 128, 213, 298, 384, 469):
        for x in (64, 192, 320, 448):
            cv2.circle(pixels, (x, y), 3, (70, 70, 70), -1)
    return finished(pixels)


def asphalt(rng: np.random.Generator) -> Sheet:
    """Paint 6 m of asphalt with patches and cracks."""
    value = rng.uniform(78, 122)
    pixels = grained(rng, (value, value, value + rng.uniform(-3, 5)), stains=9, grain=11)
    for _ in range(rng.integers(0, 3)):
        x, y, width, height = rng.integers(40, 200, 4)
        pixels[y : y + height, x : x + width] += rng.uniform(-18, 12)
    for _ in range(rng.integers(1, 4)):
        steps = rng.normal(0, 14, (12, 2)) + rng.normal(0, 12, 2)
        crack = (rng.uniform(150, 360, 2) + np.cumsum(steps, 0)).astype(np.int32)
        cv2.polylines(pixels, [crack], False, (value * 0.6,) * 3, 1, cv2.LINE_AA)
    return finished(pixels)


def glazed(rng: np.random.Generator) -> Sheet:
    """Paint 3 m of an indoor wall with small tiles, aligned or shifted by half a tile."""
    value = rng.uniform(170, 225)
    colour = (value, value + rng.uniform(-8, 4), value + rng.uniform(-22, 10))
    return stones(
        rng,
        colour,
        int(rng.choice([10, 15, 20])),
        10,
        shift=float(rng.choice([0, 0.5])),
        joint=2,
        spread=3,
        gap=0.8,
    )


def tiles(rng: np.random.Generator) -> Sheet:
    """Paint 3 m of polished indoor floor tiles, sometimes as a chequerboard."""
    value = rng.uniform(150, 215)
    colour = (value + rng.uniform(-4, 10), value, value - rng.uniform(-4, 16))
    count = int(rng.choice([4, 5, 6, 8]))
    sheet = stones(rng, colour, count, count, shift=0, joint=2, spread=4, gap=0.75, alpha=196)
    if rng.random() < 0.3 and count % 2 == 0:
        y, x = np.mgrid[:SIDE, :SIDE] * count // SIDE
        is_dark = ((x + y) % 2)[..., None] == 1
        sheet[..., :3] = np.where(is_dark, sheet[..., :3] * rng.uniform(0.5, 0.85), sheet[..., :3])
    return sheet


def planks(rng: np.random.Generator) -> Sheet:
    """Paint 1 m of wooden planks along u."""
    colours = [(140, 96, 62), (166, 122, 82), (104, 74, 54), (128, 116, 104)]
    tone, solid = courses(rng, 6, 1, shift=0.37, joint=4, spread=10)
    grain = cv2.resize(noise(rng, 128)[:, :16], (SIDE, SIDE), interpolation=cv2.INTER_LINEAR) * 14
    pixels = np.array(colours[rng.integers(len(colours))], np.float32) + (tone + grain)[..., None]
    return finished(pixels * (0.35 + 0.65 * solid)[..., None])


def metal(rng: np.random.Generator) -> Sheet:
    """Paint 1 m of metal in a dark or a signal colour, slightly worn."""
    common = [(52, 56, 60), (70, 74, 74), (38, 54, 46), (150, 152, 154)]
    colours = [*common, (120, 40, 36), (40, 62, 96), (176, 140, 40)]
    weights = np.array([4, 4, 3, 3, 1, 1, 1], float)
    colour = colours[rng.choice(len(colours), p=weights / weights.sum())]
    return finished(grained(rng, colour, stains=5, grain=3), 238)


def bark(rng: np.random.Generator) -> Sheet:
    """Paint 1 m of bark."""
    ridges = cv2.resize(noise(rng, 32, 3)[:96], (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    value = rng.uniform(70, 120)
    return finished(np.array((value, value * 0.88, value * 0.75), np.float32) + ridges[..., None] * 30)


def green(rng: np.random.Generator) -> Colour:
    """Draw the colour of a leaf."""
    colours = [(74, 104, 44), (92, 116, 52), (58, 88, 44), (112, 120, 48), (84, 96, 60), (128, 104, 48)]
    return colours[rng.choice(6, p=[0.28, 0.22, 0.2, 0.12, 0.12, 0.06])]


def leaves(rng: np.random.Generator, count: int = 420, *, ground: float = 0.0) -> Sheet:
    """Paint a twig with leaves, densest in the middle and with holes between them.

    If `ground` is above 0, the leaves are spread evenly over a background of that brightness.
    """
    colour = np.array(green(rng), np.float32)
    canvas = np.zeros((SIDE, SIDE, 4), np.float32)
    canvas[..., :3] = colour * 0.7
    if ground:
        canvas[...] = (*colour * ground, 255)
    centres = rng.uniform(0, SIDE, (count, 2)) if ground else 256 + rng.normal(0, 88, (count, 2))
    for centre in centres:
        size, angle = rng.uniform(13, 26), rng.uniform(0, 360)
        tone = colour * rng.uniform(0.6, 1.3) + rng.normal(0, 5, 3)
        origin = (int(centre[0]), int(centre[1]))
        cv2.ellipse(canvas, origin, (int(size), int(size * 0.45)), angle, 0, 360, (*tone, 255.0), -1)
        tip = (
            int(origin[0] + size * np.cos(np.radians(angle))),
            int(origin[1] + size * np.sin(np.radians(angle))),
        )
        cv2.line(canvas, origin, tip, (*tone * 1.15, 255.0), 1)
    return finished(canvas[..., :3], canvas[..., 3])


def hedge(rng: np.random.Generator) -> Sheet:
    """Paint 1.5 m of clipped hedge."""
    return leaves(rng, 1500, ground=0.45)


def grass(rng: np.random.Generator) -> Sheet:
    """Paint 4 m of grass."""
    blades = cv2.GaussianBlur(rng.normal(0, 60, (SIDE, SIDE)).astype(np.float32), (0, 0), 0.8, sigmaY=1.6)
    pixels = np.array((98, 106, 66), np.float32) + rng.normal(0, 6, 3).astype(np.float32)
    return finished(pixels + (blades + noise(rng, 8, 3) * 10)[..., None])


def plain(colour: Colour, alpha: float = 255.0) -> Sheet:
    """Paint one colour."""
    return finished(np.full((SIDE, SIDE, 3), colour, np.float32), alpha)

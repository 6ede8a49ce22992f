"""Images on walls: shop windows, posters, signs and panes, with figures that look like people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from samples.world.scenes.surfaces import SIDE, Colour, Floats, Sheet, finished, grained, noise

FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX,
         cv2.FONT_HERSHEY_SCRIPT_COMPLEX)  # fmt: skip
SYLLABLES = (
    "lo", "mar", "ve", "ti", "kan", "or", "ne", "sul", "pa", "ri", "zo", "del", "fu", "bel", "ca", "mi",
)  # fmt: skip


def vivid(rng: np.random.Generator) -> Colour:
    """Draw a colour as used by shops and printers."""
    hue, saturation, value = rng.integers(0, 180), rng.integers(30, 190), rng.integers(60, 235)
    pixel = cv2.cvtColor(np.array([[[hue, saturation, value]]], np.uint8), cv2.COLOR_HSV2RGB)[0, 0]
    return float(pixel[0]), float(pixel[1]), float(pixel[2])


def times(colour: Colour | Floats, factor: float) -> Colour:
    """Multiply a colour by a factor."""
    return float(colour[0] * factor), float(colour[1] * factor), float(colour[2] * factor)


def word(rng: np.random.Generator) -> str:
    """Draw a word without a meaning."""
    return "".join(rng.choice(SYLLABLES, rng.integers(2, 4))).capitalize()


def write(
    canvas: Floats, rng: np.random.Generator, text: str, box: tuple[int, int, int, int], colour: Colour
) -> None:
    """Write a text into a box x0, y0, x1, y1 of the canvas, as large as it fits."""
    x0, y0, x1, y1 = box
    font = int(rng.choice(FONTS))
    (width, height), _ = cv2.getTextSize(text, font, 1, 2)
    scale = min((x1 - x0) / width, (y1 - y0) / (height * 1.5))
    thickness = max(1, round(scale * 2))
    origin = (int((x0 + x1 - width * scale) / 2), int((y0 + y1 + height * scale) / 2))
    ink = np.zeros(canvas.shape[:2], np.uint8)  # OpenCV writes text on bytes only
    cv2.putText(ink, text, origin, font, scale, 255, thickness, cv2.LINE_AA)
    share = (ink / np.float32(255))[..., None]
    canvas += (np.array(colour, np.float32) - canvas) * share


def figure(canvas: Floats, rng: np.random.Generator, foot: tuple[int, int], height: float) -> None:
    """Draw a dressed figure, as in an advertisement, with its feet at `foot`; `height` is in pixels."""
    skin = times((205, 165, 140), float(rng.uniform(0.45, 1.1)))
    lean = rng.uniform(-0.03, 0.03)
    legs = (
        (-0.11, 0.5),
        (-0.1, 0.03),
        (-0.03, 0.0),
        (0, 0.42),
        (0.05 + lean, 0),
        (0.11 + lean, 0.03),
        (0.11, 0.5),
    )
    fill_outline(canvas, foot, height, legs, vivid(rng))
    bust(canvas, rng, foot, height)
    x, y = foot
    head = (round(x), round(y - 0.91 * height))
    cv2.ellipse(canvas, head, (round(0.06 * height), round(0.085 * height)), 0, 0, 360, skin, -1, cv2.LINE_AA)
    hair = times((1.0, 0.8, 0.6), float(rng.uniform(20, 130)))
    cv2.ellipse(
        canvas, head, (round(0.062 * height), round(0.088 * height)), 0, 180, 360, hair, -1, cv2.LINE_AA
    )


def bust(canvas: Floats, rng: np.random.Generator, foot: tuple[int, int], height: float) -> None:
    """Draw the clothed upper body of a figure that stands at `foot`; alone it looks like a tailor's dummy."""
    top = vivid(rng)
    sleeve_colour = times(top, 0.82)
    trunk = ((-0.13, 0.48), (-0.16, 0.8), (-0.05, 0.84), (0.05, 0.84), (0.16, 0.8), (0.13, 0.48))
    fill_outline(canvas, foot, height, trunk, top)
    for side in (-1, 1):
        sleeve = ((0.14, 0.8), (0.2, 0.6), (0.18, 0.44), (0.14, 0.45), (0.13, 0.6))
        fill_outline(canvas, foot, height, [(side * x, y) for x, y in sleeve], sleeve_colour)


def fill_outline(
    canvas: Floats,
    foot: tuple[int, int],
    height: float,
    points: Sequence[tuple[float, float]],
    colour: Colour,
) -> None:
    """Fill a polygon. Its points are relative to `foot`, right and up, in shares of the height."""
    corners = [(round(foot[0] + x * height), round(foot[1] - y * height)) for x, y in points]
    cv2.fillPoly(canvas, [np.array(corners, np.int32)], colour, cv2.LINE_AA)


def gradient(top: Colour, bottom: Colour) -> Floats:
    """Return a (512, 512, 3) gradient from the top colour down to the bottom colour."""
    share = np.linspace(0, 1, SIDE, dtype=np.float32)[:, None, None]
    row = np.array(top, np.float32) * (1 - share) + np.array(bottom, np.float32) * share
    return np.ascontiguousarray(np.broadcast_to(row, (SIDE, SIDE, 3)))


def poster(rng: np.random.Generator) -> Sheet:
    """Paint an advertisement: shapes, words, and often a figure."""
    canvas = gradient(vivid(rng), vivid(rng))
    for _ in range(rng.integers(1, 6)):
        x, y, size = rng.integers(40, 470, 3)
        if rng.random() < 0.5:
            cv2.circle(canvas, (int(x), int(y)), int(size // 3), vivid(rng), -1, cv2.LINE_AA)
        else:
            cv2.rectangle(canvas, (int(x), int(y)), (int(x + size), int(y + size // 2)), vivid(rng), -1)
    if rng.random() < 0.4:
        figure(canvas, rng, (int(rng.integers(150, 360)), 500), float(rng.uniform(330, 480)))
    write(canvas, rng, word(rng), (30, 20, 482, 110), vivid(rng))
    write(canvas, rng, f"{word(rng)} {word(rng)} {rng.integers(1, 99)}", (40, 420, 472, 490), (250, 250, 245))
    cv2.rectangle(canvas, (0, 0), (511, 511), (40, 40, 42), 14)
    return finished(canvas, 240)


def sign(rng: np.random.Generator) -> Sheet:
    """Paint a shop sign, four times as wide as high, and stretch it to the square sheet."""
    colour = np.array(vivid(rng), np.float32)
    strip = np.empty((SIDE // 4, SIDE, 3), np.float32)
    strip[...] = colour * rng.uniform(0.4, 0.9)
    ink = (245.0, 242.0, 232.0) if strip.mean() < 130 else (28.0, 26.0, 30.0)
    text = f"{word(rng)} {word(rng)}" if rng.random() < 0.6 else word(rng)
    write(strip, rng, text, (24, 14, 488, 104), ink)
    return finished(cv2.resize(strip, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), 225)


def draw_goods(canvas: Floats, rng: np.random.Generator, shelf: int, x0: int, x1: int) -> None:
    """Draw boxes and bottles from x0 to x1 on a shelf at row `shelf`."""
    x = x0
    while x < x1 - 14:
        width, height = int(rng.integers(10, 30)), int(rng.integers(14, 50))
        colour = vivid(rng)
        cv2.rectangle(canvas, (x, shelf - height), (min(x + width, x1), shelf), colour, -1)
        cv2.line(canvas, (x + 2, shelf - height), (x + 2, shelf), times(colour, 1.2), 2)
        x += width + int(rng.integers(2, 14))


def shop(rng: np.random.Generator) -> Sheet:
    """Paint a shop front, 5 m wide and 3 m high: panes and a door, with shelves and tailor's dummies behind them."""
    interior = np.array((150, 128, 98), np.float32) * rng.uniform(0.35, 1.1)
    canvas = gradient(times(interior, 1.25), times(interior, 0.5)) + noise(rng, 6, 2)[..., None] * 12
    for shelf in range(150, 400, int(rng.integers(70, 110))):
        cv2.line(canvas, (0, shelf), (511, shelf), times(interior, 0.4), 4)
        draw_goods(canvas, rng, shelf, int(rng.integers(0, 200)), int(rng.integers(300, 512)))
    for _ in range(rng.integers(0, 4)):
        x = int(rng.integers(40, 470))
        cv2.line(canvas, (x, 462), (x, 280), times(interior, 0.3), 5)
        bust(canvas, rng, (x, 462), float(rng.uniform(280, 320)))
    glass = np.full((SIDE, SIDE), 205, np.float32)
    frame = times(vivid(rng), float(rng.uniform(0.15, 0.6)))
    edges = np.unique(
        [0, *np.sort(rng.choice(np.arange(90, 430, 85), rng.integers(2, 4), replace=False)), 511]
    )
    door_pane = int(rng.integers(len(edges) - 1))
    for pane, (left, right) in enumerate(pairwise(edges)):
        bottom = 506 if pane == door_pane else 466
        for pixels, value in ((canvas, frame), (glass, 250.0)):
            cv2.rectangle(pixels, (int(left), bottom), (int(right), 511), value, -1)
            cv2.rectangle(pixels, (int(left), 0), (int(right), bottom), value, 12)
    if rng.random() < 0.5:
        middle = int(edges[door_pane] + 40)
        write(canvas, rng, f"{rng.integers(10, 70)}%", (middle, 180, middle + 90, 250), (240, 235, 230))
    return finished(canvas, glass)


def panes(rng: np.random.Generator) -> Sheet:
    """Paint four windows, two by two on the sheet: dark rooms, curtains, blinds, and lit rooms."""
    canvas = np.zeros((SIDE, SIDE, 3), np.float32)
    glass = np.full((SIDE, SIDE), 185, np.float32)
    frame = ((232.0, 230.0, 224.0), (60.0, 62.0, 66.0), (110.0, 84.0, 60.0))[rng.integers(3)]
    bars = int(rng.integers(1, 4))
    for y in (0, 256):
        for x in (0, 256):
            room = canvas[y : y + 256, x : x + 256]
            room[...] = gradient((44, 48, 54), (22, 24, 28))[::2, ::2] * rng.uniform(0.5, 1.4)
            style = rng.integers(4)
            if style == 0:
                room[...] = np.array((205, 198, 186)) * rng.uniform(0.5, 0.9)
                room += (np.sin(np.arange(256) / rng.uniform(4, 8)) * 12)[None, :, None]
            elif style == 1:
                room[: int(rng.integers(60, 230))] = np.array((178, 176, 170)) * rng.uniform(0.5, 1)
            elif style == 2:
                room[...] += np.array((190, 140, 76)) * rng.uniform(0.3, 1)
            for bar in range(bars + 1):
                bar_x = x + round(bar * 255 / bars)
                cv2.line(canvas, (bar_x, y), (bar_x, y + 255), frame, 12)
                cv2.line(glass, (bar_x, y), (bar_x, y + 255), 252.0, 12)
            for bar_y in (y, y + 80, y + 255):
                cv2.line(canvas, (x, bar_y), (x + 255, bar_y), frame, 12)
                cv2.line(glass, (x, bar_y), (x + 255, bar_y), 252.0, 12)
    return finished(canvas, glass)


def facade(rng: np.random.Generator) -> Sheet:
    """Paint two floors of two windows, 6 m by 6.4 m, for distant houses."""
    wall = np.array((176, 168, 158), np.float32) * rng.uniform(0.6, 1.15) + rng.normal(0, 6, 3).astype(
        np.float32
    )
    canvas = grained(rng, (wall[0], wall[1], wall[2]), stains=6, grain=4)
    glass = np.full((SIDE, SIDE), 255, np.float32)
    windows = panes(rng)
    width, height = int(rng.integers(80, 190)), int(rng.integers(110, 190))
    for y in (30, 286):
        for x in (0, 256):
            left, top = x + 128 - width // 2, y + 10
            window = windows[(y > 100) * 256 : (y > 100) * 256 + 256, x : x + 256]
            resized = cv2.resize(window, (width, height), interpolation=cv2.INTER_AREA)
            canvas[top : top + height, left : left + width] = resized[..., :3]
            glass[top : top + height, left : left + width] = resized[..., 3]
            cv2.rectangle(
                canvas, (left - 6, top + height), (left + width + 6, top + height + 8), (190, 186, 180), -1
            )
    return finished(canvas, glass)


def door(rng: np.random.Generator) -> Sheet:
    """Paint a door, 1 m by 2.1 m, with its frame and handle."""
    colour = np.array(vivid(rng) if rng.random() < 0.4 else (150, 130, 110), np.float32) * rng.uniform(
        0.4, 1.1
    )
    canvas = grained(rng, (colour[0], colour[1], colour[2]), stains=5, grain=3)
    for y0, y1 in ((60, 220), (270, 460)):
        cv2.rectangle(canvas, (100, y0), (412, y1), times(colour, 0.75), 6)
    cv2.rectangle(canvas, (0, 0), (511, 511), (96, 94, 92), 36)
    cv2.rectangle(canvas, (410, 250), (450, 264), (190, 190, 185), -1)
    if rng.random() < 0.5:
        write(canvas, rng, str(rng.integers(100, 900)), (180, 90, 340, 150), (235, 235, 230))
    return finished(canvas, 246)

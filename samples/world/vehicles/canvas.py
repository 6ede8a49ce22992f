"""A sheet being painted in metres, at twice its final fineness."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from samples.world.vehicles.looks import Colour

HOLE: tuple[int, int, int, int] = (0, 0, 0, 0)
FINE = 2


@dataclass(frozen=True)
class Canvas:
    """Pixels of a rectangle of metres: `width` to the right and `height` down."""

    pixels: NDArray[np.uint8]
    """(2 h, 2 w, 4) RGBA; painted on in place."""
    width: float
    height: float

    @classmethod
    def blank(cls, columns: int, rows: int, width: float, height: float, colour: Colour) -> Canvas:
        """Start with one colour everywhere."""
        pixels = np.empty((rows * FINE, columns * FINE, 4), np.uint8)
        pixels[:] = (*colour, 255)
        return cls(pixels, width, height)

    def at(self, points: ArrayLike) -> NDArray[np.int32]:
        """(n, 2) metres to pixels in 1/16, as OpenCV's `shift=4` takes them."""
        scale = np.array([self.pixels.shape[1] / self.width, self.pixels.shape[0] / self.height])
        return np.asarray(np.round((np.asarray(points, float) * scale - 0.5) * 16), np.int32)

    def area(self, points: ArrayLike, colour: tuple[int, ...]) -> None:
        """Fill a polygon of at least three points."""
        place = self.at(points)
        if len(place) > 2:
            cv2.fillPoly(self.pixels, [place], (*colour, 255)[:4], cv2.LINE_AA, 4)

    def rectangle(self, x0: float, y0: float, x1: float, y1: float, colour: tuple[int, ...]) -> None:
        """Fill an upright rectangle."""
        self.area(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), colour)

    def line(self, points: ArrayLike, colour: Colour, pixels: int = 2) -> None:
        """Draw an open line, in pixels of the unreduced canvas."""
        cv2.polylines(self.pixels, [self.at(points)], False, (*colour, 255), pixels, cv2.LINE_AA, 4)

    def disc(self, x: float, y: float, radius: float, colour: tuple[int, ...]) -> None:
        """Fill a circle (an ellipse in pixels where these are not square)."""
        turn = np.linspace(0, 2 * np.pi, 33)[:-1]
        self.area(np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], axis=1), colour)

    def shade(self, amount: NDArray[np.floating], colour: Colour) -> None:
        """Lay a colour over what is painted; `amount` in [0, 1] broadcasts to (2 h, 2 w): 0 leaves it, 1 hides it."""
        share = np.broadcast_to(np.asarray(amount, np.float32), self.pixels.shape[:2])[..., None]
        solid = self.pixels[..., :3]
        mixed = solid + share * (np.asarray(colour, np.float32) - solid)
        self.pixels[..., :3] = mixed.astype(np.uint8)

    def finished(self) -> NDArray[np.uint8]:
        """(h, w, 4): reduced to the sheet's size."""
        size = (self.pixels.shape[1] // FINE, self.pixels.shape[0] // FINE)
        return np.asarray(cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def darker(colour: Colour, share: float) -> Colour:
    """Mix a colour with black; a negative share mixes it with white."""
    goal = 0 if share > 0 else 255
    red, green, blue = (round(level + (goal - level) * abs(share)) for level in colour)
    return red, green, blue


def glyphs(seed: int, letters: int) -> NDArray[np.bool_]:
    """(7, 6 letters - 1): letters of no alphabet, strokes on a grid of 7 by 5 with a gap between two."""
    random = np.random.default_rng(seed)
    word = np.zeros((7, 6 * letters), bool)
    for start in range(0, 6 * letters, 6):
        word[:, start + random.choice((0, 0, 2, 4))] = True
        for row in random.choice((0, 3, 6), 2, replace=False):
            word[row, start : start + 5] = True
        word[int(random.integers(4)) :, start + int(random.integers(5))] |= random.random() < 0.6
    return word[:, :-1]

"""Canvas to paint a sheet in metres, at twice its final resolution."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from samples.world.vehicles.looks import Colour

HOLE: tuple[int, int, int, int] = (0, 0, 0, 0)
"""Transparent RGBA."""
FINE = 2
"""Canvas pixels per sheet pixel in each direction."""


@dataclass(frozen=True)
class Canvas:
    """A picture of a rectangle that is `width` metres wide and `height` metres high. x points right and y down."""

    pixels: NDArray[np.uint8]
    """(2 h, 2 w, 4) RGBA; the methods change it in place."""
    width: float
    height: float

    @classmethod
    def blank(cls, columns: int, rows: int, width: float, height: float, colour: Colour) -> Canvas:
        """Return a canvas of one colour for a sheet of some columns and rows of pixels."""
        pixels = np.empty((rows * FINE, columns * FINE, 4), np.uint8)
        pixels[:] = (*colour, 255)
        return cls(pixels, width, height)

    def to_pixels(self, points: ArrayLike) -> NDArray[np.int32]:
        """Return (n, 2) points, given in metres, in sixteenths of a pixel, as OpenCV takes them with `shift=4`."""
        scale = np.array([self.pixels.shape[1] / self.width, self.pixels.shape[0] / self.height])
        return np.asarray(np.round((np.asarray(points, float) * scale - 0.5) * 16), np.int32)

    def polygon(self, points: ArrayLike, colour: tuple[int, ...]) -> None:
        """Fill a polygon with an RGB or RGBA colour; fewer than three points draw nothing."""
        corners = self.to_pixels(points)
        if len(corners) > 2:
            cv2.fillPoly(self.pixels, [corners], (*colour, 255)[:4], cv2.LINE_AA, 4)

    def rectangle(self, x0: float, y0: float, x1: float, y1: float, colour: tuple[int, ...]) -> None:
        """Fill a rectangle parallel to the canvas."""
        self.polygon(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), colour)

    def line(self, points: ArrayLike, colour: Colour, pixels: int = 2) -> None:
        """Draw an open line that is `pixels` canvas pixels thick."""
        corners = self.to_pixels(points)
        cv2.polylines(self.pixels, [corners], False, (*colour, 255), pixels, cv2.LINE_AA, 4)

    def disc(self, x: float, y: float, radius: float, colour: tuple[int, ...]) -> None:
        """Fill a circle."""
        angle = np.linspace(0, 2 * np.pi, 33)[:-1]
        self.polygon(np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], axis=1), colour)

    def shade(self, amount: NDArray[np.floating], colour: Colour) -> None:
        """Mix a colour into the canvas. `amount` in [0, 1] is the share of the colour and broadcasts to (2 h, 2 w)."""
        share = np.broadcast_to(np.asarray(amount, np.float32), self.pixels.shape[:2])[..., None]
        rgb = self.pixels[..., :3]
        mixed = rgb + share * (np.asarray(colour, np.float32) - rgb)
        self.pixels[..., :3] = mixed.astype(np.uint8)

    def to_sheet(self) -> NDArray[np.uint8]:
        """Return the (h, w, 4) picture in the sheet's size."""
        size = (self.pixels.shape[1] // FINE, self.pixels.shape[0] // FINE)
        return np.asarray(cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def darker(colour: Colour, share: float) -> Colour:
    """Return a colour mixed with a share of black; a negative share mixes it with white."""
    target = 0 if share > 0 else 255
    red, green, blue = (round(level + (target - level) * abs(share)) for level in colour)
    return red, green, blue


def invented_letters(seed: int, letters: int) -> NDArray[np.bool_]:
    """Return a (7, 6 * letters - 1) mask of letters of no alphabet, each on a grid of 7 by 5 with a gap of one."""
    random = np.random.default_rng(seed)
    word = np.zeros((7, 6 * letters), bool)
    for start in range(0, 6 * letters, 6):
        word[:, start + random.choice((0, 0, 2, 4))] = True
        for row in random.choice((0, 3, 6), 2, replace=False):
            word[row, start : start + 5] = True
        word[int(random.integers(4)) :, start + int(random.integers(5))] |= random.random() < 0.6
    return word[:, :-1]

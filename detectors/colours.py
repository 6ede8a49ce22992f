"""Colour histograms of boxes: enough for a tracker to tell neighbours in one camera apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STRIPES = ((0.12, 0.5), (0.5, 0.9))
"""Top and bottom of each stripe as shares of the box's height: a person's trunk and legs."""
ACROSS = (0.2, 0.8)
"""Left and right end of the stripes as shares of the box's width; its sides show the ground."""
LEVELS = 4
"""Steps of red, of green and of blue."""
BINS = LEVELS**3
LENGTH = BINS * len(STRIPES)


def colours(pixels: NDArray[np.uint8], boxes: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the colour histograms of each box's stripes.

    Args:
        pixels: (h, w, 3) RGB frame.
        boxes: (n, 4) corners x0, y0, x1, y1; parts outside the frame are ignored.

    Returns:
        (n, LENGTH) square roots of each colour's share of its stripe, scaled to 0 to 255. The dot product of
        two rows is proportional to the sum of their stripes' Bhattacharyya coefficients.

    >>> frame = np.zeros((100, 40, 3), np.uint8)
    >>> frame[50:] = 255
    >>> above, below = colours(frame, np.array([[0, 0, 40, 100]], np.float32)).reshape(2, BINS)
    >>> above.nonzero()[0].tolist(), below.nonzero()[0].tolist()  # black over white
    ([0], [63])
    """
    height, width = pixels.shape[:2]
    shares = np.empty((len(boxes), len(STRIPES), BINS), np.float32)
    for row, (x0, y0, x1, y1) in enumerate(boxes.tolist()):
        left, right = _pixel_range(x0, x1, ACROSS, width)
        for stripe, ends in enumerate(STRIPES):
            top, bottom = _pixel_range(y0, y1, ends, height)
            levels = (pixels[top:bottom, left:right].reshape(-1, 3) // (256 // LEVELS)).astype(np.intp)
            counts = np.bincount(levels @ (LEVELS**2, LEVELS, 1), minlength=BINS)
            shares[row, stripe] = counts / len(levels)
    roots: NDArray[np.uint8] = np.rint(255 * np.sqrt(shares)).astype(np.uint8)
    return roots.reshape(len(boxes), LENGTH)


def _pixel_range(low: float, high: float, shares: tuple[float, float], size: int) -> tuple[int, int]:
    """Return the first and the end pixel of a part of low to high, within the frame and not empty."""
    first, last = (int(low + share * (high - low)) for share in shares)
    first = min(max(first, 0), size - 1)
    return first, max(min(last, size), first + 1)

"""Which colours does each box hold, above and below? Enough to tell neighbours apart within one camera."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STRIPES = ((0.12, 0.5), (0.5, 0.9))
"""From where to where down a box: a person's trunk and legs."""
ACROSS = (0.2, 0.8)
"""From where to where across it; at its sides there is ground."""
LEVELS = 4
"""Steps of red, of green and of blue."""
BINS = LEVELS**3
LENGTH = BINS * len(STRIPES)


def colours(pixels: NDArray[np.uint8], boxes: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Count the colours of each box.

    Args:
        pixels: (h, w, 3) RGB frame.
        boxes: (n, 4) corners x0, y0, x1, y1; what lies outside the frame is not looked at.

    Returns:
        (n, LENGTH) roots of each colour's share of its stripe, 255 for all of it: products of two such rows add up
        to Bhattacharyya's coefficient.

    >>> frame = np.zeros((100, 40, 3), np.uint8)
    >>> frame[50:] = 255
    >>> above, below = colours(frame, np.array([[0, 0, 40, 100]], np.float32)).reshape(2, BINS)
    >>> above.nonzero()[0].tolist(), below.nonzero()[0].tolist()  # black over white
    ([0], [63])
    """
    height, width = pixels.shape[:2]
    counted = np.empty((len(boxes), len(STRIPES), BINS), np.float32)
    for row, (x0, y0, x1, y1) in enumerate(boxes.tolist()):
        left, right = _between(x0, x1, ACROSS, width)
        for place, stripe in enumerate(STRIPES):
            top, bottom = _between(y0, y1, stripe, height)
            levels = (pixels[top:bottom, left:right].reshape(-1, 3) // (256 // LEVELS)).astype(np.intp)
            counts = np.bincount(levels @ (LEVELS**2, LEVELS, 1), minlength=BINS)
            counted[row, place] = counts / len(levels)
    roots: NDArray[np.uint8] = np.rint(255 * np.sqrt(counted)).astype(np.uint8)
    return roots.reshape(len(boxes), LENGTH)


def _between(low: float, high: float, shares: tuple[float, float], end: int) -> tuple[int, int]:
    """Find a stretch of whole pixels within a frame, one at least."""
    first, last = (int(low + share * (high - low)) for share in shares)
    first = min(max(first, 0), end - 1)
    return first, max(min(last, end), first + 1)

"""Colour histogram: the baseline that knows which colours are at which height, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

STRIPES, HUES, SATURATIONS, VALUES = 4, 8, 4, 4
"""Horizontal stripes of a crop, and parts into which each axis of HSV is cut."""
COLOURS = HUES * SATURATIONS * VALUES


class ColourHistogram:
    """Describes clips by histograms of their middle, as a network does by embeddings.

    The outer quarters of a crop's width are mostly background, and without them the histogram finds twice as many.
    A clip's vector holds the square roots of its mean histogram, so that the cosine of two is their
    Bhattacharyya coefficient, and vectors of several clips may be averaged like embeddings.
    """

    size = (128, 64)
    """Height and width in pixels of the crops it takes."""
    dimensions = STRIPES * COLOURS

    def features(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Describe (k, t, h, w, 3) RGB clips by (k, d) rows of length 1."""
        edge = clips.shape[3] // 4
        middle = clips[:, :, :, edge : clips.shape[3] - edge]
        rows = [np.mean([histogram(frame) for frame in clip], axis=0) for clip in middle]
        return np.sqrt(np.array(rows, np.float32).reshape(len(clips), self.dimensions))


def histogram(frame: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Count the colours of a (h, w, 3) RGB picture stripe by stripe; (d,) shares, whose sum is 1.

    >>> grey = np.full((4, 2, 3), 255, np.uint8)  # no saturation, full value: bin 3 of each stripe
    >>> np.flatnonzero(histogram(grey)).tolist(), float(histogram(grey)[3])
    ([3, 131, 259, 387], 0.25)
    """
    height, width = frame.shape[:2]
    hue, saturation, value = cv2.split(cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2HSV))
    parts: Sequence[tuple[NDArray[np.uint8], int, int]] = (
        (np.asarray(hue, np.uint8), HUES, 180),
        (np.asarray(saturation, np.uint8), SATURATIONS, 256),
        (np.asarray(value, np.uint8), VALUES, 256),
    )
    bins = np.arange(height)[:, None] * STRIPES // height  # (h, 1)
    for channel, cuts, end in parts:
        bins = bins * cuts + channel.astype(np.intp) * cuts // end  # (h, w)
    shares: NDArray[np.float64] = np.bincount(bins.ravel(), minlength=STRIPES * COLOURS) / (height * width)
    return shares

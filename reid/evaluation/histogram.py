"""Colour histograms: a baseline that compares the colours at each height of a crop."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

STRIPES, HUES, SATURATIONS, VALUES = 4, 8, 4, 4
"""Horizontal stripes of a crop, and bins of hue, saturation and value."""
COLOURS = HUES * SATURATIONS * VALUES


class ColourHistogram:
    """Describes clips by histograms of their middle, in place of a network's embeddings.

    The outer quarters of a crop's width are mostly background; without them the histogram finds twice as many matches.
    A clip's vector is the square root of its mean histogram. The cosine of two vectors is therefore their Bhattacharyya
    coefficient, and vectors of several clips may be averaged like embeddings.
    """

    size = (128, 64)
    """Height and width of the crops, in pixels."""
    dimensions = STRIPES * COLOURS

    def features(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return (k, d) rows of length 1 for (k, t, h, w, 3) RGB clips."""
        edge = clips.shape[3] // 4
        middle = clips[:, :, :, edge : clips.shape[3] - edge]
        rows = [np.mean([colour_shares(frame) for frame in clip], axis=0) for clip in middle]
        return np.sqrt(np.array(rows, np.float32).reshape(len(clips), self.dimensions))


def colour_shares(frame: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the (d,) share of the pixels in each bin, stripe by stripe, for a (h, w, 3) RGB image; their sum is 1.

    >>> grey = np.full((4, 2, 3), 255, np.uint8)  # no saturation, full value: bin 3 of each stripe
    >>> np.flatnonzero(colour_shares(grey)).tolist(), float(colour_shares(grey)[3])
    ([3, 131, 259, 387], 0.25)
    """
    height, width = frame.shape[:2]
    hue, saturation, value = cv2.split(cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2HSV))
    channels: Sequence[tuple[NDArray[np.uint8], int, int]] = (
        (np.asarray(hue, np.uint8), HUES, 180),
        (np.asarray(saturation, np.uint8), SATURATIONS, 256),
        (np.asarray(value, np.uint8), VALUES, 256),
    )
    bins = np.arange(height)[:, None] * STRIPES // height  # (h, 1)
    for channel, count, end in channels:
        bins = bins * count + channel.astype(np.intp) * count // end  # (h, w)
    shares: NDArray[np.float64] = np.bincount(bins.ravel(), minlength=STRIPES * COLOURS) / (height * width)
    return shares

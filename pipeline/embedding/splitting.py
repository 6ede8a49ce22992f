"""Where a tracklet jumps from one object to another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.tracking.tracklets import Tracklet


def split(
    tracklet: Tracklet, first_frames: NDArray[np.int64], ranges: list[tuple[int, int]]
) -> list[Tracklet]:
    """Cut a tracklet at the first frames of the clips that begin its parts; all keep its track number.

    Args:
        tracklet: n observations.
        first_frames: (k,) source frame with which each clip begins, increasing.
        ranges: (start, stop) ranges of clips, from `pieces`.

    Returns:
        One tracklet a range, in time order, together with all n observations.
    """
    cuts = np.searchsorted(tracklet.frames, [first_frames[start] for start, _ in ranges[1:]])
    rows = np.split(np.arange(len(tracklet)), cuts)
    names = ("frames", "seconds", "boxes", "scores", "quality")
    return [replace(tracklet, **{name: getattr(tracklet, name)[part] for name in names}) for part in rows]


def pieces(
    clips: NDArray[np.float32],
    *,
    drop: float = 0.3,
    ceiling: float = 0.5,
    shortest: int = 2,
    reach: int = 4,
) -> list[tuple[int, int]]:
    """Propose to cut a tracklet where its clips before and after show different objects.

    A cut needs three things, looking `reach` clips back and ahead: the mean cosine across it lies `drop`
    under the mean cosine on either side; it lies under `ceiling`, so the sides would not be linked by
    themselves; and both sides have `shortest` clips to speak for them. So a network that finds everything
    alike, as an untrained one does, never cuts, nor does a slow turn of the body, nor one bad clip. The
    deepest cut comes first, then each part is asked again.

    Args:
        clips: (k, d) embeddings of successive clips, rows of length 1.
        drop: how much less alike across than within.
        ceiling: largest mean cosine across.
        shortest: fewest clips of a part, 2 or more.
        reach: most clips looked at on either side.

    Returns:
        (start, stop) ranges of clips that together cover 0 .. k; one range if nothing is to be cut.

    >>> a, b = [1.0, 0.0], [0.0, 1.0]
    >>> pieces(np.array([a, a, a, b, b], np.float32))
    [(0, 3), (3, 5)]
    """
    cosines = clips @ clips.T

    def depth(low: int, cut: int, high: int) -> float:
        return _depth(cosines, slice(max(low, cut - reach), cut), slice(cut, min(high, cut + reach)), ceiling)

    def split(low: int, high: int) -> list[tuple[int, int]]:
        depths = {cut: depth(low, cut, high) for cut in range(low + shortest, high - shortest + 1)}
        deepest = max(depths, key=lambda cut: (depths[cut], -cut), default=low)
        if depths.get(deepest, 0.0) < drop:
            return [(low, high)]
        return split(low, deepest) + split(deepest, high)

    return split(0, len(clips))


def _depth(cosines: NDArray[np.float32], before: slice, after: slice, ceiling: float) -> float:
    """Measure how far the cosines across a cut lie under those within its less uniform side."""
    across = float(cosines[before, after].mean())
    within = min(_within(cosines[before, before]), _within(cosines[after, after]))
    return within - across if across < ceiling else 0.0


def _within(block: NDArray[np.float32]) -> float:
    """Average the cosines of (k, k) clips with each other, each clip's with itself left out."""
    k = len(block)
    return float((block.sum() - np.trace(block)) / (k * (k - 1)))

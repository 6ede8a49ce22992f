"""Tracklets: all boxes of one object in one camera, from entry to exit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Key = tuple[str, int]
"""Camera and track number of a tracklet."""
Pair = tuple[Key, Key]


@dataclass(frozen=True, eq=False)
class Tracklet:
    """One object tracked through one camera's footage.

    All arrays share their first axis, `n` observations in time order.
    """

    camera: str
    track: int
    """Track number, from 1, unique in its camera."""
    kind: str
    """Class name, such as "person" or "car": the class whose boxes have the largest sum of scores."""
    frames: NDArray[np.int64]
    """(n,) frame numbers in the source file, from 0, strictly increasing."""
    seconds: NDArray[np.float64]
    """(n,) seconds on the shared timeline, strictly increasing."""
    boxes: NDArray[np.float32]
    """(n, 4) pixel corners x0, y0, x1, y1 in the source frame."""
    scores: NDArray[np.float32]
    """(n,) detector confidence in [0, 1]."""
    quality: NDArray[np.float32]
    """(n,) quality of each box for embedding, in [0, 1]; see `box_quality`."""
    picture: tuple[float, float] = (math.nan, math.nan)
    """Width and height of the source frame in pixels; NaN if unknown."""

    def __post_init__(self) -> None:
        n = len(self.seconds)
        lengths = {len(self.frames), len(self.scores), len(self.quality)}
        if n == 0 or self.boxes.shape != (n, 4) or lengths != {n}:
            raise ValueError(
                f"tracklet {self.name}: expected n >= 1 matching rows, got "
                f"{self.seconds.shape=}, {self.frames.shape=}, {self.boxes.shape=}, {self.scores.shape=}"
            )
        if not (np.diff(self.seconds) > 0).all() or not (np.diff(self.frames) > 0).all():
            raise ValueError(f"tracklet {self.name}: frames and seconds must increase")

    def __len__(self) -> int:
        return len(self.seconds)

    @property
    def key(self) -> Key:
        """Camera and track number, unique in a run."""
        return self.camera, self.track

    @property
    def name(self) -> str:
        """Camera and track number as text, such as "gate/17"."""
        return f"{self.camera}/{self.track}"

    @property
    def span(self) -> tuple[float, float]:
        """Seconds of the first and the last observation."""
        return float(self.seconds[0]), float(self.seconds[-1])

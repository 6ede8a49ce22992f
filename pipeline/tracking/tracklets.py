"""Tracklets: what one camera saw of one object, from entry to exit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Tracklet:
    """One object followed through one camera's footage.

    All arrays share their first axis, `n` observations in time order.
    """

    camera: str
    track: int
    """Number of the track, from 1, unique in its camera."""
    kind: str
    """Class name, such as "person" or "car": the one its boxes speak for most."""
    frames: NDArray[np.int64]
    """(n,) frame numbers of the source file, from 0, strictly increasing."""
    seconds: NDArray[np.float64]
    """(n,) seconds on the shared timeline, strictly increasing."""
    boxes: NDArray[np.float32]
    """(n, 4) pixel corners x0, y0, x1, y1 in the source frame."""
    scores: NDArray[np.float32]
    """(n,) detector confidence in [0, 1]."""
    quality: NDArray[np.float32]
    """(n,) worth of each box for telling who it is, in [0, 1]."""
    picture: tuple[float, float] = (math.nan, math.nan)
    """Width and height of the source frame in pixels; not a number where they are not known."""

    def __post_init__(self) -> None:
        n = len(self.seconds)
        flat = {len(self.frames), len(self.scores), len(self.quality)}
        if n == 0 or self.boxes.shape != (n, 4) or flat != {n}:
            raise ValueError(
                f"tracklet {self.camera}/{self.track}: expected n >= 1 matching rows, got "
                f"{self.seconds.shape=}, {self.frames.shape=}, {self.boxes.shape=}, {self.scores.shape=}"
            )
        if not (np.diff(self.seconds) > 0).all() or not (np.diff(self.frames) > 0).all():
            raise ValueError(f"tracklet {self.camera}/{self.track}: frames and seconds must increase")

    def __len__(self) -> int:
        return len(self.seconds)

    @property
    def span(self) -> tuple[float, float]:
        """First and last sighting, in seconds."""
        return float(self.seconds[0]), float(self.seconds[-1])


Key = tuple[str, int]
"""Camera and track of a tracklet."""
Pair = tuple[Key, Key]


def key_of(tracklet: Tracklet) -> Key:
    """Name a tracklet by its camera and track."""
    return tracklet.camera, tracklet.track

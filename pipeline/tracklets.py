"""Tracklets: what one camera saw of one object, from entry to exit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.boxes import overlap

FULL_AREA = 8192.0
"""Box area in square pixels from which size no longer counts (64 × 128)."""
EDGE = 2.0
"""Pixels from the frame's edge within which a box counts as cut by it."""


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


def box_quality(
    frame: NDArray[np.uint8], boxes: NDArray[np.float32], scores: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Rate how much each box of a frame can tell about who is in it.

    The product of the detector's confidence, the share that no other box covers, 1/2 where the frame's
    edge cuts the box, the size relative to `FULL_AREA` (square root, at most 1), and the sharpness.

    Args:
        frame: (h, w, 3) RGB.
        boxes: (n, 4) corners; they may reach out of the frame.
        scores: (n,) confidence in [0, 1].

    Returns:
        (n,) quality in [0, 1]; 0 for a box with no pixel in the frame.
    """
    height, width = frame.shape[:2]
    cut = (boxes[:, :2] <= EDGE).any(axis=1) | (boxes[:, 2:] >= [width - EDGE, height - EDGE]).any(axis=1)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    size = np.sqrt(np.minimum(area / FULL_AREA, 1))
    sharp = np.array([sharpness(crop(frame, box)) for box in boxes], np.float32)
    worth: NDArray[np.float32] = scores * (1 - overlap(boxes)) * np.where(cut, 0.5, 1.0) * size * sharp
    return worth.astype(np.float32)


def crop(frame: NDArray[np.uint8], box: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Cut the part of a box that lies in the frame: (h, w, 3), possibly empty; a view, not a copy."""
    x0, y0 = np.maximum(np.floor(box[:2]), 0).astype(int)
    x1, y1 = np.maximum(np.ceil(box[2:]), 0).astype(int)
    return frame[y0:y1, x0:x1]


def sharpness(picture: NDArray[np.uint8]) -> float:
    """Rate focus in [0, 1): v / (v + 150) of the Laplacian's variance v at 32 × 64 pixels; 0 if empty."""
    if picture.size == 0:
        return 0.0
    small = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (32, 64), interpolation=cv2.INTER_AREA)
    variance = float(cv2.Laplacian(small, cv2.CV_32F).var())
    return variance / (variance + 150)

"""Crops of a track: which ones are stored, and the quality of each."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.boxes import overlap
from pipeline.errors import RunError

BINS = 64
"""Number of bins of equal width in the later half of a track; see `bin_width`."""
MAX_HEIGHT = 384
"""Height in pixels to which taller crops are reduced."""
JPEG_QUALITY = 95
FULL_AREA = 8192.0
"""Box area in square pixels from which size no longer raises the quality (64 × 128)."""
EDGE = 2.0
"""Distance in pixels from the frame's edge at which the edge counts as cutting the box."""


@dataclass(frozen=True)
class StoredCrop:
    """One crop of a tracklet, as stored in the run folder."""

    track: int
    frame: int
    quality: float
    jpeg: bytes

    def pixels(self) -> NDArray[np.uint8]:
        """Return the decoded crop, (h, w, 3) RGB; raise `RunError` if it is damaged."""
        try:
            decoded = cv2.imdecode(np.frombuffer(self.jpeg or b" ", np.uint8), cv2.IMREAD_COLOR_RGB)
        except cv2.error:  # such as an absurd size
            decoded = None
        if decoded is None:
            raise RunError(
                f"the stored crop of track {self.track}, frame {self.frame} is damaged; run again with --overwrite"
            )
        return np.asarray(decoded, np.uint8)


@dataclass
class CropPicker:
    """Keeps the best crop in each bin of each track, over one part of a camera's footage."""

    seen: dict[int, int]
    """Observations of each track so far, carried from part to part."""
    best: dict[tuple[int, int], StoredCrop] = field(default_factory=dict)
    """Best crop so far by track and first observation of the bin."""

    def offer(
        self, frame: NDArray[np.uint8], number: int, track: int, box: NDArray[np.float32], quality: float
    ) -> None:
        """Add the next observation of a track; with a `quality` of 0 it is counted, but its crop is not kept."""
        age = self.seen.get(track, 0)
        self.seen[track] = age + 1
        key = track, age - age % bin_width(age)
        if quality > 0 and (key not in self.best or quality > self.best[key].quality):
            self.best[key] = StoredCrop(track, number, quality, encode_crop(cut_crop(frame, box)))


def bin_width(observation: int) -> int:
    """Return how many successive observations share one stored crop at this age of a track.

    Widths double with age. A track of n boxes therefore stores at most 2·64 + 64·log2(n/128) crops, and
    any 128 evenly spread moments of it are still represented (32 clips of 4).

    >>> [bin_width(n) for n in (0, 127, 128, 255, 256)]
    [1, 1, 2, 2, 4]
    """
    return 1 << max(0, (observation // BINS).bit_length() - 1)


def box_quality(
    frame: NDArray[np.uint8], boxes: NDArray[np.float32], scores: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the quality of each box of a frame for embedding.

    It is the product of the detector's confidence, the share that no other box covers, 1/2 if the frame's
    edge cuts the box, the size relative to `FULL_AREA` (square root, at most 1), and the sharpness.

    Args:
        frame: (h, w, 3) RGB.
        boxes: (n, 4) corners; they may reach out of the frame.
        scores: (n,) confidence in [0, 1].

    Returns:
        (n,) quality in [0, 1]; 0 for a box without a pixel in the frame.
    """
    height, width = frame.shape[:2]
    cut = (boxes[:, :2] <= EDGE).any(axis=1) | (boxes[:, 2:] >= [width - EDGE, height - EDGE]).any(axis=1)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    size = np.sqrt(np.minimum(area / FULL_AREA, 1))
    sharp = np.array([sharpness(cut_crop(frame, box)) for box in boxes], np.float32)
    quality: NDArray[np.float32] = scores * (1 - overlap(boxes)) * np.where(cut, 0.5, 1.0) * size * sharp
    return quality.astype(np.float32)


def sharpness(crop: NDArray[np.uint8]) -> float:
    """Return the focus in [0, 1): v / (v + 150) of the Laplacian's variance v at 32 × 64 pixels; 0 if empty."""
    if crop.size == 0:
        return 0.0
    small = cv2.resize(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), (32, 64), interpolation=cv2.INTER_AREA)
    variance = float(cv2.Laplacian(small, cv2.CV_32F).var())
    return variance / (variance + 150)


def cut_crop(frame: NDArray[np.uint8], box: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the part of a box that lies in the frame: (h, w, 3), possibly empty; a view, not a copy."""
    x0, y0 = np.maximum(np.floor(box[:2]), 0).astype(int)
    x1, y1 = np.maximum(np.ceil(box[2:]), 0).astype(int)
    return frame[y0:y1, x0:x1]


def encode_crop(crop: NDArray[np.uint8]) -> bytes:
    """Return a crop as JPEG, at most `MAX_HEIGHT` pixels high."""
    height, width = crop.shape[:2]
    if height > MAX_HEIGHT:
        size = max(1, round(width * MAX_HEIGHT / height)), MAX_HEIGHT
        crop = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8)
    settings = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    return bytes(cv2.imencode(".jpg", cv2.cvtColor(crop, cv2.COLOR_RGB2BGR), settings)[1])

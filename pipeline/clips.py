"""Clips: which crops of a tracklet are kept, and which t of them the network sees together."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.tracklets import crop

CROPS = 64
"""Bins of equal width that a track's later half is divided into; see `bin_width`."""
TALLEST = 384
"""Height in pixels to which a stored crop is reduced."""
JPEG_QUALITY = 95


def bin_width(observation: int) -> int:
    """Tell how many successive observations share one stored crop at this age of a track.

    Widths double with age, so that a track of n boxes stores at most 2·64 + 64·log2(n/128) crops, and
    any 128 evenly spread moments of it are still represented (32 clips of 4).

    >>> [bin_width(n) for n in (0, 127, 128, 255, 256)]
    [1, 1, 2, 2, 4]
    """
    return 1 << max(0, (observation // CROPS).bit_length() - 1)


@dataclass(frozen=True)
class StoredCrop:
    """One picture of a tracklet, as it is kept in the run folder."""

    track: int
    frame: int
    quality: float
    jpeg: bytes

    def pixels(self) -> NDArray[np.uint8]:
        """Decode to (h, w, 3) RGB."""
        decoded = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
        if decoded is None:
            raise ValueError(f"the stored crop of track {self.track}, frame {self.frame} is damaged")
        return np.asarray(decoded, np.uint8)


@dataclass
class CropPicker:
    """Keeps the best crop of each bin of each track, over one part of a camera's footage."""

    seen: dict[int, int]
    """Observations of each track so far; carried from part to part."""
    best: dict[tuple[int, int], StoredCrop] = field(default_factory=dict)

    def offer(
        self, frame: NDArray[np.uint8], number: int, track: int, box: NDArray[np.float32], quality: float
    ) -> None:
        """Take the next observation of a track; `quality` 0 counts it without keeping its picture."""
        age = self.seen.get(track, 0)
        self.seen[track] = age + 1
        key = track, age - age % bin_width(age)
        if quality > 0 and (key not in self.best or quality > self.best[key].quality):
            self.best[key] = StoredCrop(track, number, quality, encode(crop(frame, box)))


def encode(picture: NDArray[np.uint8]) -> bytes:
    """Compress a crop as JPEG, at most `TALLEST` pixels high."""
    height, width = picture.shape[:2]
    if height > TALLEST:
        size = max(1, round(width * TALLEST / height)), TALLEST
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    settings = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    return bytes(cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), settings)[1])


def choose_clips(quality: NDArray[np.float32], length: int, most: int) -> NDArray[np.intp]:
    """Choose evenly spread clips from a tracklet's crops, the best crop of each stretch.

    Time is divided into k stretches, k = min(most, ceil(m / length)), and each stretch into `length`
    parts that give one frame each; a stretch with fewer crops repeats its last one.

    Args:
        quality: (m,) worth of each crop, in time order; m >= 1.
        length: frames a clip (t).
        most: largest number of clips.

    Returns:
        (k, length) indices into the crops, in time order.

    >>> choose_clips(np.array([0.1, 0.9, 0.5, 0.6, 0.2], np.float32), length=2, most=2)
    array([[1, 2],
           [3, 4]])
    """
    clips = min(most, -(-len(quality) // length))
    chosen = []
    for stretch in np.array_split(np.arange(len(quality)), clips):
        parts = [part for part in np.array_split(stretch, length) if len(part)]
        best = [part[quality[part].argmax()] for part in parts]
        chosen.append(best + best[-1:] * (length - len(best)))
    return np.array(chosen, np.intp)


def cut_clips(crops: list[StoredCrop], chosen: NDArray[np.intp], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Decode and resize the chosen crops.

    Args:
        crops: m crops of one tracklet, in time order.
        chosen: (k, t) indices.
        size: height and width in pixels.

    Returns:
        (k, t, h, w, 3) RGB.
    """
    wanted = {int(index): fit(crops[index].pixels(), size) for index in np.unique(chosen)}
    return np.array([[wanted[int(index)] for index in clip] for clip in chosen], np.uint8)


def fit(picture: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Resize to (h, w), by area where it shrinks and bicubic where it grows."""
    height, width = size
    method = cv2.INTER_AREA if picture.shape[0] > height else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=method), np.uint8)

"""Clips: which crops of a tracklet are kept, and which t of them the network sees together."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.tracking.crops import StoredCrop


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

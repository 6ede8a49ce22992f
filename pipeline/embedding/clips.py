"""Clips: the crops of a tracklet that the network sees together."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.tracking.crops import StoredCrop


def choose_clips(quality: NDArray[np.float32], length: int, max_clips: int) -> NDArray[np.intp]:
    """Return evenly spread clips of a tracklet's crops, with the best crop of each stretch of time.

    Time is divided into k stretches, k = min(max_clips, ceil(m / length)), and each stretch into `length`
    parts. Each part gives one frame. A stretch with fewer crops than parts repeats its last crop.

    Args:
        quality: (m,) quality of each crop, in time order; m >= 1.
        length: frames per clip (t).
        max_clips: largest number of clips.

    Returns:
        (k, length) indices into the crops, in time order.

    >>> choose_clips(np.array([0.1, 0.9, 0.5, 0.6, 0.2], np.float32), length=2, max_clips=2)
    array([[1, 2],
           [3, 4]])
    """
    clips = min(max_clips, -(-len(quality) // length))
    chosen = []
    for stretch in np.array_split(np.arange(len(quality)), clips):
        parts = [part for part in np.array_split(stretch, length) if len(part)]
        best = [part[quality[part].argmax()] for part in parts]
        chosen.append(best + best[-1:] * (length - len(best)))
    return np.array(chosen, np.intp)


def cut_clips(crops: list[StoredCrop], chosen: NDArray[np.intp], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the (k, t) chosen crops of a tracklet, decoded and resized to (h, w): (k, t, h, w, 3) RGB."""
    pictures = {int(index): resize_crop(crops[index].pixels(), size) for index in np.unique(chosen)}
    return np.array([[pictures[int(index)] for index in clip] for clip in chosen], np.uint8)


def resize_crop(crop: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a crop resized to (h, w), by area averaging if it is higher than h, else bicubic."""
    height, width = size
    method = cv2.INTER_AREA if crop.shape[0] > height else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(crop, (width, height), interpolation=method), np.uint8)

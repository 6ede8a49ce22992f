"""Reading of image files as RGB arrays of the network's size, ahead of use."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from reid.data.records import LabelledTracklet
from reid.errors import DatasetError

DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    Image.DecompressionBombError,
    ModuleNotFoundError,  # Ultralytics makes Pillow look for a HEIC reader when the format is unknown
)
"""Exceptions that Pillow raises for images that are cut short and for files that are no images."""


@dataclass(frozen=True)
class FrameChoice:
    """Frames of one tracklet to read."""

    tracklet: int
    """Index in the list of tracklets."""
    frames: tuple[int, ...]
    """(m,) indices in the tracklet's images; an index may occur twice."""


def read_image(path: str) -> NDArray[np.uint8]:
    """Return an image as an (h, w, 3) RGB array, rotated as its EXIF data demand.

    Raises:
        DatasetError: the file is missing, cut short or no image.
    """
    try:
        with Image.open(path) as image:
            upright = ImageOps.exif_transpose(image)
            if upright.mode.startswith("I"):  # 16-bit grey, which Pillow's `convert` would clip at 255
                grey = np.asarray(upright).astype(np.int64) >> 8
                upright = Image.fromarray(grey.clip(0, 255).astype(np.uint8))
            return np.asarray(upright.convert("RGB"), np.uint8)
    except FileNotFoundError as error:
        raise DatasetError(f"{path}: this image is missing; complete the data set") from error
    except DAMAGE as error:
        raise DatasetError(
            f"{path}: damaged or not an image ({error}); replace it, or copy the data again"
        ) from error


def resize_image(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Resize an image to (h, w), with area interpolation to shrink and bicubic interpolation to enlarge."""
    height, width = size
    method = cv2.INTER_AREA if image.shape[0] > height else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (width, height), interpolation=method), np.uint8)


def read_frames(
    tracklet: LabelledTracklet, frames: Sequence[int], size: tuple[int, int]
) -> NDArray[np.uint8]:
    """Return frames of one tracklet as an (m, h, w, 3) RGB array; each file is read once."""
    images = {frame: resize_image(read_image(tracklet.images[frame]), size) for frame in sorted(set(frames))}
    return np.stack([images[frame] for frame in frames])


def read_ahead(
    tracklets: Sequence[LabelledTracklet],
    batches: Iterable[Sequence[FrameChoice]],
    size: tuple[int, int],
    *,
    workers: int,
    pin: bool = False,
) -> Iterator[Tensor]:
    """Yield batches of frames in order, read ahead by worker processes.

    Args:
        tracklets: the list that the choices refer to.
        batches: batches of choices; all choices of a batch have the same number of frames.
        size: height and width in pixels.
        workers: number of processes that read; 0 reads in this process.
        pin: place the batches in pinned memory, from which a GPU copies while it computes.

    Yields:
        (b, m, h, w, 3) uint8 RGB.

    Raises:
        DatasetError: an image is missing or damaged.
    """
    if workers:
        # More than one OpenCV thread per process slows the others down. The number is set here and not in
        # the workers: after a fork, OpenCV would wait for ever for threads that exist in the parent only.
        cv2.setNumThreads(1)
    loader = DataLoader(
        _FrameDataset(tracklets, size),
        batch_sampler=(list(batch) for batch in batches),
        collate_fn=_stack,
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        pin_memory=pin,
    )
    for batch in loader:
        if isinstance(batch, str):
            raise DatasetError(batch)
        yield batch


def default_workers() -> int:
    """Return the default number of reading processes: at most 16, with one core left to the network."""
    return min(16, len(os.sched_getaffinity(0)) - 1)


class _FrameDataset(Dataset[NDArray[np.uint8] | str]):
    """Frames by `FrameChoice`; an error is returned as its message, because workers wrap exceptions."""

    def __init__(self, tracklets: Sequence[LabelledTracklet], size: tuple[int, int]) -> None:
        self._tracklets = tracklets
        self._size = size

    def __getitem__(self, choice: FrameChoice) -> NDArray[np.uint8] | str:
        try:
            return read_frames(self._tracklets[choice.tracklet], choice.frames, self._size)
        except DatasetError as error:
            return str(error)


def _stack(frames: list[NDArray[np.uint8] | str]) -> Tensor | str:
    """Stack the frames of a batch, or return the first error message in it."""
    for item in frames:
        if isinstance(item, str):
            return item
    return torch.from_numpy(np.stack(frames))

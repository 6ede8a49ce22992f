"""Frames: pictures from files, at the network's size, read ahead of whoever needs them."""

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
    *(OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError),
    ModuleNotFoundError,  # once Ultralytics is imported, Pillow asks for a HEIC reader where it knows nothing else
)
"""What Pillow raises for pictures that are cut short or no pictures at all."""


@dataclass(frozen=True)
class FrameChoice:
    """Which frames of which tracklet to read."""

    tracklet: int
    """Index into the tracklets at hand."""
    frames: tuple[int, ...]
    """(m,) indices into its images; one may be taken twice."""


def read_image(path: str) -> NDArray[np.uint8]:
    """Read a picture as (h, w, 3) RGB.

    Raises:
        DatasetError: it is missing, cut short or no picture.
    """
    try:
        with Image.open(path) as picture:
            return np.asarray(_upright(picture).convert("RGB"), np.uint8)
    except FileNotFoundError as error:
        raise DatasetError(f"{path}: this picture is missing; complete the data set") from error
    except DAMAGE as error:
        raise DatasetError(
            f"{path}: damaged or no picture ({error}); replace it, or copy the data again"
        ) from error


def _upright(picture: Image.Image) -> Image.Image:
    """Turn a picture as its camera says, and give 16-bit grey the 8 bits that `convert` would cut off at 255."""
    turned = ImageOps.exif_transpose(picture)
    if turned.mode.startswith("I"):
        return Image.fromarray((np.asarray(turned).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
    return turned


def fit(picture: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Resize to (h, w), by area where it shrinks and bicubic where it grows."""
    height, width = size
    method = cv2.INTER_AREA if picture.shape[0] > height else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=method), np.uint8)


def read_frames(
    tracklet: LabelledTracklet, frames: Sequence[int], size: tuple[int, int]
) -> NDArray[np.uint8]:
    """Read frames of one tracklet, each file once.

    Returns:
        (m, h, w, 3) RGB.
    """
    wanted = {frame: fit(read_image(tracklet.images[frame]), size) for frame in sorted(set(frames))}
    return np.stack([wanted[frame] for frame in frames])


def read_ahead(
    tracklets: Sequence[LabelledTracklet],
    batches: Iterable[Sequence[FrameChoice]],
    size: tuple[int, int],
    *,
    workers: int,
    pin: bool = False,
) -> Iterator[Tensor]:
    """Read batch after batch, in order, in processes that work ahead.

    Args:
        tracklets: what the choices point into.
        batches: choices of equally many frames within a batch.
        size: height and width in pixels.
        workers: processes that read; 0 reads in this one.
        pin: put the pixels into memory that a GPU copies from while it computes.

    Yields:
        (b, m, h, w, 3) uint8 RGB.

    Raises:
        DatasetError: a picture is missing or damaged.
    """
    if workers:
        # One thread of OpenCV a process: more only get in each other's way. Said here and not in the workers: there
        # OpenCV would wait for ever for threads that a fork does not copy.
        cv2.setNumThreads(1)
    loader = DataLoader(
        _Pictures(tracklets, size),
        batch_sampler=_Planned(batches),
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
    """Decide how many processes read pictures: what the cores allow, one core being left to the network."""
    return min(16, len(os.sched_getaffinity(0)) - 1)


class _Pictures(Dataset[NDArray[np.uint8] | str]):
    """Tracklets' pictures, by `FrameChoice`; an error travels as its sentence, since workers wrap exceptions."""

    def __init__(self, tracklets: Sequence[LabelledTracklet], size: tuple[int, int]) -> None:
        self._tracklets = tracklets
        self._size = size

    def __getitem__(self, choice: FrameChoice) -> NDArray[np.uint8] | str:
        try:
            return read_frames(self._tracklets[choice.tracklet], choice.frames, self._size)
        except DatasetError as error:
            return str(error)


class _Planned:
    """Batches in the form a DataLoader asks for."""

    def __init__(self, batches: Iterable[Sequence[FrameChoice]]) -> None:
        self._batches = batches

    def __iter__(self) -> Iterator[list[FrameChoice]]:
        return (list(batch) for batch in self._batches)


def _stack(pictures: list[NDArray[np.uint8] | str]) -> Tensor | str:
    for found in pictures:
        if isinstance(found, str):
            return found
    return torch.from_numpy(np.stack(pictures))

"""Interfaces of the objects that a run works with: detector, tracker, embedder and progress display."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detectors.boxes import Detections


class Detector(Protocol):
    """Detects people and vehicles in the frames of one camera."""

    notes: tuple[str, ...]
    """What the user should know about its boxes, in sentences."""
    step: float
    """Source frames from one frame that it can have boxes in to the next; the frames between are not processed."""

    def detect(self, frames: Sequence[NDArray[np.uint8]], numbers: Sequence[int]) -> list[Detections]:
        """Return the boxes of each (h, w, 3) RGB frame; `numbers` are the frame numbers in the source file."""
        ...

    def misfits(self, size: tuple[int, int], total: int | None) -> list[str]:
        """Return sentences on how precomputed boxes do not fit footage of a width, height and number of frames."""
        ...


class Tracker(Protocol):
    """Tracks the detections of one camera from frame to frame."""

    def update(self, seconds: float, detections: Detections) -> NDArray[np.int64]:
        """Return the (n,) track numbers of the next frame's detections, from 1; -1 for a box without a track."""
        ...


class Embedder(Protocol):
    """Turns clips into unit vectors."""

    size: tuple[int, int]
    """Height and width in pixels of the crops that the network takes."""

    def embed(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the (k, d) embeddings of (k, t, h, w, 3) RGB clips, rows of length 1."""
        ...


class StartProgress(Protocol):
    """Starts a progress display for a named task."""

    def __call__(self, task: str) -> Callable[[int, int | None], None]:
        """Return a function that shows the number of steps done and the total number, None if it is unknown."""
        ...


def no_progress(task: str) -> Callable[[int, int | None], None]:
    """Return a function that shows nothing."""
    del task
    return lambda *_: None

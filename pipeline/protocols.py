"""What a run needs of its parts: a detector, a tracker, an embedder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detectors.boxes import Detections


class Detector(Protocol):
    """Finds people and vehicles in frames of one camera."""

    def detect(self, frames: Sequence[NDArray[np.uint8]], numbers: Sequence[int]) -> list[Detections]:
        """Find boxes in each of the (h, w, 3) RGB frames with these source frame numbers."""
        ...

    def left(self, after: int) -> int:
        """Count the boxes it has for source frames from `after` on; 0 for one that finds them by looking."""
        ...


class Tracker(Protocol):
    """Follows the detections of one camera from frame to frame."""

    def update(self, seconds: float, detections: Detections) -> NDArray[np.int64]:
        """Take the next frame's detections; (n,) track number of each, from 1, or -1 for none."""
        ...


class Embedder(Protocol):
    """Turns clips into unit vectors."""

    size: tuple[int, int]
    """Height and width in pixels of the crops it wants."""

    def embed(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Embed (k, t, h, w, 3) RGB clips as (k, d) rows of length 1."""
        ...


class Begin(Protocol):
    """Shows a person how far a task has come."""

    def __call__(self, task: str) -> Callable[[int, int | None], None]:
        """Begin a task; gives what to call with the steps done and, if known, the steps in all."""
        ...


def silently(task: str) -> Callable[[int, int | None], None]:
    """Begin a task that nobody watches."""
    del task
    return _unseen


def _unseen(done: int, total: int | None) -> None:
    del done, total

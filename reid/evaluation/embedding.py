"""Embedding of labelled tracklets, for evaluation: a vector each, from evenly spread clips."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from reid.data.frames import FrameChoice, default_workers, read_ahead
from reid.data.records import LabelledTracklet

GROUP = 64
"""Most frames read together, where tracklets are shorter than that."""
Views = Literal["plain", "flipped"]
"""Pictures as they are, or each averaged with its mirror image."""


@dataclass(frozen=True)
class Viewing:
    """What of a tracklet the network gets to see."""

    clip_length: int = 4
    """Frames a clip (t)."""
    clips: int = 32
    """Most clips a tracklet."""
    views: Views = "plain"


class Embedder(Protocol):
    """Turns clips into vectors: a network, or a histogram."""

    size: tuple[int, int]
    """Height and width in pixels of the crops it takes."""
    dimensions: int

    def features(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Turn (k, t, h, w, 3) RGB clips into (k, d) rows of any length."""
        ...


def embed_tracklets(
    embedder: Embedder,
    tracklets: Sequence[LabelledTracklet],
    viewing: Viewing,
    *,
    workers: int | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> NDArray[np.float32]:
    """Embed each tracklet as the direction of the mean of its clips' embeddings, as the network gives them.

    Args:
        embedder: a network's, or another.
        tracklets: n of them.
        viewing: what the network gets to see.
        workers: processes that read pictures; None: one a core but one.
        progress: told how many tracklets are done, of how many.

    Returns:
        (n, d) rows of length 1.

    Raises:
        DatasetError: a picture is missing or damaged.
        ReidError: the device ran out of memory, or the weights give no finite numbers.
    """
    rows = np.zeros((len(tracklets), embedder.dimensions), np.float32)
    batches = list(_together(tracklets, viewing))
    pictures = read_ahead(
        tracklets, batches, embedder.size, workers=default_workers() if workers is None else workers
    )
    done = 0
    for choices, batch in zip(batches, pictures, strict=True):
        clips = batch.numpy().reshape(-1, viewing.clip_length, *batch.shape[2:])  # (b * k, t, h, w, 3)
        vectors = embedder.features(clips)
        if viewing.views == "flipped":
            vectors = vectors + embedder.features(clips[..., ::-1, :])
        rows[[choice.tracklet for choice in choices]] = vectors.reshape(len(choices), -1, rows.shape[1]).mean(
            axis=1
        )
        done += len(choices)
        if progress:
            progress(done, len(tracklets))
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)


def spread_clips(frames: int, length: int, most: int) -> NDArray[np.intp]:
    """Divide a tracklet into successive clips, and take evenly spread ones if there are too many.

    Args:
        frames: n frames of the tracklet.
        length: frames a clip (t).
        most: largest number of clips.

    Returns:
        (k, t) indices; where frames are lacking, the last clip starts over.

    >>> spread_clips(5, 2, 32).tolist(), spread_clips(8, 2, 2).tolist()
    ([[0, 1], [2, 3], [4, 4]], [[0, 1], [6, 7]])
    """
    clips = -(-frames // length)
    chosen = np.arange(clips) if clips <= most else np.linspace(0, clips - 1, most).round().astype(int)
    starts = chosen[:, None] * length  # (k, 1)
    return np.asarray(starts + np.arange(length) % np.minimum(frames - starts, length), np.intp)


def _together(tracklets: Sequence[LabelledTracklet], viewing: Viewing) -> Iterator[list[FrameChoice]]:
    """Put tracklets of equally many clips side by side, as far as one batch may hold them."""
    choices = [
        FrameChoice(
            index, tuple(spread_clips(len(each.images), viewing.clip_length, viewing.clips).ravel().tolist())
        )
        for index, each in enumerate(tracklets)
    ]
    for frames, group in groupby(sorted(choices, key=_frames), key=_frames):
        alike = list(group)
        size = max(1, GROUP // frames)
        yield from (alike[start : start + size] for start in range(0, len(alike), size))


def _frames(choice: FrameChoice) -> int:
    return len(choice.frames)

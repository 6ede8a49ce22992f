"""Embedding of labelled tracklets: one vector per tracklet, from evenly spread clips."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from reid.data.frames import FrameChoice, default_workers, read_ahead
from reid.data.records import LabelledTracklet
from reid.ranking.distances import unit_vectors

FRAMES_AT_ONCE = 64
"""Maximum number of frames per batch; a tracklet with more frames is a batch of its own."""
Views = Literal["plain", "flipped"]
"""Images as they are, or each averaged with its mirror image."""


@dataclass(frozen=True)
class Viewing:
    """The clips of a tracklet that are embedded."""

    clip_length: int = 4
    """Frames per clip (t)."""
    clips: int = 32
    """Maximum number of clips per tracklet."""
    views: Views = "plain"


class FeatureExtractor(Protocol):
    """Turns clips into vectors: a network or a histogram."""

    size: tuple[int, int]
    """Height and width of the crops, in pixels."""
    dimensions: int

    def features(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return (k, d) rows of any length for (k, t, h, w, 3) RGB clips."""
        ...


def embed_entries(
    extractor: FeatureExtractor,
    tracklets: Sequence[LabelledTracklet],
    viewing: Viewing,
    *,
    workers: int | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> NDArray[np.float32]:
    """Embed each tracklet as the direction of the mean of its clips' features.

    Args:
        extractor: computes the features of clips.
        tracklets: n tracklets.
        viewing: the clips to embed.
        workers: processes that read images; None: one fewer than there are cores.
        progress: called with the number of embedded tracklets and the total.

    Returns:
        (n, d) rows of length 1.

    Raises:
        DatasetError: an image is missing or damaged.
        ReidError: the device ran out of memory, or the features are not finite.
    """
    rows = np.zeros((len(tracklets), extractor.dimensions), np.float32)
    batches = list(_batches(tracklets, viewing))
    batches_of_frames = read_ahead(
        tracklets, batches, extractor.size, workers=default_workers() if workers is None else workers
    )
    done = 0
    for choices, frames in zip(batches, batches_of_frames, strict=True):
        clips = frames.numpy().reshape(-1, viewing.clip_length, *frames.shape[2:])  # (b * k, t, h, w, 3)
        features = extractor.features(clips)
        if viewing.views == "flipped":
            features = features + extractor.features(clips[..., ::-1, :])
        means = features.reshape(len(choices), -1, rows.shape[1]).mean(axis=1)  # (b, d)
        rows[[choice.tracklet for choice in choices]] = means
        done += len(choices)
        if progress:
            progress(done, len(tracklets))
    return unit_vectors(rows)


def spread_clips(frames: int, length: int, most: int) -> NDArray[np.intp]:
    """Divide a tracklet's frames into successive clips, and choose at most `most` of them, evenly spread.

    Returns:
        (k, t) frame indices; if the last clip has too few frames, they are repeated from its first.

    >>> spread_clips(5, 2, 32).tolist(), spread_clips(8, 2, 2).tolist()
    ([[0, 1], [2, 3], [4, 4]], [[0, 1], [6, 7]])
    """
    clips = -(-frames // length)
    chosen = np.arange(clips) if clips <= most else np.linspace(0, clips - 1, most).round().astype(int)
    starts = chosen[:, None] * length  # (k, 1)
    return np.asarray(starts + np.arange(length) % np.minimum(frames - starts, length), np.intp)


def _batches(tracklets: Sequence[LabelledTracklet], viewing: Viewing) -> Iterator[list[FrameChoice]]:
    """Group tracklets with equally many clips into batches of at most `FRAMES_AT_ONCE` frames."""
    choices = []
    for index, tracklet in enumerate(tracklets):
        clips = spread_clips(len(tracklet.images), viewing.clip_length, viewing.clips)
        choices.append(FrameChoice(index, tuple(clips.ravel().tolist())))

    def count_frames(choice: FrameChoice) -> int:
        return len(choice.frames)

    for frames, group in groupby(sorted(choices, key=count_frames), key=count_frames):
        alike = list(group)
        size = max(1, FRAMES_AT_ONCE // frames)
        yield from (alike[start : start + size] for start in range(0, len(alike), size))

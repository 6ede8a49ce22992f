"""Splitting of tracklets that change from one object to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pipeline.embedding.embed import EmbeddedTracklet
from pipeline.tracking.tracklets import Key, Tracklet


def split_tracklet(embedded: EmbeddedTracklet) -> list[EmbeddedTracklet]:
    """Return the pieces of a tracklet, split where its clips change from one object to another.

    A piece begins at the first frame of its first clip. Together the pieces hold all observations, in time order,
    and all keep the track number.
    """
    tracklet = embedded.tracklet
    ranges = find_pieces(embedded.vectors)
    cuts = np.searchsorted(tracklet.frames, [embedded.first_frames[start] for start, _ in ranges[1:]])
    rows_of_pieces = np.split(np.arange(len(tracklet)), cuts)
    return [
        EmbeddedTracklet(
            tracklet=replace(
                tracklet,
                frames=tracklet.frames[rows],
                seconds=tracklet.seconds[rows],
                boxes=tracklet.boxes[rows],
                scores=tracklet.scores[rows],
                quality=tracklet.quality[rows],
            ),
            vectors=embedded.vectors[start:stop],
            weights=embedded.weights[start:stop],
            first_frames=embedded.first_frames[start:stop],
        )
        for rows, (start, stop) in zip(rows_of_pieces, ranges, strict=True)
    ]


def number_pieces(
    pieces: Sequence[EmbeddedTracklet], tracklets: Sequence[Tracklet]
) -> list[EmbeddedTracklet]:
    """Return the pieces with unique track numbers, sorted by camera and track.

    The first piece of a track keeps its number. Each later piece gets the next number after the camera's last.

    No piece gets the number of another of the run's `tracklets`. The pieces of one tracklet are in time order.
    """
    last_numbers: dict[str, int] = {}
    for tracklet in tracklets:
        last_numbers[tracklet.camera] = max(tracklet.track, last_numbers.get(tracklet.camera, 0))
    used: set[Key] = set()
    numbered = []
    for piece in pieces:
        tracklet = piece.tracklet
        if tracklet.key in used:
            last_numbers[tracklet.camera] += 1
            tracklet = replace(tracklet, track=last_numbers[tracklet.camera])
        used.add(tracklet.key)
        numbered.append(replace(piece, tracklet=tracklet))
    return sorted(numbered, key=lambda piece: piece.tracklet.key)


def find_pieces(
    clips: NDArray[np.float32], *, drop: float = 0.3, ceiling: float = 0.5, shortest: int = 2, reach: int = 4
) -> list[tuple[int, int]]:
    """Return the ranges of a tracklet's clips that show one object each.

    A cut needs three things. Over `reach` clips before and after it, the mean cosine across the cut is `drop`
    lower than the mean cosine on either side. It is lower than `ceiling`, so the two sides would not be linked.
    Both sides have at least `shortest` clips. Therefore no cut is made for a network that scores all clips alike,
    as an untrained one does, for a slow turn of the body, or for one bad clip. The deepest cut is made first,
    then each side is examined again.

    Args:
        clips: (k, d) embeddings of successive clips, rows of length 1.
        drop: smallest difference between the mean cosines within the sides and across the cut.
        ceiling: largest mean cosine across the cut.
        shortest: fewest clips of a piece, 2 or more.
        reach: largest number of clips compared on either side.

    Returns:
        (start, stop) ranges of clips that together cover 0 .. k; one range if no cut is needed.

    >>> a, b = [1.0, 0.0], [0.0, 1.0]
    >>> find_pieces(np.array([a, a, a, b, b], np.float32))
    [(0, 3), (3, 5)]
    """
    cosines = clips @ clips.T

    def depth(low: int, cut: int, high: int) -> float:
        before, after = slice(max(low, cut - reach), cut), slice(cut, min(high, cut + reach))
        across = float(cosines[before, after].mean())
        within = min(_mean_cosine(cosines[before, before]), _mean_cosine(cosines[after, after]))
        return within - across if across < ceiling else 0.0

    def split(low: int, high: int) -> list[tuple[int, int]]:
        depths = {cut: depth(low, cut, high) for cut in range(low + shortest, high - shortest + 1)}
        deepest = max(depths, key=lambda cut: (depths[cut], -cut), default=low)
        if depths.get(deepest, 0.0) < drop:
            return [(low, high)]
        return split(low, deepest) + split(deepest, high)

    return split(0, len(clips))


def _mean_cosine(block: NDArray[np.float32]) -> float:
    """Return the mean of a (k, k) block of cosines without its diagonal."""
    k = len(block)
    return float((block.sum() - np.trace(block)) / (k * (k - 1)))

"""Embedding: tracklets to clip vectors, a fixed group of tracklets at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.embedding.clips import choose_clips, cut_clips
from pipeline.embedding.config import EmbeddingConfig
from pipeline.embedding.splitting import pieces, split
from pipeline.folder.store import RunFolder, read_parquet, write_parquet
from pipeline.protocols import Embedder
from pipeline.tracking.collect import Followed
from pipeline.tracking.tracklets import Tracklet

GROUP = 16
"""Tracklets embedded and committed together, whatever cameras they are of."""


@dataclass(frozen=True, eq=False)
class EmbeddedTracklet:
    """A tracklet and its k clips as vectors; the arrays share their first axis."""

    tracklet: Tracklet
    vectors: NDArray[np.float32]
    """(k, d) embeddings of its clips in time order."""
    weights: NDArray[np.float32]
    """(k,) mean quality of each clip's crops."""
    first_frames: NDArray[np.int64]
    """(k,) source frame with which each clip begins."""

    def split(self) -> list[EmbeddedTracklet]:
        """Cut it where its clips jump from one object to another; all pieces keep its track number."""
        ranges = pieces(self.vectors)
        return [
            EmbeddedTracklet(
                piece, self.vectors[low:high], self.weights[low:high], self.first_frames[low:high]
            )
            for piece, (low, high) in zip(
                split(self.tracklet, self.first_frames, ranges), ranges, strict=True
            )
        ]


def rejected(
    tracklet: Tracklet, config: EmbeddingConfig, stride: int
) -> Literal["rejected_short", "rejected_quality"] | None:
    """Tell why a tracklet cannot be linked: `rejected_short`, `rejected_quality` or None."""
    if len(tracklet) * stride < config.min_boxes:
        return "rejected_short"
    area = (tracklet.boxes[:, 2:] - tracklet.boxes[:, :2]).prod(axis=1)
    return "rejected_quality" if np.median(area) < config.min_area else None


def embed_tracklets(
    run: RunFolder,
    followed: Sequence[Followed],
    *,
    length: int,
    most: int,
    embedder: Callable[[], Embedder],
    progress: Callable[[int, int | None], None],
) -> list[EmbeddedTracklet]:
    """Embed the clips of each tracklet, going on from the last committed group.

    Groups are fixed, and batches never reach over one, so that an interrupted run computes the same
    numbers as an uninterrupted one.

    Args:
        run: where groups are committed.
        followed: tracklets in a fixed order.
        length: frames a clip.
        most: most clips a tracklet.
        embedder: builds the network; called only if there is something to embed.
        progress: called with the number of tracklets done and in all.

    Returns:
        One record a tracklet, in the same order; k = 0 where no crop was good enough.
    """
    done: list[EmbeddedTracklet] = []
    progress(0, len(followed))
    network: Embedder | None = None
    for number, start in enumerate(range(0, len(followed), GROUP)):
        group = followed[start : start + GROUP]
        members = [(one.tracklet.camera, one.tracklet.track, len(one.tracklet)) for one in group]
        path = run.embeddings(number, repr(members))
        if not path.exists():
            network = network or embedder()
            write_parquet(path, _embed_group(group, network, length=length, most=most))
        done += _read_group(read_parquet(path), group)
        progress(len(done), len(followed))
    return done


def _embed_group(group: Sequence[Followed], network: Embedder, *, length: int, most: int) -> pa.Table:
    """Embed all clips of some tracklets together; one row a clip."""
    clips, members, weights, frames = [], [], [], []
    for member, one in enumerate(group):
        crops = one.crops()
        if not crops:
            continue
        quality = np.array([crop.quality for crop in crops], np.float32)
        chosen = choose_clips(quality, length, most)  # (k, t)
        clips.append(cut_clips(crops, chosen, network.size))
        members += [member] * len(chosen)
        weights += quality[chosen].mean(axis=1).tolist()
        frames += [crops[first].frame for first in chosen[:, 0].tolist()]
    if not clips:
        nothing = {"member": pa.array([], pa.int64()), "weight": pa.array([], pa.float32())}
        return pa.table(nothing | {"first_frame": pa.array([], pa.int64())})
    vectors = network.embed(np.concatenate(clips)).astype(np.float16)  # (clips of all, d)
    flat = pa.array(vectors.ravel(), pa.float16())
    columns = {
        "camera": [group[member].tracklet.camera for member in members],
        "track": [group[member].tracklet.track for member in members],
        "member": members,
        "weight": pa.array(weights, pa.float32()),
        "first_frame": frames,
        "vector": pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]),
    }
    return pa.table(columns)


def _read_group(table: pa.Table, group: Sequence[Followed]) -> list[EmbeddedTracklet]:
    members, weights, frames = (table[name].to_numpy() for name in ("member", "weight", "first_frame"))
    vectors = np.stack(table["vector"].to_numpy()).astype(np.float32) if len(members) else np.empty((0, 1))
    own = [members == member for member in range(len(group))]
    return [
        EmbeddedTracklet(one.tracklet, vectors[rows], weights[rows], frames[rows])
        for one, rows in zip(group, own, strict=True)
    ]

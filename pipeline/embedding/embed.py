"""Embedding: from tracklets to clip vectors, one fixed group of tracklets at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.embedding.clips import choose_clips, cut_clips
from pipeline.embedding.config import EmbeddingConfig
from pipeline.folder.store import RunFolder, read_part, write_part
from pipeline.protocols import Embedder
from pipeline.tracking.collect import StoredTracklet
from pipeline.tracking.tracklets import Tracklet

GROUP = 16
"""Tracklets that are embedded and committed together, from any cameras."""
Rejection = Literal["rejected_short", "rejected_quality"]
"""Why a tracklet cannot be matched: too few boxes; too small boxes or no usable crop."""


@dataclass(frozen=True, eq=False)
class EmbeddedTracklet:
    """A tracklet and the embeddings of its k clips; the arrays share their first axis."""

    tracklet: Tracklet
    vectors: NDArray[np.float32]
    """(k, d) embeddings of the clips in time order."""
    weights: NDArray[np.float32]
    """(k,) mean quality of each clip's crops."""
    first_frames: NDArray[np.int64]
    """(k,) frame number of each clip's first crop."""


def rejection_reason(tracklet: Tracklet, config: EmbeddingConfig, stride: float) -> Rejection | None:
    """Return why a tracklet cannot be matched, or None if it can."""
    if len(tracklet) * stride < config.min_boxes:
        return "rejected_short"
    area = (tracklet.boxes[:, 2:] - tracklet.boxes[:, :2]).prod(axis=1)
    return "rejected_quality" if np.median(area) < config.min_area else None


def embed_tracklets(
    run: RunFolder,
    stored: Sequence[StoredTracklet],
    *,
    clip_length: int,
    max_clips: int,
    embedder: Callable[[], Embedder],
    progress: Callable[[int, int | None], None],
) -> list[EmbeddedTracklet]:
    """Embed the clips of each tracklet; groups that are already committed are read instead.

    Groups are fixed, and no batch extends over two groups. An interrupted run therefore computes the same
    numbers as an uninterrupted one. `embedder` builds the network; it is called only if a group must be embedded.
    `progress` is called with the number of tracklets done and the total.

    Returns:
        One record per tracklet, in the same order; k = 0 for a tracklet without a usable crop.
    """
    embedded: list[EmbeddedTracklet] = []
    progress(0, len(stored))
    network: Embedder | None = None
    for number, start in enumerate(range(0, len(stored), GROUP)):
        group = stored[start : start + GROUP]
        tracklets = [member.tracklet for member in group]
        members = [(tracklet.camera, tracklet.track, len(tracklet)) for tracklet in tracklets]
        path = run.embeddings(number, repr(members))
        if not path.exists():
            network = network or embedder()
            table = _embed_group(group, network, clip_length=clip_length, max_clips=max_clips)
            write_part(path, table)
        embedded += _read_group(read_part(path), tracklets)
        progress(len(embedded), len(stored))
    return embedded


def _embed_group(
    group: Sequence[StoredTracklet], network: Embedder, *, clip_length: int, max_clips: int
) -> pa.Table:
    """Embed all clips of a group together; return one row per clip."""
    clips, members, weights, first_frames = [], [], [], []
    for member, stored in enumerate(group):
        crops = stored.read_crops()
        if not crops:
            continue
        quality = np.array([crop.quality for crop in crops], np.float32)
        chosen = choose_clips(quality, clip_length, max_clips)  # (k, t)
        clips.append(cut_clips(crops, chosen, network.size))
        members += [member] * len(chosen)
        weights += quality[chosen].mean(axis=1).tolist()
        first_frames += [crops[first].frame for first in chosen[:, 0].tolist()]
    if not clips:
        schema = [("member", pa.int64()), ("weight", pa.float32()), ("first_frame", pa.int64())]
        return pa.schema(schema).empty_table()
    vectors = network.embed(np.concatenate(clips)).astype(np.float16)  # (clips of all, d)
    flat = pa.array(vectors.ravel(), pa.float16())
    columns = {
        "camera": [group[member].tracklet.camera for member in members],
        "track": [group[member].tracklet.track for member in members],
        "member": members,
        "weight": pa.array(weights, pa.float32()),
        "first_frame": first_frames,
        "vector": pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]),
    }
    return pa.table(columns)


def _read_group(table: pa.Table, tracklets: Sequence[Tracklet]) -> list[EmbeddedTracklet]:
    members, weights, first_frames = (table[name].to_numpy() for name in ("member", "weight", "first_frame"))
    vectors = np.stack(table["vector"].to_numpy()).astype(np.float32) if len(members) else np.empty((0, 1))
    embedded = []
    for member, tracklet in enumerate(tracklets):
        rows = members == member
        embedded.append(EmbeddedTracklet(tracklet, vectors[rows], weights[rows], first_frames[rows]))
    return embedded

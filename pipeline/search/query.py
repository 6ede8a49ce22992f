"""Who is looked for, as the vectors that a gallery would hold of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.embedding.clips import resize_crop
from pipeline.errors import RunError
from pipeline.matching.corrections import tracklet_name
from pipeline.matching.pairs.gallery import choose_prototypes, weighted_mean
from pipeline.protocols import Embedder
from pipeline.results.galleries import SavedNetwork
from pipeline.search.runs import SearchedRun
from pipeline.tracking.tracklets import Key


@dataclass(frozen=True, eq=False)
class Query:
    """An object as vectors of length 1."""

    kind: str
    """Its class."""
    mean: NDArray[np.float32]
    """(d,) mean embedding."""
    prototypes: NDArray[np.float32]
    """(p, d) some of its clip embeddings."""
    network: SavedNetwork
    """Who embedded it."""
    run: Path | None = None
    """Folder of the run that it is a tracklet of; None: it is of pictures."""
    key: Key | None = None
    """Its camera and track there."""


def query_of_pictures(
    crops: Sequence[NDArray[np.uint8]], kind: str, network: SavedNetwork, embedder: Embedder, *, length: int
) -> Query:
    """Embed pictures of one object, each as a clip that stands still; together they are one query.

    Args:
        crops: (h, w, 3) RGB pictures, cut to the object, one or more.
        kind: its class.
        network: that of the gallery to search.
        embedder: that network, loaded.
        length: frames of a clip of the run (t).
    """
    frames = np.array([resize_crop(crop, embedder.size) for crop in crops], np.uint8)  # (k, h, w, 3)
    vectors = embedder.embed(np.repeat(frames[:, None], length, axis=1))  # (k, d)
    worth = np.ones(len(vectors), np.float32)
    chosen = choose_prototypes(worth, network.prototypes)
    return Query(kind, weighted_mean(vectors, worth), vectors[chosen], network)


def query_of_tracklet(run: SearchedRun, key: Key) -> Query:
    """Take a tracklet out of a run's galleries.

    Raises:
        RunError: they do not hold it.
    """
    for saved in run.galleries:
        gallery = saved.gallery
        rows = np.flatnonzero((gallery.cameras == key[0]) & (gallery.tracks == key[1]))
        if len(rows):
            row = int(rows[0])
            vectors = gallery.means[row], gallery.prototypes[row]
            return Query(str(gallery.kinds[row]), *vectors, saved.network, run.folder, key)
    raise RunError(
        f"{run.folder}: has no tracklet {tracklet_name(key)} that was matched; tracklets.csv lists them, as camera/track, "
        f"and those rejected have no vectors to search by"
    )

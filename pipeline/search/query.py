"""Query: the embeddings of the object to search for."""

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
from pipeline.results.records import FinishedRun
from pipeline.tracking.tracklets import Key


@dataclass(frozen=True, eq=False)
class Query:
    """An object to search for, as vectors of length 1."""

    kind: str
    """Class of the object."""
    mean: NDArray[np.float32]
    """(d,) mean embedding."""
    prototypes: NDArray[np.float32]
    """(p, d) some of its clip embeddings."""
    network: SavedNetwork
    """The network that embedded it."""
    run: Path | None = None
    """Folder of the run that it is a tracklet of; None: it comes from pictures."""
    key: Key | None = None
    """Camera and track in that run."""


def query_of_pictures(
    crops: Sequence[NDArray[np.uint8]], kind: str, network: SavedNetwork, embedder: Embedder, *, length: int
) -> Query:
    """Embed pictures of one object as a query; each picture is a clip of equal frames.

    Args:
        crops: (h, w, 3) RGB pictures, cut to the object, at least one.
        kind: class of the object.
        network: network of the gallery to search.
        embedder: the same network, loaded.
        length: number of frames of a clip (t).
    """
    frames = np.array([resize_crop(crop, embedder.size) for crop in crops], np.uint8)  # (k, h, w, 3)
    vectors = embedder.embed(np.repeat(frames[:, None], length, axis=1))  # (k, d)
    weights = np.ones(len(vectors), np.float32)
    prototypes = vectors[choose_prototypes(weights, network.prototypes)]
    return Query(kind, weighted_mean(vectors, weights), prototypes, network)


def query_of_tracklet(run: FinishedRun, key: Key) -> Query:
    """Return a tracklet of a run as a query.

    Raises:
        RunError: no gallery of the run holds the tracklet.
    """
    for saved in run.galleries:
        gallery = saved.gallery
        rows = np.flatnonzero((gallery.cameras == key[0]) & (gallery.tracks == key[1]))
        if len(rows):
            row = int(rows[0])
            return Query(
                kind=str(gallery.kinds[row]),
                mean=gallery.means[row],
                prototypes=gallery.prototypes[row],
                network=saved.network,
                run=run.folder,
                key=key,
            )
    raise RunError(
        f"{run.folder}: has no tracklet {tracklet_name(key)} that was matched; tracklets.csv lists them, as "
        "camera/track; rejected tracklets have no embeddings and cannot be searched for"
    )

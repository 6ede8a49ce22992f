"""Neighbours: identities of similar colours, which share batches so that the network learns to tell them apart.

Liao and Shao, "Graph Sampling Based Deep Metric Learning for Generalizable Person Re-Identification" (2022), choose
neighbours by the network's own distances, again in each epoch. Here colours choose them, once: colours need no network,
so a resumed training has the same neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reid.data.batches import group_by_label
from reid.data.records import LabelledTracklet
from reid.evaluation.histogram import ColourHistogram
from reid.tracklet_embedding import Viewing, embed_entries

TRACKLETS = 3
"""Maximum number of tracklets compared per identity, evenly spread over its cameras."""
NEIGHBOURS = 64
"""Maximum number of neighbours per identity."""
BLOCK = 1024
"""Identities compared with all others at a time."""


def rank_similar_identities(
    tracklets: Sequence[LabelledTracklet], *, workers: int | None = None
) -> NDArray[np.intp]:
    """Return (n, m) labels of the m most similar identities of each identity, by colours, nearest first.

    Raises:
        DatasetError: an image is missing or damaged.
    """
    chosen = []
    for indices in group_by_label(tracklets):  # tracklets of one camera are adjacent
        places = np.linspace(0, len(indices) - 1, min(TRACKLETS, len(indices))).astype(int)
        chosen.append([indices[place] for place in places])
    samples = [tracklets[index] for indices in chosen for index in indices]
    rows = embed_entries(ColourHistogram(), samples, Viewing(clip_length=1, clips=2), workers=workers)
    ends = np.cumsum([len(indices) for indices in chosen])[:-1]
    means = np.stack([identity_rows.mean(axis=0) for identity_rows in np.split(rows, ends)])  # (n, d)
    return nearest_rows(means / np.linalg.norm(means, axis=1, keepdims=True), NEIGHBOURS)


def nearest_rows(rows: NDArray[np.float32], most: int) -> NDArray[np.intp]:
    """Rank, for each of (n, d) rows of length 1, the m nearest other rows by cosine; m is `most` or n - 1.

    >>> nearest_rows(np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], np.float32), 2).tolist()
    [[2, 1], [2, 0], [1, 0]]
    """
    kept = min(most, len(rows) - 1)
    nearest = np.empty((len(rows), kept), np.intp)
    for start in range(0, len(rows), BLOCK):
        similarity = rows[start : start + BLOCK] @ rows.T  # (b, n)
        block = np.arange(len(similarity))
        similarity[block, start + block] = -np.inf  # a row is not its own neighbour
        nearest[start : start + BLOCK] = np.argsort(-similarity, axis=1, kind="stable")[:, :kept]
    return nearest

"""Company: whom does an identity come into a batch with, so that those hardest to tell apart are told apart?

Liao and Shao, "Graph Sampling Based Deep Metric Learning for Generalizable Person Re-Identification" (2022), choose by
the network's own distances, anew each epoch. Here colours choose, once: they need no network, so that a training that
goes on has the company that it had.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reid.data.batches import labelled
from reid.data.records import LabelledTracklet
from reid.evaluation.embedding import Viewing, embed_tracklets
from reid.evaluation.histogram import ColourHistogram

LOOKS = 3
"""Most tracklets of an identity that are looked at, evenly spread over its cameras."""
NEAREST = 64
"""Most identities that another is known to be like."""
BLOCK = 1024
"""Identities compared with all at a time."""


def most_alike(tracklets: Sequence[LabelledTracklet], *, workers: int | None = None) -> NDArray[np.intp]:
    """Rank the identities by how much their colours are like each one's.

    Args:
        tracklets: the training split.
        workers: processes that read pictures; None: one a core but one.

    Returns:
        (n, m) labels of the m others most like each of n identities, the most alike first.

    Raises:
        DatasetError: a picture is missing or damaged.
    """
    chosen = [_spread(own) for own in labelled(tracklets)]
    looks = [tracklets[index] for own in chosen for index in own]
    rows = embed_tracklets(ColourHistogram(), looks, Viewing(clip_length=1, clips=2), workers=workers)
    ends = np.cumsum([len(own) for own in chosen])[:-1]
    means = np.stack([own.mean(axis=0) for own in np.split(rows, ends)])  # (n, d)
    return nearest(means / np.linalg.norm(means, axis=1, keepdims=True), NEAREST)


def nearest(rows: NDArray[np.float32], most: int) -> NDArray[np.intp]:
    """Rank the other rows by cosine.

    Args:
        rows: (n, d) of length 1.
        most: others that are kept.

    Returns:
        (n, m) indices, m being `most` or n - 1.

    >>> nearest(np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]], np.float32), 2).tolist()
    [[2, 1], [2, 0], [1, 0]]
    """
    kept = min(most, len(rows) - 1)
    found = np.empty((len(rows), kept), np.intp)
    for start in range(0, len(rows), BLOCK):
        alike = rows[start : start + BLOCK] @ rows.T  # (b, n)
        own = np.arange(len(alike))
        alike[own, start + own] = -np.inf
        found[start : start + BLOCK] = np.argsort(-alike, axis=1, kind="stable")[:, :kept]
    return found


def _spread(own: list[int]) -> list[int]:
    """Take at most `LOOKS` of an identity's tracklets; cameras lie side by side in their list."""
    return [own[place] for place in np.linspace(0, len(own) - 1, min(LOOKS, len(own))).astype(int)]

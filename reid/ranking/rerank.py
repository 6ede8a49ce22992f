"""What changes when neighbours vote? Re-ranking with k-reciprocal encoding.

Zhong et al., Re-ranking Person Re-identification with k-reciprocal Encoding, CVPR 2017; equation numbers are theirs.
Two entries are alike if they share neighbours that have them as neighbours in turn. All of it is in single
precision, and whatever is mostly zero is a sparse matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from reid.ranking.distances import Floats
from reid.ranking.labels import Places


@dataclass(frozen=True)
class Reciprocity:
    """How far re-ranking looks and how much it says; the defaults are FGReID's."""

    k1: int = 20
    """Neighbours that must have one another in their lists."""
    k2: int = 6
    """Nearest entries, itself included, over which an entry's neighbourhood is averaged; 1 for none."""
    original: float = 0.3
    """Share of the original distance in the final one (lambda)."""

    def __post_init__(self) -> None:
        if self.k1 < 1 or self.k2 < 1 or not 0 <= self.original <= 1:
            raise ValueError(f"expected k1 >= 1, k2 >= 1 and a share in [0, 1], got {self}")


def reranked(distances: Floats, *, queries: int, settings: Reciprocity = Reciprocity()) -> Floats:
    """Measure queries against the gallery anew, by what the neighbourhoods of both share.

    Beside `distances` it needs little more than its result. Galleries smaller than `k1` are looked at whole.

    Args:
        distances: (n, n) symmetric squared distances, >= 0, of queries and then gallery: `squared_distances`, or
            2 - 2s of joint scores s.
        queries: how many of the n entries, the first ones, are queries.
        settings: k1, k2 and lambda.

    Returns:
        (q, g) distances in [0, 1] (equation 12); negate them to score.
    """
    scale = distances.max(axis=1)  # (n,) the greatest distance of each entry
    scale[scale == 0] = 1
    nearest = _nearest(distances, max(settings.k1 + 1, settings.k2))
    encoded = _encoded(_expanded(nearest, settings.k1), distances, scale)
    if settings.k2 > 1:
        encoded = _averaged(encoded, nearest[:, : settings.k2])
    final = _jaccard(encoded[:queries], encoded[queries:])
    final *= 1 - settings.original
    for row, (own, greatest) in enumerate(zip(distances[:queries, queries:], scale, strict=False)):
        final[row] += own * (settings.original / greatest)
    return final


def _nearest(distances: Floats, k: int) -> Places:
    """List each entry's `k` nearest, itself included, nearest first; of equals the first; (n, k)."""
    n = len(distances)
    nearest = np.empty((n, min(k, n)), np.intp)
    for row, own in zip(distances, nearest, strict=True):
        farthest = np.partition(row, len(own) - 1)[len(own) - 1]
        close = np.flatnonzero(row <= farthest)  # k entries, and those as far as the last
        own[:] = close[np.argsort(row[close], kind="stable")][: len(own)]
    return nearest


def _mutual(nearest: Places) -> csr_array:
    """Mark the pairs that are in each other's list (equation 3); (n, n) of 0 and 1."""
    n, k = nearest.shape
    forward = csr_array((np.ones(n * k, np.int32), nearest.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))
    return csr_array(forward.multiply(forward.T))


def _expanded(nearest: Places, k1: int) -> csr_array:
    """Add to each set of mutual neighbours the sets of its members that mostly lie in it (equation 5).

    A member's set is that of half as many neighbours; "mostly" is more than two thirds of it. Entries that are
    not zero are members of the (n, n) result.
    """
    wide, narrow = _mutual(nearest[:, : k1 + 1]), _mutual(nearest[:, : round(k1 / 2) + 1])
    sizes = narrow.sum(axis=1)  # (n,)
    shared = csr_array(
        wide.multiply(wide @ narrow.T)
    )  # (n, n) members j of i: how many of j's set are in i's
    shared.data = (3 * shared.data > 2 * sizes[shared.indices]).astype(np.int32)
    shared.eliminate_zeros()
    return csr_array(wide + shared @ narrow)


def _encoded(sets: csr_array, distances: Floats, scale: Floats) -> csr_array:
    """Weigh the members of each set by nearness, to a sum of 1 (equation 7); (n, n)."""
    rows = np.repeat(np.arange(len(scale)), np.diff(sets.indptr))
    weights = np.exp(-distances[rows, sets.indices] / scale[rows])
    sums = np.bincount(rows, weights, minlength=len(scale)).astype(np.float32)
    return csr_array((weights / sums[rows], sets.indices, sets.indptr), shape=sets.shape)


def _averaged(encoded: csr_array, nearest: Places) -> csr_array:
    """Average each entry's weights over its (n, k2) nearest (equation 11)."""
    n, k = nearest.shape
    share = np.full(n * k, 1 / k, np.float32)
    return csr_array(csr_array((share, nearest.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n)) @ encoded)


def _jaccard(query: csr_array, gallery: csr_array) -> Floats:
    """Measure how little (q, n) and (g, n) weights overlap (equation 10); (q, g) in [0, 1].

    Each row sums to 1, so that the maxima sum to 2 less the minima.
    """
    q, g = query.shape[0], gallery.shape[0]
    members = csr_array(gallery.T)  # (n, g): who has this entry in its set
    distance = np.empty((q, g), np.float32)
    for row in range(q):
        of_row = slice(query.indptr[row], query.indptr[row + 1])
        others = members[query.indices[of_row]]  # (m, g)
        weights = np.repeat(query.data[of_row], np.diff(others.indptr))
        shared = np.bincount(others.indices, np.minimum(weights, others.data), minlength=g)  # (g,)
        distance[row] = 1 - shared / (2 - shared)
    return distance

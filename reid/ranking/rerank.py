"""Re-ranking with k-reciprocal encoding.

Zhong et al., Re-ranking Person Re-identification with k-reciprocal Encoding, CVPR 2017; equation numbers are theirs.
Two entries are similar if they share neighbours that have them as neighbours too. Everything is computed in
single precision, and matrices that are mostly zero are sparse.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from reid.ranking.distances import Floats
from reid.ranking.labels import Places


def reranked(distances: Floats, *, queries: int, k1: int = 20, k2: int = 6, original: float = 0.3) -> Floats:
    """Return new distances between queries and gallery, from the overlap of their neighbourhoods.

    The function needs little more memory than its input and its result. A gallery may have fewer than `k1`
    entries. The defaults are FGReID's.

    Args:
        distances: (n, n) symmetric squared distances, >= 0, of queries and then gallery: `squared_distances`, or
            2 - 2s of joint scores s.
        queries: number of queries, which are the first of the n entries.
        k1: number of neighbours among which two entries must find each other.
        k2: number of nearest entries, with itself, over which an entry's weights are averaged; 1 for none.
        original: share of the original distance in the final distance (lambda).

    Returns:
        (q, g) distances in [0, 1] (equation 12); negate them to score.
    """
    scale = distances.max(axis=1)  # (n,) largest distance of each entry
    scale[scale == 0] = 1
    nearest = _nearest(distances, max(k1 + 1, k2))
    encoded = _encoded(_expanded(nearest, k1), distances, scale)
    if k2 > 1:
        encoded = _averaged(encoded, nearest[:, :k2])
    final = _jaccard(encoded[:queries], encoded[queries:])
    final *= 1 - original
    for row in range(queries):
        final[row] += distances[row, queries:] * (original / scale[row])
    return final


def _nearest(distances: Floats, k: int) -> Places:
    """Return each entry's `k` nearest entries, including itself, nearest first; ties in index order; (n, k)."""
    n = len(distances)
    k = min(k, n)
    nearest = np.empty((n, k), np.intp)
    for i, row in enumerate(distances):
        farthest = np.partition(row, k - 1)[k - 1]
        candidates = np.flatnonzero(row <= farthest)  # k entries, and those tied with the last
        nearest[i] = candidates[np.argsort(row[candidates], kind="stable")][:k]
    return nearest


def _mutual(nearest: Places) -> csr_array:
    """Return the pairs of entries that are in each other's list (equation 3), as an (n, n) matrix of 0 and 1."""
    n, k = nearest.shape
    forward = csr_array((np.ones(n * k, np.int32), nearest.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))
    return csr_array(forward.multiply(forward.T))


def _expanded(nearest: Places, k1: int) -> csr_array:
    """Extend each set of mutual neighbours by the sets of its members that mostly lie in it (equation 5).

    A member's set is that of k1 / 2 neighbours; "mostly" means more than two thirds of it. The entries of the
    (n, n) result that are not zero are the members.
    """
    wide, narrow = _mutual(nearest[:, : k1 + 1]), _mutual(nearest[:, : round(k1 / 2) + 1])
    sizes = narrow.sum(axis=1)  # (n,)
    # (n, n): for each member j of i's set, how many of j's narrow set are in i's wide set
    shared = csr_array(wide.multiply(wide @ narrow.T))
    shared.data = (3 * shared.data > 2 * sizes[shared.indices]).astype(np.int32)
    shared.eliminate_zeros()
    return csr_array(wide + shared @ narrow)


def _encoded(sets: csr_array, distances: Floats, scale: Floats) -> csr_array:
    """Weigh the members of each set by nearness, with a sum of 1 (equation 7); (n, n)."""
    rows = np.repeat(np.arange(len(scale)), np.diff(sets.indptr))
    weights = np.exp(-distances[rows, sets.indices] / scale[rows])
    sums = np.bincount(rows, weights, minlength=len(scale)).astype(np.float32)
    return csr_array((weights / sums[rows], sets.indices, sets.indptr), shape=sets.shape)


def _averaged(encoded: csr_array, nearest: Places) -> csr_array:
    """Average each entry's weights over its (n, k2) nearest entries (equation 11)."""
    n, k = nearest.shape
    share = np.full(n * k, 1 / k, np.float32)
    return csr_array(csr_array((share, nearest.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n)) @ encoded)


def _jaccard(query: csr_array, gallery: csr_array) -> Floats:
    """Return the Jaccard distances of (q, n) and (g, n) weights (equation 10), as (q, g) values in [0, 1].

    Each row sums to 1, so the sum of the maxima is 2 minus the sum of the minima.
    """
    q, g = query.shape[0], gallery.shape[0]
    members = csr_array(gallery.T)  # (n, g): gallery entries whose set contains each entry
    distance = np.empty((q, g), np.float32)
    for row in range(q):
        of_row = slice(query.indptr[row], query.indptr[row + 1])
        others = members[query.indices[of_row]]  # (m, g)
        weights = np.repeat(query.data[of_row], np.diff(others.indptr))
        shared = np.bincount(others.indices, np.minimum(weights, others.data), minlength=g)  # (g,)
        distance[row] = 1 - shared / (2 - shared)
    return distance

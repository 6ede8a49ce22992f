"""Similarity scores and distances of embeddings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Similarity = Literal["cosine", "euclidean"]
"""Cosine, or minus the squared Euclidean distance of the unscaled embeddings."""

Floats = NDArray[np.float32]


def unit_vectors(vectors: Floats) -> Floats:
    """Scale (..., d) vectors to length 1; vectors of length 0 stay as they are.

    >>> unit_vectors(np.array([[3, 4], [0, 0]], np.float32)).round(1).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)  # (..., 1)
    return (vectors / np.where(length > 0, length, 1)).astype(np.float32)


def score_blocks(
    query: Floats, gallery: Floats, *, similarity: Similarity = "cosine", block: int = 256
) -> Iterator[Floats]:
    """Yield the scores of all queries against the gallery, block by block; a higher score is more similar.

    Args:
        query: (q, d) embeddings.
        gallery: (g, d) embeddings.
        similarity: measure of similarity.
        block: queries per block; the scores of 256 queries against 20,000 entries take 20 MB.

    Yields:
        (b, g) scores of successive queries, b <= block.

    >>> rows = np.array([[3, 4], [0, 2]], np.float32)
    >>> [scores.tolist() for scores in score_blocks(rows, rows, similarity="euclidean")]
    [[[-0.0, -13.0], [-13.0, -0.0]]]
    """
    if similarity == "cosine":
        query, gallery = unit_vectors(query), unit_vectors(gallery)
    for start in range(0, len(query), block):
        rows = query[start : start + block]
        products: Floats = rows @ gallery.T  # (b, g)
        yield products if similarity == "cosine" else -_squared(products, rows, gallery)


def squared_distances(features: Floats, *, block: int = 512) -> Floats:
    """Return the squared distances 2 - 2 cosine of all pairs of embeddings, for re-ranking.

    Each pair is multiplied once. This halves the work and makes the result exactly symmetric.

    Args:
        features: (n, d) embeddings, of any length.
        block: rows multiplied at once.

    Returns:
        (n, n) symmetric squared distances of the unit vectors, in [0, 4].
    """
    rows = unit_vectors(features)
    distances = np.empty((len(rows), len(rows)), np.float32)
    for start in range(0, len(rows), block):
        products = rows[start : start + block] @ rows[start:].T  # (b, n - start)
        products *= -2
        products += 2
        square = products[:, : len(products)]
        square[:] = np.maximum(square, square.T)
        np.maximum(products, 0, out=products)  # rounding may make a distance negative
        distances[start : start + block, start:] = products
        distances[start:, start : start + block] = products.T
    return distances


def _squared(products: Floats, query: Floats, gallery: Floats) -> Floats:
    """Convert (b, g) dot products to squared distances, in place."""
    products *= -2
    products += np.square(query).sum(axis=1)[:, None]  # (b, 1)
    products += np.square(gallery).sum(axis=1)  # (g,)
    return np.maximum(products, 0, out=products)

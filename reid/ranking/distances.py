"""How alike are embeddings? A higher score is more alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Similarity = Literal["cosine", "euclidean"]
"""The dot product of rows of length 1, or minus the squared distance of rows as they are."""

Floats = NDArray[np.float32]


def unit(features: Floats) -> Floats:
    """Scale (n, d) rows to length 1; a row of zeros stays."""
    lengths: Floats = np.linalg.norm(features, axis=1, keepdims=True).astype(features.dtype)  # (n, 1)
    lengths[lengths == 0] = 1
    scaled: Floats = features / lengths
    return scaled


def score_blocks(
    query: Floats, gallery: Floats, *, similarity: Similarity = "cosine", block: int = 256
) -> Iterator[Floats]:
    """Score all queries against the gallery, some rows at a time.

    Args:
        query: (q, d) embeddings.
        gallery: (g, d) embeddings.
        similarity: what alike means.
        block: queries scored at a time; a block of 256 against 20,000 takes 20 MB.

    Yields:
        (b, g) scores of successive queries, b <= block.

    >>> rows = np.array([[3, 4], [0, 2]], np.float32)
    >>> [scores.tolist() for scores in score_blocks(rows, rows, similarity="euclidean")]
    [[[-0.0, -13.0], [-13.0, -0.0]]]
    """
    if similarity == "cosine":
        query, gallery = unit(query), unit(gallery)
    for start in range(0, len(query), block):
        rows = query[start : start + block]
        products: Floats = rows @ gallery.T  # (b, g)
        yield products if similarity == "cosine" else -_squared(products, rows, gallery)


def squared_distances(features: Floats, *, block: int = 512) -> Floats:
    """Measure all pairs of embeddings for re-ranking: 2 - 2 cosine.

    Each pair is multiplied once, which halves the work and makes the result symmetric to the last bit.

    Args:
        features: (n, d) embeddings, of any length.
        block: rows multiplied at a time.

    Returns:
        (n, n) symmetric squared distances of the rows scaled to length 1, in [0, 4].
    """
    rows = unit(features)
    distances = np.empty((len(rows), len(rows)), np.float32)
    for start in range(0, len(rows), block):
        part = rows[start : start + block] @ rows[start:].T  # (b, n - start)
        part *= -2
        part += 2
        square = part[:, : len(part)]
        square[:] = np.maximum(square, square.T)
        np.maximum(part, 0, out=part)  # rounding must not make a distance negative
        distances[start : start + block, start:] = part
        distances[start:, start : start + block] = part.T
    return distances


def _squared(products: Floats, query: Floats, gallery: Floats) -> Floats:
    """Turn (b, g) dot products into squared distances, in place."""
    products *= -2
    products += np.square(query).sum(axis=1)[:, None]  # (b, 1)
    products += np.square(gallery).sum(axis=1)  # (g,)
    return np.maximum(products, 0, out=products)

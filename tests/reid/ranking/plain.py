"""Slow, plain versions of ranking and re-ranking, written for reading, to hold the fast ones against."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reid.ranking.distances import Floats
from reid.ranking.labels import Labels


def hits(row: Floats, identity: str, camera: str, gallery: Labels, rule: str) -> list[bool]:
    """Right or wrong, best first, of all that the query is scored on."""
    order = sorted(range(len(row)), key=lambda place: (-row[place], place))
    return [
        gallery.identities[place] == identity
        for place in order
        if rule == "any-camera" or gallery.identities[place] != identity or gallery.cameras[place] != camera
    ]


def standard(right: list[bool]) -> float:
    precisions = [sum(right[: rank + 1]) / (rank + 1) for rank in range(len(right)) if right[rank]]
    return sum(precisions) / len(precisions)


def trapezoid(right: list[bool]) -> float:
    """Area under precision over recall: between two ranks the mean of their precisions, 1 before the first."""
    area, before = 0.0, 1.0
    for rank in range(len(right)):
        now = sum(right[: rank + 1]) / (rank + 1)
        area += right[rank] * (before + now) / 2
        before = now
    return area / sum(right)


def reranked(squared: Floats, q: int, k1: int, k2: int, share: float) -> NDArray[np.float64]:
    """k-reciprocal re-ranking, dense and in sets; (q, g)."""
    n = len(squared)
    original = (squared / squared.max(axis=0)).T.astype(np.float64)
    ranking = np.argsort(squared, axis=1, kind="stable")
    weights = np.zeros((n, n))
    for i in range(n):
        members = mutual(ranking, i, k1)
        for j in sorted(members):
            others = mutual(ranking, j, round(k1 / 2))
            if len(others & mutual(ranking, i, k1)) * 3 > 2 * len(others):
                members = members | others
        for j in members:
            weights[i, j] = np.exp(-original[i, j])
        weights[i] /= weights[i].sum() or 1
    mean = np.stack([weights[ranking[i, :k2]].mean(axis=0) for i in range(n)])
    jaccard = np.empty((q, n - q))
    for i, j in np.ndindex(jaccard.shape):
        shared = np.minimum(mean[i], mean[q + j]).sum()
        jaccard[i, j] = 1 - shared / (2 - shared)
    final: NDArray[np.float64] = (1 - share) * jaccard + share * original[:q, q:]
    return final


def mutual(ranking: NDArray[np.intp], i: int, k: int) -> set[int]:
    return {int(j) for j in ranking[i, : k + 1] if i in ranking[j, : k + 1]}

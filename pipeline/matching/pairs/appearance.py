"""How much alike two tracklets look."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.config import MatchingConfig
from pipeline.matching.pairs.gallery import Gallery, unit

ROWS = 256
"""Rows worked on at a time, so that 10,000 tracklets need some 60 MB beside the result."""


ENOUGH = 4
"""Tracklets from which a camera's own mean is better than the run's, for an untrained network."""


def scored(gallery: Gallery, config: MatchingConfig) -> NDArray[np.float32]:
    """Score all pairs by appearance; (n, n)."""
    means, prototypes = (adapted(v, gallery, config) for v in (gallery.means, gallery.prototypes))
    return appearance(means, prototypes, top=config.top)


def adapted(vectors: NDArray[np.float32], gallery: Gallery, config: MatchingConfig) -> NDArray[np.float32]:
    """Take out of (n, ..., d) embeddings of a gallery each camera's own look, where it is known well enough."""
    means = gallery.means
    if config.statistics == "run":
        vectors, means = (standardised(rows, gallery.means, gallery.cameras) for rows in (vectors, means))
    if config.centring_minimum is None:
        return vectors
    cameras, groups = gallery.cameras, gallery.groups
    return centred(vectors, means, cameras=cameras, groups=groups, minimum=config.centring_minimum)


def appearance(
    means: NDArray[np.float32], prototypes: NDArray[np.float32], *, top: int
) -> NDArray[np.float32]:
    """Score all pairs of tracklets: the better of mean against mean and best clips against best clips.

    Clips find the one view that both cameras share; the mean is steadier where they have none.

    Args:
        means: (n, d) rows of length 1.
        prototypes: (n, p, d) rows of length 1.
        top: how many of a pair's p * p prototype cosines are averaged.

    Returns:
        (n, n) symmetric cosines in [-1, 1], rounded to 1e-6 lest the order in which a processor adds
        decides a tie.

    >>> a, b = [1.0, 0.0], [0.0, 1.0]
    >>> appearance(np.array([a, b], np.float32), np.array([[a, b], [b, b]], np.float32), top=2)[0, 1]
    np.float32(1.0)
    """
    n = len(means)
    scores = np.empty((n, n), np.float32)
    for low in range(0, n, ROWS):
        rows, rest = slice(low, low + ROWS), slice(low, None)
        block = means[rows] @ means[rest].T  # (rows, n - low)
        np.maximum(block, _best(prototypes[rows], prototypes[rest], top), out=block)
        block = block.round(6)
        scores[rows, rest] = block
        scores[rest, rows] = block.T
    return scores.clip(-1, 1, out=scores)


def _best(a: NDArray[np.float32], b: NDArray[np.float32], top: int) -> NDArray[np.float32]:
    """Average the `top` largest cosines between (q, p, d) and (g, p, d) prototypes; (q, g).

    A running list of the best needs no (q, g, p, p) and is several times faster than sorting it.
    """
    p = a.shape[1]
    best = np.full((min(top, p * p), len(a), len(b)), -np.inf, np.float32)
    for i in range(p):
        for j in range(p):
            cosines = a[:, i] @ b[:, j].T  # (q, g)
            for place in best:
                lower = np.minimum(place, cosines)
                np.maximum(place, cosines, out=place)
                cosines = lower
    mean: NDArray[np.float32] = best.mean(axis=0)
    return mean


def standardised(
    vectors: NDArray[np.float32], means: NDArray[np.float32], cameras: NDArray[np.str_]
) -> NDArray[np.float32]:
    """Scale each dimension as a trained batch normalisation would have, by the run's own statistics.

    The mean is that of the camera, where it has `ENOUGH` tracklets to give one, else that of the run.

    Args:
        vectors: (n, ..., d) rows.
        means: (n, d) mean embeddings of the same tracklets.
        cameras: (n,) camera names.

    Returns:
        (n, ..., d) rows of length 1.
    """
    if not len(means):
        return vectors
    centre = np.broadcast_to(means.mean(axis=0), means.shape).copy()  # (n, d)
    for name in np.unique(cameras):
        here = cameras == name
        if here.sum() >= ENOUGH:
            centre[here] = means[here].mean(axis=0)
    spread = (means - centre).std(axis=0)
    centre = centre.reshape(len(means), *[1] * (vectors.ndim - 2), -1)  # (n, ..., d)
    scaled = unit((vectors - centre) / np.where(spread > 0, spread, 1))
    lost = ~scaled.any(axis=-1, keepdims=True)  # all tracklets are equal: keep the direction they have
    kept: NDArray[np.float32] = np.where(lost, vectors, scaled)
    return kept


def centred(
    vectors: NDArray[np.float32],
    means: NDArray[np.float32],
    *,
    cameras: NDArray[np.str_],
    groups: NDArray[np.str_],
    minimum: int,
) -> NDArray[np.float32]:
    """Take from embeddings what all of one class group have in common in one camera: its light, its place.

    A group is centred only if every camera that shows it shows at least `minimum` of it: the mean of few
    is mostly those few themselves, and a centred vector cannot be compared with one that is not.

    Args:
        vectors: (n, ..., d) rows of length 1.
        means: (n, d) mean embeddings of the same tracklets.
        cameras: (n,) camera names.
        groups: (n,) class groups.
        minimum: tracklets needed of a group in every camera that shows it.

    Returns:
        (n, ..., d) rows of length 1.
    """
    result = vectors.copy()
    for group in np.unique(groups):
        here = groups == group
        names, counts = np.unique(cameras[here], return_counts=True)
        if counts.min() < minimum:
            continue
        for name in names:
            rows = here & (cameras == name)
            shifted = unit(vectors[rows] - means[rows].mean(axis=0))
            # A vector equal to the mean has no direction left; it keeps the one it had.
            lost = ~shifted.any(axis=-1, keepdims=True)
            result[rows] = np.where(lost, vectors[rows], shifted)
    return result

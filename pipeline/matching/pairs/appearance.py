"""Appearance: how similar two tracklets look."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.config import MatchingConfig
from pipeline.matching.pairs.gallery import Gallery
from reid.ranking.distances import unit_vectors

ROWS = 256
"""Rows worked on at a time, so that 10,000 tracklets need about 60 MB besides the result."""
ENOUGH = 4
"""Tracklets from which a camera's own mean is better than the run's, for an untrained network."""


def score_gallery(gallery: Gallery, config: MatchingConfig) -> NDArray[np.float32]:
    """Return the appearance scores of all pairs of tracklets; (n, n)."""
    means, prototypes = adapt(gallery.means, gallery, config), adapt(gallery.prototypes, gallery, config)
    return appearance_scores(means, prototypes, top=config.top)


def adapt(vectors: NDArray[np.float32], gallery: Gallery, config: MatchingConfig) -> NDArray[np.float32]:
    """Return the (n, ..., d) embeddings of a gallery, scaled and centred by camera as configured."""
    means = gallery.means
    if config.statistics == "run":
        vectors = standardise(vectors, gallery.means, gallery.cameras)
        means = standardise(means, gallery.means, gallery.cameras)
    if config.centring_minimum is None:
        return vectors
    return centre_by_camera(
        vectors,
        means,
        cameras=gallery.cameras,
        groups=gallery.groups,
        minimum=config.centring_minimum,
    )


def appearance_scores(
    means: NDArray[np.float32], prototypes: NDArray[np.float32], *, top: int
) -> NDArray[np.float32]:
    """Score all pairs of tracklets: the larger of the cosine of their means and that of their best clips.

    Clips find the view that both cameras share; the mean is more reliable if they share none.

    Args:
        means: (n, d) rows of length 1.
        prototypes: (n, p, d) rows of length 1.
        top: number of best prototype cosines, of the p * p of a pair, that are averaged.

    Returns:
        (n, n) symmetric cosines in [-1, 1], rounded to 1e-6 so that a tie does not depend on the order in which
        a processor adds.

    >>> a, b = [1.0, 0.0], [0.0, 1.0]
    >>> appearance_scores(np.array([a, b], np.float32), np.array([[a, b], [b, b]], np.float32), top=2)[0, 1]
    np.float32(1.0)
    """
    n = len(means)
    scores = np.empty((n, n), np.float32)
    for low in range(0, n, ROWS):
        rows, rest = slice(low, low + ROWS), slice(low, None)
        block = means[rows] @ means[rest].T  # (rows, n - low)
        np.maximum(block, _mean_of_best(prototypes[rows], prototypes[rest], top), out=block)
        block = block.round(6)
        scores[rows, rest] = block
        scores[rest, rows] = block.T
    return scores.clip(-1, 1, out=scores)


def _mean_of_best(a: NDArray[np.float32], b: NDArray[np.float32], top: int) -> NDArray[np.float32]:
    """Average the `top` largest cosines between (q, p, d) and (g, p, d) prototypes; (q, g).

    Keeping the best so far needs no (q, g, p, p) array and is several times faster than sorting it.
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


def standardise(
    vectors: NDArray[np.float32], means: NDArray[np.float32], cameras: NDArray[np.str_]
) -> NDArray[np.float32]:
    """Scale each dimension by the run's own statistics, as a trained batch normalisation does.

    The mean is that of the camera if it has `ENOUGH` tracklets, else that of the run.

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
        in_camera = cameras == name
        if in_camera.sum() >= ENOUGH:
            centre[in_camera] = means[in_camera].mean(axis=0)
    spread = (means - centre).std(axis=0)
    centre = centre.reshape(len(means), *[1] * (vectors.ndim - 2), -1)  # (n, ..., d)
    scaled = unit_vectors((vectors - centre) / np.where(spread > 0, spread, 1))
    lost = ~scaled.any(axis=-1, keepdims=True)  # all tracklets are equal: keep the direction they have
    kept: NDArray[np.float32] = np.where(lost, vectors, scaled)
    return kept


def centre_by_camera(
    vectors: NDArray[np.float32],
    means: NDArray[np.float32],
    *,
    cameras: NDArray[np.str_],
    groups: NDArray[np.str_],
    minimum: int,
) -> NDArray[np.float32]:
    """Subtract from embeddings the mean of their class group in their camera: its light and its place.

    A group is centred only if each camera that shows it has at least `minimum` of its tracklets. The mean of fewer
    consists mostly of those few, and a centred vector cannot be compared with one that is not centred.

    Args:
        vectors: (n, ..., d) rows of length 1.
        means: (n, d) mean embeddings of the same tracklets.
        cameras: (n,) camera names.
        groups: (n,) class groups.
        minimum: tracklets of a group that each camera showing it needs.

    Returns:
        (n, ..., d) rows of length 1.
    """
    result = vectors.copy()
    for group in np.unique(groups):
        in_group = groups == group
        names, counts = np.unique(cameras[in_group], return_counts=True)
        if counts.min() < minimum:
            continue
        for name in names:
            rows = in_group & (cameras == name)
            shifted = unit_vectors(vectors[rows] - means[rows].mean(axis=0))
            # A vector equal to the mean has no direction left; it keeps its old direction.
            lost = ~shifted.any(axis=-1, keepdims=True)
            result[rows] = np.where(lost, vectors[rows], shifted)
    return result

"""Known pairs: pairs that are one object or two without any label, and how similar they look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.boxes import paired_iou
from pipeline.embedding.embed import EmbeddedTracklet
from pipeline.matching.config import MatchingConfig
from pipeline.matching.pairs.appearance import adapt, appearance_scores
from pipeline.matching.pairs.gallery import Gallery, choose_prototypes, weighted_mean
from pipeline.tracking.tracklets import Tracklet
from reid.ranking.distances import unit_vectors

DUPLICATE = 0.3
"""Overlap (IoU) in any frame above which two boxes may be one object detected twice."""
SHARED = 3
"""Frames that two tracklets must share to be known as two objects."""
LONG = 4
"""Clips from which a tracklet is long enough to be halved."""
HALVES = 1000
"""Most tracklets that are halved, evenly spaced."""


@dataclass(frozen=True, eq=False)
class KnownPairs:
    """Pairs of a run that are known to be one object or two."""

    different: NDArray[np.intp]
    """(m, 2) pairs of tracklets of one camera and class group that are two objects; indices of the gallery."""
    halves: NDArray[np.float32]
    """(p,) scores of the first half of a long tracklet with its second half."""


def find_known_pairs(
    gallery: Gallery, embedded: Sequence[EmbeddedTracklet], config: MatchingConfig
) -> KnownPairs:
    """Find the known pairs of a run.

    Args:
        gallery: n tracklets.
        embedded: the same tracklets, in any order.
        config: settings that they are matched with.
    """
    records = {record.tracklet.key: record for record in embedded}
    ordered = [records[key] for key in gallery.keys]
    different = pairs_seen_together(gallery, [record.tracklet for record in ordered])
    return KnownPairs(different, score_halves(gallery, ordered, config))


def pairs_seen_together(gallery: Gallery, tracklets: Sequence[Tracklet]) -> NDArray[np.intp]:
    """Find pairs of one camera and class group that are seen together, so that they are two objects.

    It leaves out pairs whose boxes overlap by more than `DUPLICATE` in some frame, which may be one object detected
    twice or may have swapped tracks there, and pairs that share fewer than `SHARED` frames.

    Args:
        gallery: n tracklets.
        tracklets: the same in the same order, with all their boxes.

    Returns:
        (m, 2) pairs of indices, the lower first, sorted.
    """
    n = len(gallery)
    keys = [np.empty(0, np.intp)]
    for camera in np.unique(gallery.cameras):
        members = np.flatnonzero(gallery.cameras == camera)
        in_camera = [tracklets[index] for index in members.tolist()]
        frames = np.concatenate([tracklet.frames for tracklet in in_camera])
        boxes = np.concatenate([tracklet.boxes for tracklet in in_camera])
        order = np.argsort(frames, kind="stable")
        owners = np.repeat(members, [len(tracklet) for tracklet in in_camera])
        keys.append(_apart(owners[order], frames[order], boxes[order], n))
    pairs = np.stack(np.divmod(np.concatenate(keys), max(n, 1)), axis=1)
    return np.asarray(pairs[gallery.groups[pairs[:, 0]] == gallery.groups[pairs[:, 1]]])


def _apart(
    owners: NDArray[np.intp], frames: NDArray[np.int64], boxes: NDArray[np.float32], n: int
) -> NDArray[np.intp]:
    """Find tracklets a < b that share frames and never overlap much; (pairs,) as a * n + b.

    Rows are sorted by frame, and within a frame by owner. Rows `step` apart are compared, for each step at which two
    rows of one frame are left.
    """
    keys: NDArray[np.intp] = np.empty(0, np.intp)
    counts, worst = np.empty(0, np.float32), np.empty(0, np.float32)
    step = 1
    while (same := frames[step:] == frames[:-step]).any():
        pairs = owners[:-step][same] * n + owners[step:][same]
        overlaps = paired_iou(boxes[:-step][same], boxes[step:][same]).astype(np.float32)
        keys, place = np.unique(np.append(keys, pairs), return_inverse=True)
        counts_before = np.append(counts, np.ones(len(pairs), np.float32))
        worst_before = np.append(worst, overlaps)
        counts, worst = np.zeros((2, len(keys)), np.float32)
        np.add.at(counts, place, counts_before)
        np.maximum.at(worst, place, worst_before)
        step += 1
    return keys[(counts >= SHARED) & (worst <= DUPLICATE)]


def score_halves(
    gallery: Gallery, embedded: Sequence[EmbeddedTracklet], config: MatchingConfig
) -> NDArray[np.float32]:
    """Score the first half of each long tracklet with its second half, as two tracklets are scored.

    Args:
        gallery: n tracklets.
        embedded: their embeddings, in the same order.
        config: settings that they are matched with.

    Returns:
        (p,) scores, for the tracklets of `LONG` clips or more, in order.
    """
    long = np.flatnonzero([len(record.vectors) >= LONG for record in embedded])
    long = long[np.linspace(0, len(long) - 1, min(len(long), HALVES)).astype(np.intp)]
    if not len(long):
        return np.empty(0, np.float32)
    halves = [
        _halves(gallery, embedded, long, config, half) for half in (0, 1)
    ]  # (p, 1 + prototypes, d) each
    pairs = np.stack(halves, axis=1)  # (p, 2, 1 + prototypes, d)
    return np.array(
        [appearance_scores(pair[:, 0], pair[:, 1:], top=config.top)[0, 1] for pair in pairs], np.float32
    )


def _halves(
    gallery: Gallery,
    embedded: Sequence[EmbeddedTracklet],
    long: NDArray[np.intp],
    config: MatchingConfig,
    half: int,
) -> NDArray[np.float32]:
    """Return the mean and the prototypes of one half of each of p tracklets; (p, 1 + prototypes, d).

    `adapt` needs a row for each tracklet of the gallery; the rows of other tracklets are filled with their means and
    are not used.
    """
    vectors = np.array([_half(embedded[index], half, config.prototypes) for index in long.tolist()])
    columns = []
    for column in range(vectors.shape[1]):
        rows = gallery.means.copy()
        rows[long] = vectors[:, column]
        columns.append(adapt(rows, gallery, config)[long])
    return np.stack(columns, axis=1)


def _half(record: EmbeddedTracklet, half: int, prototypes: int) -> NDArray[np.float32]:
    """Return the mean and the prototypes of the first (0) or second (1) half of the clips; (1 + prototypes, d)."""
    vectors = np.array_split(unit_vectors(record.vectors), 2)[half]
    weights = np.array_split(record.weights, 2)[half]
    chosen = vectors[choose_prototypes(weights, prototypes)]
    return np.concatenate([weighted_mean(vectors, weights)[None], chosen])

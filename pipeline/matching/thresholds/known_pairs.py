"""Pairs of which it is known without labels whether they are one object, and how alike these look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.embedding.embed import EmbeddedTracklet
from pipeline.matching.config import MatchingConfig
from pipeline.matching.pairs.appearance import adapted, appearance
from pipeline.matching.pairs.gallery import Gallery, choose_prototypes, unit, weighted_mean
from pipeline.tracking.tracklets import Tracklet

DUPLICATE = 0.3
"""Overlap (IoU) in any frame from which two boxes may show one object twice."""
SHARED = 3
"""Frames that two tracklets must share to be known to be two objects."""
LONG = 4
"""Clips from which a tracklet is long enough to be halved."""
HALVES = 1000
"""Most tracklets that are halved; evenly chosen."""


@dataclass(frozen=True, eq=False)
class Known:
    """What a run knows of itself."""

    different: NDArray[np.intp]
    """(m, 2) pairs of tracklets of one camera and class group that are two objects; indices of the gallery."""
    halves: NDArray[np.float32]
    """(p,) scores of the first half of a long tracklet with its second."""


def known(gallery: Gallery, embedded: Sequence[EmbeddedTracklet], config: MatchingConfig) -> Known:
    """Find what a run knows of itself.

    Args:
        gallery: n tracklets.
        embedded: the same tracklets, in any order.
        config: as it is matched with.
    """
    records = {(one.tracklet.camera, one.tracklet.track): one for one in embedded}
    ordered = [records[key] for key in gallery.keys]
    return Known(together(gallery, [one.tracklet for one in ordered]), halves(gallery, ordered, config))


def together(gallery: Gallery, tracklets: Sequence[Tracklet]) -> NDArray[np.intp]:
    """Find pairs of one camera and class group that are seen side by side, so that they are two objects.

    Left out are those whose boxes overlap by more than `DUPLICATE` in some frame, which may be one object found
    twice or have changed places there, and those that share fewer than `SHARED` frames.

    Args:
        gallery: n tracklets.
        tracklets: the same in the same order, with all their boxes.

    Returns:
        (m, 2) pairs of indices, the lower first, sorted.
    """
    n = len(gallery)
    found = [np.empty(0, np.intp)]
    for camera in np.unique(gallery.cameras):
        members = np.flatnonzero(gallery.cameras == camera)
        own = [tracklets[index] for index in members.tolist()]
        frames = np.concatenate([tracklet.frames for tracklet in own])
        boxes = np.concatenate([tracklet.boxes for tracklet in own])
        order = np.argsort(frames, kind="stable")
        owners = np.repeat(members, [len(tracklet) for tracklet in own])
        found.append(_apart(owners[order], frames[order], boxes[order], n))
    pairs = np.stack(np.divmod(np.concatenate(found), max(n, 1)), axis=1)
    return np.asarray(pairs[gallery.groups[pairs[:, 0]] == gallery.groups[pairs[:, 1]]])


def _apart(
    owners: NDArray[np.intp], frames: NDArray[np.int64], boxes: NDArray[np.float32], n: int
) -> NDArray[np.intp]:
    """Find who shares frames without ever overlapping much; (pairs,) as a * n + b for a < b.

    Rows are sorted by frame, and within it by owner: those `step` rows apart are compared, for every step that still
    has two rows of one frame.
    """
    keys: NDArray[np.intp] = np.empty(0, np.intp)
    counts, worst = np.empty(0, np.float32), np.empty(0, np.float32)
    step = 1
    while (same := frames[step:] == frames[:-step]).any():
        pairs = owners[:-step][same] * n + owners[step:][same]
        overlaps = np.append(worst, _iou(boxes[:-step][same], boxes[step:][same]))
        before = np.append(counts, np.ones(len(pairs), np.float32))
        keys, place = np.unique(np.append(keys, pairs), return_inverse=True)
        counts, worst = np.zeros((2, len(keys)), np.float32)
        np.add.at(counts, place, before)
        np.maximum.at(worst, place, overlaps)
        step += 1
    return keys[(counts >= SHARED) & (worst <= DUPLICATE)]


def _iou(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Measure intersection over union of (m, 4) corners, row by row; (m,)."""
    sides = np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])  # (m, 2)
    shared = sides.clip(0).prod(axis=1)
    union = sum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (a, b)) - shared
    return np.asarray(shared / np.maximum(union, 1e-9), np.float32)


def halves(
    gallery: Gallery, embedded: Sequence[EmbeddedTracklet], config: MatchingConfig
) -> NDArray[np.float32]:
    """Score the first half of each long tracklet with its second, as two tracklets are scored.

    Args:
        gallery: n tracklets.
        embedded: of each its record, in the same order.
        config: as they are matched with.

    Returns:
        (p,) scores, for the tracklets of `LONG` clips or more, in order.
    """
    long = np.flatnonzero([len(one.vectors) >= LONG for one in embedded])
    long = long[np.linspace(0, len(long) - 1, min(len(long), HALVES)).astype(np.intp)]
    if not len(long):
        return np.empty(0, np.float32)
    sides = [_side(gallery, embedded, long, config, side) for side in (0, 1)]  # twice (p, 1 + prototypes, d)
    pairs = np.stack(sides, axis=1)  # (p, 2, 1 + prototypes, d)
    return np.array([appearance(two[:, 0], two[:, 1:], top=config.top)[0, 1] for two in pairs], np.float32)


def _side(
    gallery: Gallery,
    embedded: Sequence[EmbeddedTracklet],
    long: NDArray[np.intp],
    config: MatchingConfig,
    side: int,
) -> NDArray[np.float32]:
    """Describe one half of each of p tracklets by its mean and its prototypes; (p, 1 + prototypes, d).

    What is adapted must have the gallery's rows: those of other tracklets are its means, and are not used.
    """
    described = np.array([_half(embedded[index], side, config.prototypes) for index in long.tolist()])
    columns = []
    for column in range(described.shape[1]):
        rows = gallery.means.copy()
        rows[long] = described[:, column]
        columns.append(adapted(rows, gallery, config)[long])
    return np.stack(columns, axis=1)


def _half(one: EmbeddedTracklet, side: int, prototypes: int) -> NDArray[np.float32]:
    """Describe the first (0) or second (1) half of a tracklet's clips; (1 + prototypes, d)."""
    vectors, weights = (np.array_split(rows, 2)[side] for rows in (unit(one.vectors), one.weights))
    chosen = vectors[choose_prototypes(weights, prototypes)]
    return np.concatenate([weighted_mean(vectors, weights)[None], chosen])

"""Training batches of P identities x K clips of t frames, determined by a seed and an epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reid.data.frames import FrameChoice
from reid.data.records import LabelledTracklet


@dataclass(frozen=True)
class LabelledClip:
    """One clip of a training batch."""

    choice: FrameChoice
    label: int
    """Index of the clip's identity in `sorted_identities`."""


def plan_epoch(
    tracklets: Sequence[LabelledTracklet],
    *,
    identities: int,
    clips: int,
    length: int,
    seed: int,
    epoch: int,
    alike: NDArray[np.intp] | None = None,
    neighbours: int = 0,
) -> list[list[LabelledClip]]:
    """Return the batches of one epoch: every identity once, in random order.

    Some identities come twice, to fill the last batch. The clips of an identity come from different
    tracklets if it has enough of them. An identity that has single images only is divided into K equal
    parts, in the order of its list, and one image is drawn from each part; a list is grouped by camera.

    Args:
        tracklets: the training split.
        identities: identities per batch (P); reduced to the number of identities in the split.
        clips: clips per identity (K).
        length: frames per clip (t).
        seed: seed of the training.
        epoch: number of the epoch, from 0; an epoch can be planned without those before it.
        alike: (n, m) labels of the most similar identities of each identity, most similar first.
        neighbours: number of similar identities that follow each identity into its batch, unless they
            have occurred before.

    Returns:
        Batches of P x K clips; the clips of an identity are adjacent.
    """
    rng = np.random.default_rng([seed, epoch])
    by_label = group_by_label(tracklets)
    order = rng.permutation(len(by_label))
    if alike is not None and neighbours:
        order = follow_with_neighbours(order, alike, neighbours)
    p = min(identities, len(order))
    missing = -len(order) % p  # identities that the last batch lacks
    full_batches = order[: len(order) - len(order) % p]
    filled = np.concatenate([order, rng.permutation(full_batches)[:missing]])
    return [
        [
            LabelledClip(
                FrameChoice(index, pick_frames(len(tracklets[index].images), length, rng)), int(label)
            )
            for label in batch
            for index in _choose_tracklets(by_label[label], clips, tracklets, rng)
        ]
        for batch in filled.reshape(-1, p)
    ]


def follow_with_neighbours(
    order: NDArray[np.intp], alike: NDArray[np.intp], neighbours: int
) -> NDArray[np.intp]:
    """Return `order` with the most similar identities moved to right after each identity.

    An identity that has occurred before is not moved, so every identity still occurs once.

    >>> follow_with_neighbours(np.arange(4), np.array([[3, 1], [0, 2], [1, 0], [0, 2]]), 1)
    array([0, 3, 1, 2])
    """
    unused = np.ones(len(order), np.bool_)
    reordered: list[int] = []
    for label in order.tolist():
        if unused[label]:
            unused[label] = False
            following = alike[label][unused[alike[label]]][:neighbours]
            unused[following] = False
            reordered += [label, *following.tolist()]
    return np.array(reordered, np.intp)


def pick_frames(images: int, length: int, rng: np.random.Generator) -> tuple[int, ...]:
    """Return t of n indices, one drawn from each of t equal parts; the last part takes the remainder.

    If n is less than t, the last index is repeated.

    >>> pick_frames(4, 4, np.random.default_rng(0)), pick_frames(2, 4, np.random.default_rng(0))
    ((0, 1, 2, 3), (0, 1, 1, 1))
    """
    part = max(images // length, 1)
    starts = np.minimum(np.arange(length) * part, images - 1)
    ends = np.minimum(starts + part, images)
    ends[-1] = images
    return tuple(int(frame) for frame in rng.integers(starts, ends))


def sorted_identities(tracklets: Sequence[LabelledTracklet]) -> list[str]:
    """Return the identities in sorted order; the index of an identity is its label."""
    return sorted({tracklet.identity for tracklet in tracklets})


def group_by_label(tracklets: Sequence[LabelledTracklet]) -> list[list[int]]:
    """Return, for each label, the indices of its tracklets."""
    labels = {identity: label for label, identity in enumerate(sorted_identities(tracklets))}
    groups: list[list[int]] = [[] for _ in labels]
    for index, tracklet in enumerate(tracklets):
        groups[labels[tracklet.identity]].append(index)
    return groups


def _choose_tracklets(
    indices: list[int], clips: int, tracklets: Sequence[LabelledTracklet], rng: np.random.Generator
) -> list[int]:
    """Return the index of the tracklet of each of an identity's clips."""
    if all(len(tracklets[index].images) == 1 for index in indices):
        return [indices[position] for position in pick_frames(len(indices), clips, rng)]
    if len(indices) >= clips:
        return [indices[position] for position in rng.permutation(len(indices))[:clips]]
    return [indices[position] for position in rng.integers(len(indices), size=clips)]

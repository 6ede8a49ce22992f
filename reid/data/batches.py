"""Batches: P identities x K clips of t frames, all of it decided by a seed, an epoch and a place in it."""

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
    """Index of its identity among the sorted training identities."""


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
    """Plan an epoch: every identity once, in random order, some twice to fill the last batch.

    Clips of an identity come from different tracklets as far as it has that many. Single images are
    taken one from each of K equal parts of the identity's list, as its cameras lie side by side there.

    Args:
        tracklets: the training split.
        identities: identities a batch (P); no more are taken than there are.
        clips: clips an identity (K).
        length: frames a clip (t).
        seed: of the training.
        epoch: from 0; epochs differ, and each can be planned without those before it.
        alike: (n, m) labels of the identities that each is most like, the most alike first.
        neighbours: how many of them come with each identity into its batch, as far as they were not there before.

    Returns:
        Batches of P x K clips, clips of an identity side by side.
    """
    rng = np.random.default_rng([seed, epoch])
    by_label = labelled(tracklets)
    order = rng.permutation(len(by_label))
    if alike is not None and neighbours:
        order = accompanied(order, alike, neighbours)
    p = min(identities, len(order))
    filled = np.concatenate([order, rng.permutation(order[: -(len(order) % p) or None])[: -len(order) % p]])
    return [
        [
            LabelledClip(FrameChoice(index, pick(len(tracklets[index].images), length, rng)), int(label))
            for label in batch
            for index in _choose(by_label[label], clips, tracklets, rng)
        ]
        for batch in filled.reshape(-1, p)
    ]


def accompanied(order: NDArray[np.intp], alike: NDArray[np.intp], neighbours: int) -> NDArray[np.intp]:
    """Let the most alike who have not been there yet follow right after each identity; everybody still comes once.

    >>> accompanied(np.arange(4), np.array([[3, 1], [0, 2], [1, 0], [0, 2]]), 1)
    array([0, 3, 1, 2])
    """
    free = np.ones(len(order), np.bool_)
    out: list[int] = []
    for first in order.tolist():
        if free[first]:
            free[first] = False
            others = alike[first][free[alike[first]]][:neighbours]
            free[others] = False
            out += [first, *others.tolist()]
    return np.array(out, np.intp)


def pick(images: int, length: int, rng: np.random.Generator) -> tuple[int, ...]:
    """Pick t of n frames, one at random from each of t equal parts; the last part takes the remainder.

    Where there are fewer frames than t, the last is repeated.

    >>> pick(4, 4, np.random.default_rng(0)), pick(2, 4, np.random.default_rng(0))
    ((0, 1, 2, 3), (0, 1, 1, 1))
    """
    part = max(images // length, 1)
    starts = np.minimum(np.arange(length) * part, images - 1)
    ends = np.minimum(starts + part, images)
    ends[-1] = images
    return tuple(int(frame) for frame in rng.integers(starts, ends))


def labels(tracklets: Sequence[LabelledTracklet]) -> list[str]:
    """List the identities that labels number, sorted."""
    return sorted({tracklet.identity for tracklet in tracklets})


def labelled(tracklets: Sequence[LabelledTracklet]) -> list[list[int]]:
    """Collect the tracklets of each label, by their places in the list."""
    numbers = {identity: label for label, identity in enumerate(labels(tracklets))}
    collected: list[list[int]] = [[] for _ in numbers]
    for index, tracklet in enumerate(tracklets):
        collected[numbers[tracklet.identity]].append(index)
    return collected


def _choose(
    own: list[int], clips: int, tracklets: Sequence[LabelledTracklet], rng: np.random.Generator
) -> list[int]:
    """Choose the tracklets that an identity's clips come from."""
    if all(len(tracklets[index].images) == 1 for index in own):
        return [own[place] for place in pick(len(own), clips, rng)]
    if len(own) >= clips:
        return [own[place] for place in rng.permutation(len(own))[:clips]]
    return [own[place] for place in rng.integers(len(own), size=clips)]

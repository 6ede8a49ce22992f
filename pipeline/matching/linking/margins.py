"""How clearly a proposed link beats what else it could have been."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.groups import partition
from pipeline.matching.linking.average_linkage import Merge


@dataclass(frozen=True)
class Contest:
    """A merge and the strongest item that could have stood in its place."""

    merge: Merge
    rival: int | None
    """The item; None if there is none."""
    margin: float | None
    """What would be lost if the rival stood there; None without a rival."""

    def clear(self, margin: float) -> bool:
        """Tell whether the merge is at least `margin` better than with its rival."""
        return self.margin is None or self.margin >= margin


def contests(
    merges: Sequence[Merge],
    scores: NDArray[np.float32],
    sizes: NDArray[np.int64],
    *,
    exclusive: NDArray[np.bool_],
) -> list[Contest]:
    """Find the strongest rival of each merge.

    A rival of B, for a merge of A and B, is an item c that

    - excludes B: it cannot be one object with some item of B (`exclusive`),
    - could be A: no pair of c and A is forbidden, and c excludes A only where B does, too, and
    - is not proposed to be of the same identity as A and B anyway.

    If c stood in B's place, A would have its mean score with c instead of that with B. And an item d that excludes A
    and is proposed to be one with c would lose c: it would have its mean score with B instead, or, where that is
    less, stay alone, which is worth the threshold. All of this is the margin, so two who are alike are told apart where
    their partners together are. Rivals of A are the same with the letters swapped. Fragments joined to one unit are one
    item here, so they never compete with each other.

    Args:
        merges: proposed merges of items, in order.
        scores: (m, m) symmetric scores, -inf where forbidden.
        sizes: (m,) tracklets in each item.
        exclusive: (m, m) symmetric, whether two items cannot be one object.

    Returns:
        A contest for each merge.
    """
    labels = partition(len(scores), ((merge.a[0], merge.b[0]) for merge in merges))
    partners = _Partners.of(labels, scores)

    def mean(items: tuple[int, ...]) -> NDArray[np.float32]:
        return np.average(scores[list(items)], axis=0, weights=sizes[list(items)]).astype(np.float32)  # (m,)

    def strength(a: tuple[int, ...], b: tuple[int, ...], alone: float) -> NDArray[np.float32]:
        excluded = np.asarray(exclusive[list(a)].any(axis=0))  # (m,)
        rival = exclusive[list(b)].any(axis=0) & (labels != labels[b[0]])
        if not excluded[list(b)].any():
            rival &= ~excluded
        others = np.maximum(mean(b), np.float32(alone))
        return np.where(rival, mean(a) - partners.loss(excluded, others), np.float32(-np.inf))

    def contest(merge: Merge) -> Contest:
        a, b, alone = merge.a, merge.b, merge.threshold
        rivals = np.maximum(strength(b, a, alone), strength(a, b, alone))
        rival = int(rivals.argmax())
        if np.isneginf(rivals[rival]):
            return Contest(merge, None, None)
        return Contest(merge, rival, round(merge.score - float(rivals[rival]), 6))

    return [contest(merge) for merge in merges]


@dataclass(frozen=True, eq=False)
class _Partners:
    """All pairs of different items proposed to be one object, sorted by item."""

    starts: NDArray[np.intp]
    """(r,) first pair of each item that has one."""
    items: NDArray[np.intp]
    """(r,) those items."""
    partners: NDArray[np.intp]
    """(pairs,) the other item of each pair."""
    scores: NDArray[np.float32]
    """(pairs,)"""
    count: int

    @classmethod
    def of(cls, labels: NDArray[np.intp], scores: NDArray[np.float32]) -> _Partners:
        order = np.argsort(labels, kind="stable")
        groups = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
        pairs = sorted((a, b) for group in groups for a in group.tolist() for b in group.tolist() if a != b)
        a, b = np.array(pairs, np.intp).reshape(-1, 2).T
        items, starts = np.unique(a, return_index=True)
        return cls(starts.astype(np.intp), items, b, scores[a, b], len(labels))

    def loss(self, among: NDArray[np.bool_], instead: NDArray[np.float32]) -> NDArray[np.float32]:
        """Tell what partners in the (m,) mask `among` lose at most, each with (m,) `instead`, without an item; (m,)."""
        loss = np.full(self.count, -np.inf, np.float32)
        if len(self.items):
            own = self.scores - instead[self.partners]
            loss[self.items] = np.maximum.reduceat(np.where(among[self.partners], own, -np.inf), self.starts)
        return np.where(np.isneginf(loss), np.float32(0), loss)  # who has no such partner takes nobody's

"""How clearly a proposed link beats what else it could have been."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.linkage import Merge, partition


@dataclass(frozen=True)
class Contest:
    """A merge and the strongest item that could have stood in its place."""

    merge: Merge
    rival: int | None
    """The item; None if there is none."""
    margin: float | None
    """Score less the rival's score; None without a rival."""

    def clear(self, margin: float) -> bool:
        """Tell whether the merge is at least `margin` better than its rival."""
        return self.margin is None or self.margin >= margin


def contests(
    merges: Sequence[Merge],
    scores: NDArray[np.float32],
    sizes: NDArray[np.int64],
    *,
    exclusive: NDArray[np.bool_],
    margin: float,
) -> list[Contest]:
    """Find the strongest rival of each merge.

    A rival of B, for a merge of A and B, is an item c that

    - excludes B: it cannot be one object with some item of B (`exclusive`),
    - could be A: no pair of c and A is forbidden, and c excludes A only where B does, too,
    - is not proposed to be of the same identity as A and B anyway, and
    - is free: it is not proposed to be one with an item that excludes A and that it resembles more than A
      by `margin` or more. (Who is plainly somebody else's partner is nobody's rival; where even the
      strongest of all is beaten by `margin`, it is named all the same.)

    Its strength is its mean score with A. Rivals of A are the same with the letters swapped. Fragments
    joined to one unit are one item here, so they never compete with each other.

    Args:
        merges: proposed merges of items, in order.
        scores: (m, m) symmetric scores, -inf where forbidden.
        sizes: (m,) tracklets in each item.
        exclusive: (m, m) symmetric, whether two items cannot be one object.
        margin: how much better is plainly better.

    Returns:
        A contest for each merge.
    """
    labels = partition(len(scores), ((merge.a[0], merge.b[0]) for merge in merges))
    partners = _Partners.of(labels, scores)

    def strength(a: tuple[int, ...], b: tuple[int, ...], *, free: bool) -> NDArray[np.float32]:
        mean = np.average(scores[list(a)], axis=0, weights=sizes[list(a)]).astype(np.float32)  # (m,)
        excluded = np.asarray(exclusive[list(a)].any(axis=0))  # (m,)
        rival = exclusive[list(b)].any(axis=0) & (labels != labels[b[0]])
        if not excluded[list(b)].any():
            rival &= ~excluded
        if free:
            rival &= partners.best(excluded) < mean + margin
        return np.where(rival, mean, np.float32(-np.inf))

    def strongest(merge: Merge, *, free: bool) -> Contest:
        a_rivals, b_rivals = strength(merge.b, merge.a, free=free), strength(merge.a, merge.b, free=free)
        rivals = np.maximum(a_rivals, b_rivals)
        rival = int(rivals.argmax())
        if np.isneginf(rivals[rival]):
            return Contest(merge, None, None)
        return Contest(merge, rival, round(merge.score - float(rivals[rival]), 6))

    def contest(merge: Merge) -> Contest:
        against_all = strongest(merge, free=False)
        return against_all if against_all.clear(margin) else strongest(merge, free=True)

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

    def best(self, among: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Find each item's best score with a partner in the (m,) mask `among`; (m,), -inf for none."""
        best = np.full(self.count, -np.inf, np.float32)
        if len(self.items):
            kept = np.where(among[self.partners], self.scores, np.float32(-np.inf))
            best[self.items] = np.maximum.reduceat(kept, self.starts)
        return best

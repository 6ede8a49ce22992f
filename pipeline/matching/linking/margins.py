"""Margins: how much better a merge is than the best alternative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.groups import partition
from pipeline.matching.linking.average_linkage import Merge


@dataclass(frozen=True)
class RatedMerge:
    """A merge and the best alternative."""

    merge: Merge
    runner_up: int | None
    """The best item in place of one side of the merge; None without an alternative."""
    margin: float | None
    """How much better the merge is than the alternative; None without a runner-up."""

    def is_clear(self, margin: float) -> bool:
        """Return whether the merge is at least `margin` better than the alternative."""
        return self.margin is None or self.margin >= margin


def rate_merges(
    merges: Sequence[Merge],
    scores: NDArray[np.float32],
    sizes: NDArray[np.int64],
    *,
    exclusive: NDArray[np.bool_],
) -> list[RatedMerge]:
    """Find the best alternative to each merge.

    An alternative to B, in a merge of A and B, is an item c if

    - c excludes B: it cannot be one object with some item of B (`exclusive`),
    - c could be A: no pair of c and A is forbidden, and c excludes A only if B does, too, and
    - c is not proposed to be of the identity of A and B.

    With c in place of B, A has its mean score with c instead of its mean score with B. An item d that excludes A and
    is proposed to be one object with c then loses c. It has its mean score with B instead or, if that is less, it
    stays single, which is worth the threshold. The margin is the sum of these losses, so two similar objects are
    told apart if both of their partners together tell them apart. Alternatives to A are the same with the letters
    swapped. Fragments stitched to a unit are one item here, so they never compete with each other.

    Args:
        merges: proposed merges of items, in order.
        scores: (m, m) symmetric scores, -inf where forbidden.
        sizes: (m,) tracklets in each item.
        exclusive: (m, m) symmetric, whether two items cannot be one object.

    Returns:
        Each merge with its best alternative.
    """
    labels = partition(len(scores), ((merge.a[0], merge.b[0]) for merge in merges))
    partners = _Partners.of(labels, scores)

    def mean(items: tuple[int, ...]) -> NDArray[np.float32]:
        return np.average(scores[list(items)], axis=0, weights=sizes[list(items)]).astype(np.float32)  # (m,)

    def strength(a: tuple[int, ...], b: tuple[int, ...], single: float) -> NDArray[np.float32]:
        excluded = np.asarray(exclusive[list(a)].any(axis=0))  # (m,)
        possible = exclusive[list(b)].any(axis=0) & (labels != labels[b[0]])
        if not excluded[list(b)].any():
            possible &= ~excluded
        instead = np.maximum(mean(b), np.float32(single))
        return np.where(possible, mean(a) - partners.loss(excluded, instead), np.float32(-np.inf))

    def rate(merge: Merge) -> RatedMerge:
        strengths = np.maximum(
            strength(merge.b, merge.a, merge.threshold), strength(merge.a, merge.b, merge.threshold)
        )
        best = int(strengths.argmax())
        if np.isneginf(strengths[best]):
            return RatedMerge(merge, None, None)
        return RatedMerge(merge, best, round(merge.score - float(strengths[best]), 6))

    return [rate(merge) for merge in merges]


@dataclass(frozen=True, eq=False)
class _Partners:
    """All pairs of different items proposed to be one object, sorted by item."""

    starts: NDArray[np.intp]
    """(r,) first pair of each item that has a partner."""
    items: NDArray[np.intp]
    """(r,) these items."""
    partners: NDArray[np.intp]
    """(pairs,) the other item of each pair."""
    scores: NDArray[np.float32]
    """(pairs,) score of each pair."""
    count: int
    """Number of all items."""

    @classmethod
    def of(cls, labels: NDArray[np.intp], scores: NDArray[np.float32]) -> _Partners:
        order = np.argsort(labels, kind="stable")
        groups = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
        pairs = sorted((a, b) for group in groups for a in group.tolist() for b in group.tolist() if a != b)
        a, b = np.array(pairs, np.intp).reshape(-1, 2).T
        items, starts = np.unique(a, return_index=True)
        return cls(starts.astype(np.intp), items, b, scores[a, b], len(labels))

    def loss(self, among: NDArray[np.bool_], instead: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the largest loss of any partner of each item if the item is taken away; (m,).

        Args:
            among: (m,) partners that count.
            instead: (m,) score that each partner has without the item.
        """
        loss = np.full(self.count, -np.inf, np.float32)
        if len(self.items):
            losses = self.scores - instead[self.partners]
            loss[self.items] = np.maximum.reduceat(
                np.where(among[self.partners], losses, -np.inf), self.starts
            )
        return np.where(np.isneginf(loss), np.float32(0), loss)  # no partner, no loss

"""Every link that was considered: made, left open or turned down, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.admissible import Rule
from pipeline.matching.gallery import Gallery
from pipeline.matching.linking import Link, Linking

Decision = Literal["accepted", "ambiguous", "rejected"]


@dataclass(frozen=True)
class Consideration:
    """One pair of tracklets that came into question as one object."""

    a: int
    """Index in the gallery of who appeared first (then by camera, then by track)."""
    b: int
    appearance: float
    """Score of the two by themselves."""
    score: float
    """What was decided on: the mean over all they are grouped with."""
    threshold: float
    runner_up: int | None
    margin: float | None
    decision: Decision
    reason: str


def considerations(
    gallery: Gallery,
    scores: NDArray[np.float32],
    rules: NDArray[np.uint8],
    linking: Linking,
    *,
    threshold: float,
) -> tuple[Consideration, ...]:
    """Explain matching to who has to rely on it.

    Listed are all links made or ambiguous and, of each tracklet in each other camera, the most alike, the
    second most alike, and the most alike that a rule forbids if it reached the threshold: a number of rows
    that grows with tracklets x cameras, not with pairs.

    Args:
        gallery: n tracklets.
        scores: (n, n) scores of all pairs, forbidden ones too.
        rules: (n, n) `Rule` values.
        linking: what was made of them.
        threshold: smallest score of a link across cameras.

    Returns:
        The pairs, sorted by cameras and tracks.
    """
    clerk = _Clerk(gallery, scores, rules, linking, threshold)
    rows = {tuple(sorted(link.pair)): clerk.linked(link) for link in linking.links}
    for a, b in candidates(scores, rules, gallery.cameras, threshold=threshold):
        if (a, b) not in rows:
            rows[a, b] = clerk.candidate(a, b)
    return tuple(sorted(rows.values(), key=lambda row: (row.a, row.b)))


def candidates(
    scores: NDArray[np.float32],
    rules: NDArray[np.uint8],
    cameras: NDArray[np.str_],
    *,
    threshold: float,
) -> set[tuple[int, int]]:
    """Find each tracklet's best two admissible pairs and best forbidden pair in each other camera.

    Returns:
        Pairs of indices, the lower first.
    """
    found: set[tuple[int, int]] = set()
    for name in np.unique(cameras):
        here, there = np.flatnonzero(cameras == name), np.flatnonzero(cameras != name)
        block, free = scores[np.ix_(there, here)], rules[np.ix_(there, here)] == Rule.ADMISSIBLE
        allowed = np.where(free, block, np.float32(-np.inf))
        barred = np.where(free | (block < threshold), np.float32(-np.inf), block)
        for _ in range(2):
            found |= _take_best(allowed, there, here)
        found |= _take_best(barred, there, here)
    return found


def _take_best(
    block: NDArray[np.float32], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> set[tuple[int, int]]:
    """Take each row's best finite entry out of the block, in place."""
    every = np.arange(len(rows))
    best = block.argmax(axis=1)
    keep = np.isfinite(block[every, best])
    block[every, best] = -np.inf
    pairs = np.sort(np.stack([rows[keep], columns[best[keep]]], axis=1), axis=1)
    return {(a, b) for a, b in pairs.tolist()}


class _Clerk:
    """Writes considerations; holds what every one of them looks things up in."""

    def __init__(
        self,
        gallery: Gallery,
        scores: NDArray[np.float32],
        rules: NDArray[np.uint8],
        linking: Linking,
        threshold: float,
    ) -> None:
        self.gallery, self.scores, self.rules, self.linking = gallery, scores, rules, linking
        self.threshold = threshold
        self.members: dict[int, list[int]] = {}
        for index, label in enumerate(linking.proposed.tolist()):
            self.members.setdefault(label, []).append(index)

    def linked(self, link: Link) -> Consideration:
        """Explain a link that was made or is ambiguous."""
        alone = len(link.a) == len(link.b) == 1
        mean = "cosine" if alone else f"mean cosine of {len(link.a) + len(link.b)} tracklets"
        reason = f"{mean} {link.score:.3f} reaches the threshold {link.threshold:.3f}"
        if link.rival is None or link.margin is None:
            reason += " and nothing competes"
        elif link.accepted:
            reason += f" and is {link.margin:.3f} better than the next candidate {self.name(link.rival)}"
        elif link.margin >= 0:
            reason += f" but is only {link.margin:.3f} better than {self.name(link.rival)}: too close to call"
        else:
            reason += f" but {self.name(link.rival)} is even closer, by {-link.margin:.3f}: too close to call"
        decision: Decision = "accepted" if link.accepted else "ambiguous"
        return self.row(link.pair, link.score, link.threshold, link.rival, link.margin, decision, reason)

    def candidate(self, a: int, b: int) -> Consideration:
        """Explain a pair that is not itself a link."""
        groups, score = self.linking.groups, float(self.scores[a, b])
        together = bool(groups[a] == groups[b])
        reason = self.through(a, b) if together else self.refusal(a, b, score)
        return self.row(
            (a, b), score, self.threshold, None, None, "accepted" if together else "rejected", reason
        )

    def through(self, a: int, b: int) -> str:
        """Say why two are one object without a link of their own."""
        others = [i for i in self.members[int(self.linking.proposed[a])] if i not in (a, b)]
        others = [i for i in others if self.linking.groups[i] == self.linking.groups[a]]
        nearest = max(others, key=lambda i: (min(self.scores[a, i], self.scores[b, i]), -i))
        return f"cosine {self.scores[a, b]:.3f}; one object because both are linked with {self.name(nearest)}"

    def refusal(self, a: int, b: int, score: float) -> str:
        """Say why two are not one object."""
        if self.rules[a, b]:
            return f"cosine {score:.3f}, but {self.sentence(a, b)}"
        if score < self.threshold:
            return f"cosine {score:.3f} is under the threshold {self.threshold:.3f}"
        if self.linking.proposed[a] == self.linking.proposed[b]:
            return f"cosine {score:.3f}, but a link between the two is ambiguous"
        return self.closer(a, b, score) or self.apart(a, b, score)

    def closer(self, a: int, b: int, score: float) -> str | None:
        """Name who has the place that the pair would need."""
        for one, other in ((a, b), (b, a)):
            taken = [i for i in self.group(one) if self.gallery.cameras[i] == self.gallery.cameras[other]]
            if taken:
                best = max(taken, key=lambda i: (self.scores[one, i], -i))
                fit = float(self.scores[one, best])
                better = (
                    f"was closer ({fit:.3f})"
                    if fit >= score
                    else "fits better when all links are weighed together"
                )
                return f"cosine {score:.3f}, but for {self.name(one)} {self.name(best)} {better}"
        return None

    def apart(self, a: int, b: int, score: float) -> str:
        """Say what keeps apart the groups of two that are alike by themselves."""
        for one, other in ((i, j) for i in self.group(a) for j in self.group(b)):
            if self.rules[one, other]:
                names = f"{self.name(one)} and {self.name(other)}"
                return f"cosine {score:.3f}, but {names} would be joined too: {self.sentence(one, other)}"
        mean = float(self.scores[np.ix_(self.group(a), self.group(b))].mean())
        return f"cosine {score:.3f}, but the mean over all they are linked with is only {mean:.3f}"

    def group(self, index: int) -> list[int]:
        """List the tracklets proposed to be one object with this one, itself included."""
        return self.members[int(self.linking.proposed[index])]

    def sentence(self, a: int, b: int) -> str:
        """Say which rule forbids a pair."""
        return Rule(self.rules[a, b]).sentence

    def name(self, index: int) -> str:
        """Name a tracklet."""
        return self.gallery.label(index)

    def row(
        self,
        pair: tuple[int, int],
        score: float,
        threshold: float,
        runner_up: int | None,
        margin: float | None,
        decision: Decision,
        reason: str,
    ) -> Consideration:
        """Put who appeared first in front."""
        a, b = sorted(pair, key=lambda index: (self.gallery.starts[index], index))
        return Consideration(
            a, b, float(self.scores[a, b]), score, threshold, runner_up, margin, decision, reason
        )

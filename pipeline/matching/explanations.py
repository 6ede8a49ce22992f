"""Every link that was considered: made, left open or turned down, and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.groups import partition
from pipeline.matching.linking.link import Link, Linking
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.pairs.pair_scores import Evidence
from pipeline.matching.pairs.rules import Rule

Decision = Literal["accepted", "ambiguous", "rejected"]


@dataclass(frozen=True)
class Consideration:
    """One pair of tracklets that came into question as one object."""

    a: int
    """Index in the gallery of who appeared first (then by camera, then by track)."""
    b: int
    appearance: float | None
    """How much alike the two look by themselves; None: they cannot be compared."""
    time: float | None
    """What place and time between them add to that; None: they say nothing."""
    score: float | None
    """What was decided on: the mean over all they are grouped with."""
    threshold: float | None
    runner_up: int | None
    margin: float | None
    decision: Decision
    reason: str
    said: bool = False
    """Whether the user decided, not the program."""


def considerations(
    gallery: Gallery,
    evidence: Evidence,
    rules: NDArray[np.uint8],
    linking: Linking,
    *,
    threshold: float,
    same: Collection[tuple[int, int]] = (),
    different: Collection[tuple[int, int]] = (),
) -> tuple[Consideration, ...]:
    """Explain matching to who has to rely on it.

    Listed are all links made or ambiguous, all that the user said and, of each tracklet in each other camera,
    the best, the second best, and the best that a rule forbids if it reached the threshold: a number of rows
    that grows with tracklets x cameras, not with pairs.

    Args:
        gallery: n tracklets.
        evidence: for all pairs, forbidden ones too.
        rules: (n, n) `Rule` values.
        linking: what was made of them.
        threshold: smallest score of a link across cameras.
        same: pairs of indices, the lower first, that the user said are one object.
        different: pairs that the user said are two.

    Returns:
        The pairs, sorted by cameras and tracks.
    """
    clerk = _Clerk(gallery, evidence, rules, linking, threshold, set(same))
    rows = {tuple(sorted(link.pair)): clerk.linked(link) for link in linking.links}
    best = candidates(evidence, rules, gallery.cameras, threshold=threshold)
    for a, b in best.union(same, different).difference(rows):
        rows[a, b] = clerk.candidate(a, b)
    return tuple(sorted(rows.values(), key=lambda row: (row.a, row.b)))


def candidates(
    evidence: Evidence,
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
        block, free = evidence.scores(there, here), rules[np.ix_(there, here)] == Rule.ADMISSIBLE
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
        evidence: Evidence,
        rules: NDArray[np.uint8],
        linking: Linking,
        threshold: float,
        same: Collection[tuple[int, int]],
    ) -> None:
        self.gallery, self.evidence, self.rules, self.linking = gallery, evidence, rules, linking
        self.threshold, self.same = threshold, same
        self.known = partition(len(gallery), same)
        self.members: dict[int, list[int]] = {}
        for index, label in enumerate(linking.proposed.tolist()):
            self.members.setdefault(label, []).append(index)

    def linked(self, link: Link) -> Consideration:
        """Explain a link that was made or is ambiguous."""
        what = self.likeness(*link.pair)
        if len(link.a) + len(link.b) > 2:
            what = f"mean score of {len(link.a) + len(link.b)} tracklets {link.score:.3f}"
        reason = f"{what} reaches the threshold {link.threshold:.3f}"
        if link.rival is None or link.margin is None:
            reason += " and nothing competes"
        elif link.accepted:
            reason += f" and is {link.margin:.3f} better than with {self.name(link.rival)} instead"
        elif link.margin >= 0:
            reason += f" but is only {link.margin:.3f} better than with {self.name(link.rival)} instead: too close to call"
        else:
            reason += f" but would be {-link.margin:.3f} better with {self.name(link.rival)} instead: too close to call"
        decision: Decision = "accepted" if link.accepted else "ambiguous"
        return self.row(link.pair, link.score, link.threshold, link.rival, link.margin, decision, reason)

    def candidate(self, a: int, b: int) -> Consideration:
        """Explain a pair that is not itself a link."""
        groups, score = self.linking.groups, self.evidence.score(a, b)
        together, said = bool(groups[a] == groups[b]), True
        if (a, b) in self.same:
            reason = f"you said so: one object ({self.likeness(a, b)})"
        elif self.rules[a, b] == Rule.CANNOT_LINK:
            reason = f"you said so: two objects ({self.likeness(a, b)})"
        else:
            reason, said = self.through(a, b) if together else self.refusal(a, b, score), False
        decision: Decision = "accepted" if together else "rejected"
        return self.row((a, b), score, self.threshold, None, None, decision, reason, said)

    def likeness(self, a: int, b: int) -> str:
        """Say what speaks for a pair by itself."""
        cosine = f"cosine {self.evidence.appearance[a, b]:.3f}"
        time = self.time(a, b)
        if time is None:
            return cosine
        what = "place and time" if self.gallery.cameras[a] == self.gallery.cameras[b] else "time"
        return f"{cosine} with {what} {time:+.3f} ({self.evidence.score(a, b):.3f})"

    def time(self, a: int, b: int) -> float | None:
        """Tell what place and time between add; None where they say nothing."""
        return round(self.evidence.beside(a, b), 6) or None

    def through(self, a: int, b: int) -> str:
        """Say why two are one object without a link of their own."""
        others = [i for i in self.members[int(self.linking.proposed[a])] if i not in (a, b)]
        others = [i for i in others if self.linking.groups[i] == self.linking.groups[a]]
        least = self.evidence.scores([a, b], others).min(axis=0)
        nearest = max(zip(least.tolist(), others, strict=True), key=lambda one: (one[0], -one[1]))[1]
        return f"{self.likeness(a, b)}; one object because both are linked with {self.name(nearest)}"

    def refusal(self, a: int, b: int, score: float) -> str:
        """Say why two are not one object."""
        likeness = self.likeness(a, b)
        if self.rules[a, b]:
            return f"{likeness}, but {self.sentence(a, b)}"
        if score < self.threshold:
            return f"{likeness} is under the threshold {self.threshold:.3f}"
        if self.linking.proposed[a] == self.linking.proposed[b]:
            return f"{likeness}, but a link between the two is ambiguous"
        return f"{likeness}, but {self.closer(a, b, score) or self.apart(a, b)}"

    def closer(self, a: int, b: int, score: float) -> str | None:
        """Name who has the place that the pair would need."""
        for one, other in ((a, b), (b, a)):
            taken = [i for i in self.group(one) if self.gallery.cameras[i] == self.gallery.cameras[other]]
            if not taken:
                continue
            best = max(
                taken, key=lambda i: (self.known[i] == self.known[one], self.evidence.score(one, i), -i)
            )
            fit = self.evidence.score(one, best)
            if self.known[best] == self.known[one]:
                return f"you said that {self.name(best)} is {self.name(one)}"
            if fit >= score:
                return f"for {self.name(one)} {self.name(best)} was closer ({fit:.3f}){self.left_open((one, best))}"
            weighed = f"{self.name(best)} fits better when all links are weighed together"
            return f"for {self.name(one)} {weighed}{self.left_open((one, best))}"
        return None

    def apart(self, a: int, b: int) -> str:
        """Say what keeps apart the groups of two that are alike by themselves."""
        for one, other in ((i, j) for i in self.group(a) for j in self.group(b)):
            if self.rules[one, other]:
                names = f"{self.name(one)} and {self.name(other)}"
                return f"{names} would be joined too: {self.sentence(one, other)}{self.left_open((a, one), (b, other))}"
        mean = float(self.evidence.scores(self.group(a), self.group(b)).mean())
        return f"the mean over all they are linked with is only {mean:.3f}"

    def left_open(self, *proposed: tuple[int, int]) -> str:
        """Say where what was proposed to be one object is not, in the end, as a link between was too close to call."""
        groups = self.linking.groups
        return (
            " (it fitted best, but is left open)" if any(groups[a] != groups[b] for a, b in proposed) else ""
        )

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
        said: bool = False,
    ) -> Consideration:
        """Put who appeared first in front."""
        a, b = sorted(pair, key=lambda index: (self.gallery.starts[index], index))
        terms = float(self.evidence.appearance[a, b]), self.time(a, b)
        return Consideration(a, b, *terms, score, threshold, runner_up, margin, decision, reason, said)

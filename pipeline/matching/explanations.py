"""Explanations: every link that was considered, whether it was made, and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.groups import partition
from pipeline.matching.linking.link import Link, Linking
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.pairs.pair_scores import PairScores
from pipeline.matching.pairs.rules import Rule

Decision = Literal["accepted", "ambiguous", "rejected"]


@dataclass(frozen=True)
class Consideration:
    """A pair of tracklets that was considered as one object."""

    a: int
    """Index in the gallery of the tracklet that appeared first (then by camera, then by track)."""
    b: int
    """Index in the gallery of the other tracklet."""
    appearance: float | None
    """Cosine of the two tracklets; None: they cannot be compared."""
    time: float | None
    """What place and time add to the cosine; None: nothing."""
    score: float | None
    """Score of the decision: the mean over the groups that a link joins."""
    threshold: float | None
    runner_up: int | None
    margin: float | None
    decision: Decision
    reason: str
    decided_by: Literal["program", "user"] = "program"


def considerations(
    gallery: Gallery,
    pair_scores: PairScores,
    rules: NDArray[np.uint8],
    linking: Linking,
    *,
    threshold: float,
    stitch_threshold: float,
    same: Collection[tuple[int, int]] = (),
    different: Collection[tuple[int, int]] = (),
) -> tuple[Consideration, ...]:
    """Explain the links that were considered.

    These are all links made or ambiguous, all pairs the user decided and, for each tracklet and each other camera,
    the best two admissible pairs and the best forbidden pair if it reaches the threshold. So the number of rows
    grows with tracklets x cameras, not with pairs.

    Args:
        gallery: n tracklets.
        pair_scores: scores of all pairs, forbidden ones too.
        rules: (n, n) `Rule` values.
        linking: the links.
        threshold: smallest score of a link across cameras.
        stitch_threshold: smallest score of a link within a camera.
        same: pairs of indices, the lower first, that the user marked as the same.
        different: pairs that the user marked as different.

    Returns:
        The pairs, sorted by cameras and tracks.
    """
    writer = ExplanationWriter(gallery, pair_scores, rules, linking, threshold, stitch_threshold, set(same))
    rows = {tuple(sorted(link.pair)): writer.explain_link(link) for link in linking.links}
    best = candidates(pair_scores, rules, gallery.cameras, threshold=threshold)
    for a, b in best.union(same, different).difference(rows):
        rows[a, b] = writer.explain_pair(a, b)
    return tuple(sorted(rows.values(), key=lambda row: (row.a, row.b)))


def candidates(
    pair_scores: PairScores,
    rules: NDArray[np.uint8],
    cameras: NDArray[np.str_],
    *,
    threshold: float,
) -> set[tuple[int, int]]:
    """Find each tracklet's best two admissible pairs and best forbidden pair in each other camera.

    Returns:
        Pairs of indices, the lower first.
    """
    pairs: set[tuple[int, int]] = set()
    for name in np.unique(cameras):
        inside, outside = np.flatnonzero(cameras == name), np.flatnonzero(cameras != name)
        scores = pair_scores.scores(outside, inside)
        admissible = rules[np.ix_(outside, inside)] == Rule.ALLOWED
        allowed = np.where(admissible, scores, np.float32(-np.inf))
        barred = np.where(admissible | (scores < threshold), np.float32(-np.inf), scores)
        for _ in range(2):
            pairs |= _take_best(allowed, outside, inside)
        pairs |= _take_best(barred, outside, inside)
    return pairs


def _take_best(
    scores: NDArray[np.float32], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> set[tuple[int, int]]:
    """Return each row's best finite pair, and set its score to -inf, in place."""
    places = np.arange(len(rows))
    best = scores.argmax(axis=1)
    keep = np.isfinite(scores[places, best])
    scores[places, best] = -np.inf
    pairs = np.sort(np.stack([rows[keep], columns[best[keep]]], axis=1), axis=1)
    return {(a, b) for a, b in pairs.tolist()}


class ExplanationWriter:
    """Writes the reason for each decision about a pair."""

    def __init__(
        self,
        gallery: Gallery,
        pair_scores: PairScores,
        rules: NDArray[np.uint8],
        linking: Linking,
        threshold: float,
        stitch_threshold: float,
        same: Collection[tuple[int, int]],
    ) -> None:
        self._gallery, self._pair_scores, self._rules = gallery, pair_scores, rules
        self._linking, self._same = linking, same
        self._threshold, self._stitch_threshold = threshold, stitch_threshold
        self._declared = partition(len(gallery), same)
        self._members: dict[int, list[int]] = {}
        for index, label in enumerate(linking.proposed.tolist()):
            self._members.setdefault(label, []).append(index)

    def explain_link(self, link: Link) -> Consideration:
        """Explain a link that is made or ambiguous."""
        measured = self._measured(*link.pair)
        tracklets = len(link.a) + len(link.b)
        if tracklets > 2:
            measured = f"mean score {link.score:.3f} of {tracklets} tracklets"
        reason = f"{measured} reaches the threshold {link.threshold:.3f}"
        if link.runner_up is None or link.margin is None:
            reason += "; no other candidate"
        else:
            runner_up = f"the runner-up {self._name(link.runner_up)}"
            if link.accepted:
                reason += f" and is {link.margin:.3f} above {runner_up}"
            elif link.margin >= 0:
                reason += f" but is only {link.margin:.3f} above {runner_up}: too close to call"
            else:
                reason += f" but is {-link.margin:.3f} below {runner_up}: too close to call"
        return self._row(
            link.pair,
            score=link.score,
            threshold=link.threshold,
            runner_up=link.runner_up,
            margin=link.margin,
            decision="accepted" if link.accepted else "ambiguous",
            reason=reason,
        )

    def explain_pair(self, a: int, b: int) -> Consideration:
        """Explain a pair that is not itself a link."""
        groups, score = self._linking.groups, self._pair_scores.score(a, b)
        cameras = self._gallery.cameras
        together = bool(groups[a] == groups[b])
        decided_by: Literal["program", "user"] = "user"
        if (a, b) in self._same:
            reason = f"you marked them as the same ({self._measured(a, b)})"
        elif self._rules[a, b] == Rule.CANNOT_LINK:
            reason = f"you marked them as different ({self._measured(a, b)})"
        else:
            decided_by = "program"
            reason = self._why_together(a, b) if together else self._why_apart(a, b, score)
        return self._row(
            (a, b),
            score=score,
            threshold=self._stitch_threshold if cameras[a] == cameras[b] else self._threshold,
            decision="accepted" if together else "rejected",
            reason=reason,
            decided_by=decided_by,
        )

    def _measured(self, a: int, b: int) -> str:
        """Say the score of a pair and its terms."""
        cosine = f"cosine {self._pair_scores.appearance[a, b]:.3f}"
        time = self._time(a, b)
        if time is None:
            return cosine
        term = "place and time" if self._gallery.cameras[a] == self._gallery.cameras[b] else "time"
        return f"score {self._pair_scores.score(a, b):.3f} ({cosine}, {term} {time:+.3f})"

    def _time(self, a: int, b: int) -> float | None:
        """Return what place and time add to a cosine; None if nothing."""
        return round(self._pair_scores.place_and_time(a, b), 6) or None

    def _why_together(self, a: int, b: int) -> str:
        """Say through which tracklet two tracklets without a link are one object."""
        others = [
            index
            for index in self._group(a)
            if index not in (a, b) and self._linking.groups[index] == self._linking.groups[a]
        ]
        least = self._pair_scores.scores([a, b], others).min(axis=0)
        nearest = max(zip(least.tolist(), others, strict=True), key=lambda pair: (pair[0], -pair[1]))[1]
        return f"{self._measured(a, b)}; both are linked with {self._name(nearest)}"

    def _why_apart(self, a: int, b: int, score: float) -> str:
        """Say why two tracklets are not one object."""
        measured = self._measured(a, b)
        if self._rules[a, b]:
            return f"{measured}, but {Rule(self._rules[a, b]).sentence}"
        if score < self._threshold:
            return f"{measured} is below the threshold {self._threshold:.3f}"
        if self._linking.proposed[a] == self._linking.proposed[b]:
            return f"{measured}, but a link between their groups is ambiguous"
        return f"{measured}, but {self._better_partner(a, b, score) or self._groups_differ(a, b)}"

    def _better_partner(self, a: int, b: int, score: float) -> str | None:
        """Say which tracklet is linked with `a` or `b` instead of the other, and why; None if there is none."""
        for tracklet, other in ((a, b), (b, a)):
            partners = [
                index
                for index in self._group(tracklet)
                if self._gallery.cameras[index] == self._gallery.cameras[other]
            ]
            if not partners:
                continue
            best = max(
                partners,
                key=lambda index: (
                    self._declared[index] == self._declared[tracklet],
                    self._pair_scores.score(tracklet, index),
                    -index,
                ),
            )
            best_score = self._pair_scores.score(tracklet, best)
            names = self._name(best), self._name(tracklet)
            if self._declared[best] == self._declared[tracklet]:
                return f"you marked {names[0]} and {names[1]} as the same"
            ambiguous = self._ambiguous((tracklet, best))
            if best_score >= score:
                return f"{names[0]} fits {names[1]} better ({best_score:.3f}){ambiguous}"
            return f"{names[0]} fits {names[1]} better when all links are weighed together{ambiguous}"
        return None

    def _groups_differ(self, a: int, b: int) -> str:
        """Say what keeps the groups of two similar tracklets apart."""
        for member, other in ((i, j) for i in self._group(a) for j in self._group(b)):
            if self._rules[member, other]:
                rule = Rule(self._rules[member, other]).sentence
                ambiguous = self._ambiguous((a, member), (b, other))
                names = f"{self._name(member)} and {self._name(other)}"
                return f"{names} would be linked too: {rule}{ambiguous}"
        mean = float(self._pair_scores.scores(self._group(a), self._group(b)).mean())
        return f"the mean score of their groups is only {mean:.3f}"

    def _ambiguous(self, *proposed: tuple[int, int]) -> str:
        """Return a remark if a link between tracklets proposed to be one object was too close to call."""
        groups = self._linking.groups
        return " (an ambiguous link)" if any(groups[a] != groups[b] for a, b in proposed) else ""

    def _group(self, index: int) -> list[int]:
        """List the tracklets proposed to be one object with a tracklet, itself included."""
        return self._members[int(self._linking.proposed[index])]

    def _name(self, index: int) -> str:
        return self._gallery.label(index)

    def _row(
        self,
        pair: tuple[int, int],
        *,
        score: float,
        threshold: float,
        decision: Decision,
        reason: str,
        runner_up: int | None = None,
        margin: float | None = None,
        decided_by: Literal["program", "user"] = "program",
    ) -> Consideration:
        """Put the tracklet that appeared first in front."""
        a, b = sorted(pair, key=lambda index: (self._gallery.starts[index], index))
        return Consideration(
            a,
            b,
            appearance=float(self._pair_scores.appearance[a, b]),
            time=self._time(a, b),
            score=score,
            threshold=threshold,
            runner_up=runner_up,
            margin=margin,
            decision=decision,
            reason=reason,
            decided_by=decided_by,
        )

"""Which tracklets are one object: fragments of one camera first, then across cameras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.config import MatchingConfig
from pipeline.matching.groups import closed, partition, pooled
from pipeline.matching.linking.assignment import assign
from pipeline.matching.linking.average_linkage import Merge, average_linkage
from pipeline.matching.linking.margins import Contest, contests


@dataclass(frozen=True)
class Link:
    """A proposed link of two groups of tracklets, and whether it is made."""

    a: tuple[int, ...]
    b: tuple[int, ...]
    pair: tuple[int, int]
    """The most alike pair of tracklets across the groups: the link itself, if it is made."""
    score: float
    """Mean score across the groups."""
    threshold: float
    rival: int | None
    """A tracklet of the strongest rival; None if there is none."""
    margin: float | None
    accepted: bool
    """False: ambiguous."""


@dataclass(frozen=True, eq=False)
class Linking:
    """All proposed links of `n` tracklets and the groups they leave."""

    links: tuple[Link, ...]
    proposed: NDArray[np.intp]
    """(n,) group of each tracklet if ambiguous links were made, too."""
    groups: NDArray[np.intp]
    """(n,) group of each tracklet: one group, one object."""


def link(
    scores: NDArray[np.float32],
    cameras: NDArray[np.str_],
    config: MatchingConfig,
    *,
    same: Sequence[tuple[int, int]] = (),
) -> Linking:
    """Group tracklets into objects.

    1. Within each camera, tracklets are joined to units at the stricter threshold.
    2. Across cameras units are linked, no two of one camera: two cameras by optimal assignment, more by
       constrained average linkage.
    3. What results is joined at the stricter threshold even where that brings two units of one camera
       together: a return that only the other cameras' evidence shows.
    4. Who is then left over in one camera joins those whom other cameras show, too, half-way between the thresholds.

    An ambiguous link is cut where it is, and both sides keep what else they are linked with. Tracklets that
    are known to be one object stay together from the first step to the last, and who cannot be one of them
    cannot be any.

    Args:
        scores: (n, n) symmetric scores, -inf where forbidden and on the diagonal.
        cameras: (n,) sorted camera names.
        config: thresholds and margin.
        same: pairs of indices known to be one object, whatever their scores.

    Returns:
        The links, stitches first, and the groups. No group holds a forbidden pair that `same` does not join.
    """
    known = partition(len(scores), same)
    scores = closed(scores, known)
    stitches = [one for name in np.unique(cameras) for one in _stitch(scores, known, cameras == name, config)]
    if same:
        stitches = _compatible(stitches, scores, known)
    units = partition(len(scores), [*same, *(stitch.pair for stitch in stitches if stitch.accepted)])
    links = (*stitches, *_join(scores, units, cameras, config))
    return Linking(
        links,
        partition(len(scores), [*same, *(link.pair for link in links)]),
        partition(len(scores), [*same, *(link.pair for link in links if link.accepted)]),
    )


def _stitch(
    scores: NDArray[np.float32], known: NDArray[np.intp], here: NDArray[np.bool_], config: MatchingConfig
) -> list[Link]:
    """Propose joins within one camera; only tracklets that cannot be one object exclude each other."""
    members = np.flatnonzero(here)
    labels = np.unique(known[members], return_inverse=True)[1]
    block, sizes = pooled(scores[np.ix_(members, members)], labels), np.bincount(labels)
    merges = average_linkage(block, sizes, threshold=config.stitch_threshold)
    found = contests(merges, block, sizes, exclusive=np.isneginf(block))
    return _links(found, _groups(labels, members), scores, config)


def _groups(labels: NDArray[np.intp], members: NDArray[np.intp]) -> list[tuple[int, ...]]:
    """List the members of each of the groups 0 .. m - 1 that labels of the same length make of them."""
    order = np.argsort(labels, kind="stable")
    parts = np.split(members[order], np.cumsum(np.bincount(labels))[:-1])
    return [tuple(map(int, part)) for part in parts]


def _compatible(stitches: Sequence[Link], scores: NDArray[np.float32], known: NDArray[np.intp]) -> list[Link]:
    """Leave out the stitches that what is known across cameras sets against a better one.

    Two stitches of different cameras may each be possible and together join, through an object known in both
    cameras, two tracklets that cannot be one.
    """
    labels, left_out = known.copy(), set()
    for stitch in sorted(stitches, key=lambda one: (-one.score, one.pair)):
        one, other = labels[list(stitch.pair)]
        if not stitch.accepted or one == other:
            continue
        if np.isneginf(scores[np.ix_(labels == one, labels == other)]).any():
            left_out.add(stitch.pair)
        else:
            labels[labels == other] = one
    return [stitch for stitch in stitches if stitch.pair not in left_out]


def _join(
    scores: NDArray[np.float32], units: NDArray[np.intp], cameras: NDArray[np.str_], config: MatchingConfig
) -> list[Link]:
    """Propose links across cameras; units of one camera exclude each other."""
    if len(units) == 0:
        return []
    groups, sizes, seen = _groups(units, np.arange(len(units))), np.bincount(units), _seen(units, cameras)
    between, same = pooled(scores, units), _sharing(seen)
    merges = _across(between, sizes, seen, same, config)
    clusters = partition(len(groups), ((merge.a[0], merge.b[0]) for merge in merges))
    merges += _returns(scores, clusters[units], clusters, config)
    clusters = partition(len(groups), ((merge.a[0], merge.b[0]) for merge in merges))
    merges += _left_over(scores, clusters[units], cameras, clusters, config)
    found = contests(merges, between, sizes, exclusive=same)
    return _links(found, groups, scores, config)


def _seen(labels: NDArray[np.intp], cameras: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Tell which cameras, in sorted order, saw something of each group 0 .. m - 1 that labels make; (m, cameras)."""
    names, places = np.unique(cameras, return_inverse=True)
    seen = np.zeros((int(labels.max()) + 1, len(names)), np.bool_)
    seen[labels, places] = True
    return seen


def _sharing(seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which two of m units one camera saw both of; (m, m), from the (m, cameras) that saw each."""
    first = seen.argmax(axis=1)
    same: NDArray[np.bool_] = np.equal.outer(first, first)
    for unit in np.flatnonzero(seen.sum(axis=1) > 1):  # known to be one object in several cameras
        same[unit] = same[:, unit] = (seen & seen[unit]).any(axis=1)
    return same


def _across(
    between: NDArray[np.float32],
    sizes: NDArray[np.int64],
    seen: NDArray[np.bool_],
    same: NDArray[np.bool_],
    config: MatchingConfig,
) -> list[Merge]:
    """Link (m, m) scored units of different cameras, at most one unit of a camera in an identity."""
    if seen.shape[1] <= 2:
        allowed = np.where(same, np.float32(-np.inf), between)
        return assign(allowed, seen[:, 0], threshold=config.threshold)
    return average_linkage(between, sizes, threshold=config.threshold, apart=same)


def _returns(
    scores: NDArray[np.float32],
    labels: NDArray[np.intp],
    clusters: NDArray[np.intp],
    config: MatchingConfig,
) -> list[Merge]:
    """Join the clusters that (n,) labels make of tracklets and (m,) `clusters` of units; merges of units."""
    merges = average_linkage(pooled(scores, labels), np.bincount(labels), threshold=config.stitch_threshold)
    return [Merge(_units(clusters, m.a), _units(clusters, m.b), m.score, m.threshold) for m in merges]


def _left_over(
    scores: NDArray[np.float32],
    labels: NDArray[np.intp],
    cameras: NDArray[np.str_],
    clusters: NDArray[np.intp],
    config: MatchingConfig,
) -> list[Merge]:
    """Join clusters that one camera alone shows to those that others show, too; else as `_returns`.

    Those mean scores are raised by what they may fall short of the stricter threshold, which then serves all: pieces
    left over in one camera have to be that much alike to go together by themselves.
    """
    strict, enough = config.stitch_threshold, config.left_over_threshold
    several = _seen(labels, cameras).sum(axis=1) > 1  # (m,)
    if enough >= strict or not several.any():
        return []
    means = pooled(scores, labels)
    means[np.ix_(several, several)] = -np.inf
    means[several] += np.float32(strict - enough)
    means[:, several] = means[several].T
    joined = []
    for found in average_linkage(means, np.bincount(labels), threshold=strict):
        a, b = (np.isin(labels, side) for side in (found.a, found.b))
        score = float(scores[np.ix_(a, b)].mean())
        joined.append(Merge(_units(clusters, found.a), _units(clusters, found.b), score, enough))
    return joined


def _units(clusters: NDArray[np.intp], wanted: tuple[int, ...]) -> tuple[int, ...]:
    """List the units of some clusters."""
    return tuple(map(int, np.flatnonzero(np.isin(clusters, wanted))))


def _links(
    found: Sequence[Contest],
    groups: Sequence[tuple[int, ...]],
    scores: NDArray[np.float32],
    config: MatchingConfig,
) -> list[Link]:
    """Say in tracklets what contests say in items."""

    def tracklets(items: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(member for item in items for member in groups[item]))

    def finished(contest: Contest) -> Link:
        merge = contest.merge
        a, b = tracklets(merge.a), tracklets(merge.b)
        best = np.unravel_index(scores[np.ix_(a, b)].argmax(), (len(a), len(b)))
        pair = (a[int(best[0])], b[int(best[1])])
        rival = None if contest.rival is None else groups[contest.rival][0]
        clear = contest.clear(config.margin)
        return Link(a, b, pair, merge.score, merge.threshold, rival, contest.margin, clear)

    return [finished(contest) for contest in found]

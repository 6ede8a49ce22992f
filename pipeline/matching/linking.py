"""Which tracklets are one object: fragments of one camera first, then across cameras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.assignment import assign
from pipeline.matching.config import MatchingConfig
from pipeline.matching.linkage import Merge, average_linkage, partition, pooled
from pipeline.matching.rivals import Contest, contests


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


def link(scores: NDArray[np.float32], cameras: NDArray[np.str_], config: MatchingConfig) -> Linking:
    """Group tracklets into objects.

    1. Within each camera, tracklets are joined to units at the stricter threshold.
    2. Across cameras units are linked, no two of one camera: two cameras by optimal assignment, more by
       constrained average linkage.
    3. What results is joined at the stricter threshold even where that brings two units of one camera
       together: a return that only the other cameras' evidence shows.

    An ambiguous link is cut where it is, and both sides keep what else they are linked with.

    Args:
        scores: (n, n) symmetric scores, -inf where forbidden and on the diagonal.
        cameras: (n,) sorted camera names.
        config: thresholds and margin.

    Returns:
        The links, stitches first, and the groups. No group holds a forbidden pair.
    """
    stitches = [found for name in np.unique(cameras) for found in _stitch(scores, cameras == name, config)]
    units = partition(len(scores), (stitch.pair for stitch in stitches if stitch.accepted))
    links = (*stitches, *_join(scores, units, cameras, config))
    kept = [link.pair for link in links if link.accepted]
    return Linking(
        links,
        partition(len(scores), (link.pair for link in links)),
        partition(len(scores), kept),
    )


def _stitch(scores: NDArray[np.float32], here: NDArray[np.bool_], config: MatchingConfig) -> list[Link]:
    """Propose joins within one camera; only tracklets that cannot be one object exclude each other."""
    members = np.flatnonzero(here)
    block, sizes = scores[np.ix_(members, members)], np.ones(len(members), np.int64)
    merges = average_linkage(block, sizes, threshold=config.stitch_threshold)
    found = contests(merges, block, sizes, exclusive=np.isneginf(block), margin=config.margin)
    return _links(found, [(int(member),) for member in members], scores, config)


def _join(
    scores: NDArray[np.float32], units: NDArray[np.intp], cameras: NDArray[np.str_], config: MatchingConfig
) -> list[Link]:
    """Propose links across cameras; units of one camera exclude each other."""
    if len(units) == 0:
        return []
    groups = [tuple(map(int, np.flatnonzero(units == unit))) for unit in range(units.max() + 1)]
    same = np.equal.outer(*[np.unique(cameras, return_inverse=True)[1][[group[0] for group in groups]]] * 2)
    between, sizes = pooled(scores, units), np.bincount(units)
    merges = _across(between, sizes, same, config)
    clusters = partition(len(groups), ((merge.a[0], merge.b[0]) for merge in merges))
    merges += _returns(scores, clusters[units], clusters, config)
    found = contests(merges, between, sizes, exclusive=same, margin=config.margin)
    return _links(found, groups, scores, config)


def _across(
    between: NDArray[np.float32], sizes: NDArray[np.int64], same: NDArray[np.bool_], config: MatchingConfig
) -> list[Merge]:
    """Link (m, m) scored units of different cameras, at most one unit of a camera in an identity."""
    allowed = np.where(same, np.float32(-np.inf), between)
    if (same[0] | same[int(same[0].argmin())]).all():  # every unit is of the first's or one other camera
        return assign(allowed, same[0], threshold=config.threshold)
    return average_linkage(allowed, sizes, threshold=config.threshold)


def _returns(
    scores: NDArray[np.float32],
    labels: NDArray[np.intp],
    clusters: NDArray[np.intp],
    config: MatchingConfig,
) -> list[Merge]:
    """Join the clusters that (n,) labels make of tracklets and (m,) `clusters` of units; merges of units."""
    merges = average_linkage(pooled(scores, labels), np.bincount(labels), threshold=config.stitch_threshold)
    return [Merge(_units(clusters, m.a), _units(clusters, m.b), m.score, m.threshold) for m in merges]


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

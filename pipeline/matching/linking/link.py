"""Linking: groups tracklets into objects, fragments of one camera first, then across cameras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.matching.config import MatchingConfig
from pipeline.matching.groups import mean_scores, partition, spread_forbidden
from pipeline.matching.linking.assignment import assign_pairs
from pipeline.matching.linking.average_linkage import Merge, average_linkage
from pipeline.matching.linking.margins import RatedMerge, rate_merges


@dataclass(frozen=True)
class Link:
    """A proposed link of two groups of tracklets, and whether it is made."""

    a: tuple[int, ...]
    b: tuple[int, ...]
    pair: tuple[int, int]
    """The most similar pair of tracklets across the groups, which stands for the link."""
    score: float
    """Mean score across the groups."""
    threshold: float
    runner_up: int | None
    """A tracklet of the best alternative; None without an alternative."""
    margin: float | None
    accepted: bool
    """False: the link is ambiguous and is not made."""


@dataclass(frozen=True, eq=False)
class Linking:
    """All proposed links of `n` tracklets and the groups they make."""

    links: tuple[Link, ...]
    proposed: NDArray[np.intp]
    """(n,) group of each tracklet if ambiguous links were made, too."""
    groups: NDArray[np.intp]
    """(n,) group of each tracklet; a group is one object."""


def link(
    scores: NDArray[np.float32],
    cameras: NDArray[np.str_],
    config: MatchingConfig,
    *,
    same: Sequence[tuple[int, int]] = (),
) -> Linking:
    """Group tracklets into objects.

    1. Tracklets of one camera are stitched to units at `stitch_threshold`.
    2. Units of different cameras are linked at `threshold`, at most one unit of each camera in a group: two cameras
       by optimal assignment, more by constrained average linkage.
    3. The groups are joined at `stitch_threshold`, even if that brings two units of one camera together: an object
       that returns, as only the other cameras show.
    4. A group seen by one camera only joins a group seen by several cameras at the half-way threshold.

    An ambiguous link is not made; the links within its two sides stay. Tracklets that `same` declares to be one
    object stay together from the first step to the last, and a tracklet that cannot be one of them cannot be any.

    Args:
        scores: (n, n) symmetric scores, -inf where forbidden and on the diagonal.
        cameras: (n,) sorted camera names.
        config: thresholds and margin.
        same: pairs of indices that are one object, whatever their scores.

    Returns:
        The links, stitches first, and the groups. A group holds a forbidden pair only if `same` joins it.
    """
    declared = partition(len(scores), same)
    scores = spread_forbidden(scores, declared)
    stitches = [
        stitch for name in np.unique(cameras) for stitch in _stitch(scores, declared, cameras == name, config)
    ]
    if same:
        stitches = _compatible(stitches, scores, declared)
    units = partition(len(scores), [*same, *(stitch.pair for stitch in stitches if stitch.accepted)])
    links = (*stitches, *_join(scores, units, cameras, config))
    return Linking(
        links,
        partition(len(scores), [*same, *(link.pair for link in links)]),
        partition(len(scores), [*same, *(link.pair for link in links if link.accepted)]),
    )


def _stitch(
    scores: NDArray[np.float32],
    declared: NDArray[np.intp],
    in_camera: NDArray[np.bool_],
    config: MatchingConfig,
) -> list[Link]:
    """Propose links within one camera; only tracklets that cannot be one object exclude each other."""
    members = np.flatnonzero(in_camera)
    labels = np.unique(declared[members], return_inverse=True)[1]
    means, sizes = mean_scores(scores[np.ix_(members, members)], labels), np.bincount(labels)
    merges = average_linkage(means, sizes, threshold=config.stitch_threshold.value)
    rated = rate_merges(merges, means, sizes, exclusive=np.isneginf(means))
    return _links(rated, _members(labels, members), scores, config)


def _members(labels: NDArray[np.intp], items: NDArray[np.intp]) -> list[tuple[int, ...]]:
    """List the items of each group 0 .. m - 1, from the (n,) group of each item."""
    order = np.argsort(labels, kind="stable")
    parts = np.split(items[order], np.cumsum(np.bincount(labels))[:-1])
    return [tuple(map(int, part)) for part in parts]


def _compatible(
    stitches: Sequence[Link], scores: NDArray[np.float32], declared: NDArray[np.intp]
) -> list[Link]:
    """Leave out stitches that contradict a better stitch of another camera.

    Two stitches may each be possible and yet join two tracklets that cannot be one object, through an object that is
    declared to be the same in both cameras.
    """
    labels, left_out = declared.copy(), set()
    for stitch in sorted(stitches, key=lambda stitch: (-stitch.score, stitch.pair)):
        a, b = labels[list(stitch.pair)]
        if not stitch.accepted or a == b:
            continue
        if np.isneginf(scores[np.ix_(labels == a, labels == b)]).any():
            left_out.add(stitch.pair)
        else:
            labels[labels == b] = a
    return [stitch for stitch in stitches if stitch.pair not in left_out]


def _join(
    scores: NDArray[np.float32], units: NDArray[np.intp], cameras: NDArray[np.str_], config: MatchingConfig
) -> list[Link]:
    """Propose links across cameras; units of one camera exclude each other."""
    if len(units) == 0:
        return []
    members, sizes = _members(units, np.arange(len(units))), np.bincount(units)
    seen = _cameras_of(units, cameras)
    means, share_camera = mean_scores(scores, units), _share_camera(seen)
    merges = _across(means, sizes, seen, share_camera, config)
    groups = partition(len(members), ((merge.a[0], merge.b[0]) for merge in merges))  # (units,)
    merges += _of_units(_merge_reappearances(scores, groups[units], config), groups)
    groups = partition(len(members), ((merge.a[0], merge.b[0]) for merge in merges))
    merges += _of_units(_single_camera_groups(scores, groups[units], cameras, config), groups)
    rated = rate_merges(merges, means, sizes, exclusive=share_camera)
    return _links(rated, members, scores, config)


def _cameras_of(labels: NDArray[np.intp], cameras: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Return which cameras, in sorted order, saw each group 0 .. m - 1; (m, cameras)."""
    names, places = np.unique(cameras, return_inverse=True)
    seen = np.zeros((int(labels.max()) + 1, len(names)), np.bool_)
    seen[labels, places] = True
    return seen


def _share_camera(seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which pairs of m units some camera saw both of; (m, m), from the (m, cameras) that saw each."""
    first = seen.argmax(axis=1)
    shared: NDArray[np.bool_] = np.equal.outer(first, first)
    for unit in np.flatnonzero(seen.sum(axis=1) > 1):  # declared to be one object in several cameras
        shared[unit] = shared[:, unit] = (seen & seen[unit]).any(axis=1)
    return shared


def _across(
    means: NDArray[np.float32],
    sizes: NDArray[np.int64],
    seen: NDArray[np.bool_],
    share_camera: NDArray[np.bool_],
    config: MatchingConfig,
) -> list[Merge]:
    """Merge (m, m) scored units of different cameras, at most one unit of a camera in a group."""
    if seen.shape[1] <= 2:
        allowed = np.where(share_camera, np.float32(-np.inf), means)
        return assign_pairs(allowed, seen[:, 0], threshold=config.threshold.value)
    return average_linkage(means, sizes, threshold=config.threshold.value, apart=share_camera)


def _merge_reappearances(
    scores: NDArray[np.float32], labels: NDArray[np.intp], config: MatchingConfig
) -> list[Merge]:
    """Merge the groups 0 .. m - 1 at the threshold of one camera."""
    strict = config.stitch_threshold.value
    return average_linkage(mean_scores(scores, labels), np.bincount(labels), threshold=strict)


def _single_camera_groups(
    scores: NDArray[np.float32], labels: NDArray[np.intp], cameras: NDArray[np.str_], config: MatchingConfig
) -> list[Merge]:
    """Merge groups 0 .. m - 1, of which at least one was seen by a single camera.

    A single-camera group joins a multi-camera group at the half-way threshold. Two single-camera groups join at
    `stitch_threshold`. After two groups have joined, their threshold for a third is the mean over all pairs.
    """
    strict, halfway = config.stitch_threshold.value, config.halfway_threshold
    several = _cameras_of(labels, cameras).sum(axis=1) > 1  # (m,)
    if halfway >= strict or not several.any():
        return []
    thresholds = np.where(np.not_equal.outer(several, several), halfway, strict)
    means = mean_scores(scores, labels)
    means[:, several] = means[several].T  # both triangles equal: they differ by rounding
    merges = average_linkage(
        means,
        np.bincount(labels),
        threshold=thresholds,
        apart=np.logical_and.outer(several, several),
    )
    blocks = [scores[np.ix_(np.isin(labels, merge.a), np.isin(labels, merge.b))] for merge in merges]
    return [
        Merge(merge.a, merge.b, float(block.mean()), halfway)
        for merge, block in zip(merges, blocks, strict=True)
    ]


def _of_units(merges: Sequence[Merge], groups: NDArray[np.intp]) -> list[Merge]:
    """Turn merges of groups into merges of their units, from the (units,) group of each unit."""

    def units(wanted: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(map(int, np.flatnonzero(np.isin(groups, wanted))))

    return [Merge(units(merge.a), units(merge.b), merge.score, merge.threshold) for merge in merges]


def _links(
    rated: Sequence[RatedMerge],
    members: Sequence[tuple[int, ...]],
    scores: NDArray[np.float32],
    config: MatchingConfig,
) -> list[Link]:
    """Turn merges of items into links of the tracklets that are their members."""

    def tracklets(items: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(member for item in items for member in members[item]))

    links = []
    for merge_rating in rated:
        merge = merge_rating.merge
        a, b = tracklets(merge.a), tracklets(merge.b)
        row, column = np.unravel_index(scores[np.ix_(a, b)].argmax(), (len(a), len(b)))
        links.append(
            Link(
                a,
                b,
                pair=(a[int(row)], b[int(column)]),
                score=merge.score,
                threshold=merge.threshold,
                runner_up=None if merge_rating.runner_up is None else members[merge_rating.runner_up][0],
                margin=merge_rating.margin,
                accepted=merge_rating.is_clear(config.margin),
            )
        )
    return links

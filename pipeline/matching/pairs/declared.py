"""Declared pairs: the user's decisions about tracklets, and what they imply for the tracklets of one network."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.footage.cameras import CameraSet
from pipeline.matching.config import MatchingConfig
from pipeline.matching.groups import partition
from pipeline.matching.pairs.gallery import Gallery, build_gallery
from pipeline.matching.pairs.rules import Rule, find_rules
from pipeline.tracking.tracklets import Key, Pair, Tracklet


@dataclass(frozen=True)
class Declared:
    """Pairs of tracklets that are one object, or two, whatever their scores.

    No pair of `different` or `implied` is joined by `same`, directly or through other tracklets.
    """

    same: tuple[Pair, ...] = ()
    different: tuple[Pair, ...] = ()
    implied: tuple[Pair, ...] = ()
    """Pairs that are two objects because of decisions about tracklets that are not in the gallery."""


def declare(
    matched: Mapping[Key, Tracklet],
    named: Mapping[Key, Tracklet],
    cameras: CameraSet,
    config: MatchingConfig,
    *,
    same: Sequence[Pair],
    different: Sequence[Pair],
) -> Declared:
    """Turn the user's decisions into pairs of the tracklets that are matched.

    The program never links a tracklet A outside of these (not embedded, or embedded by another network). But suppose
    that the user marked A as the same as B, which is matched. Then B cannot be linked to any tracklet that cannot be A.

    Args:
        matched: tracklets that are matched with each other.
        named: all tracklets in `same`, matched or not.
        cameras: what is declared about the cameras.
        config: speeds.
        same: pairs that are one object.
        different: pairs that are two objects; pairs that imply nothing for `matched` are ignored.
    """
    mixed = [group for group in joined_groups(same) if 0 < len(matched.keys() & set(group)) < len(group)]
    outside = {key: named[key] for group in mixed for key in group if key not in matched}
    apart = [pair for pair in different if outside.keys() & set(pair)]
    apart += _forbidden_outside([*matched.values(), *outside.values()], outside, cameras, config)
    chains = [pairwise(key for key in group if key in matched) for group in mixed]
    return Declared(
        tuple(pair for pair in chain(same, *chains) if matched.keys() >= set(pair)),
        tuple(pair for pair in different if matched.keys() >= set(pair)),
        tuple(_implied(apart, matched, mixed)),
    )


def joined_groups(same: Sequence[Pair]) -> list[list[Key]]:
    """List the groups of tracklets that pairs join, sorted.

    >>> joined_groups([(("b", 1), ("a", 2)), (("b", 1), ("c", 3))])
    [[('a', 2), ('b', 1), ('c', 3)]]
    """
    keys = sorted({key for pair in same for key in pair})
    places = {key: place for place, key in enumerate(keys)}
    labels = partition(len(keys), ((places[a], places[b]) for a, b in same))
    groups: dict[int, list[Key]] = {}
    for key, label in zip(keys, labels.tolist(), strict=True):
        groups.setdefault(label, []).append(key)
    return list(groups.values())


def overruled(
    tracklets: Sequence[Tracklet], cameras: CameraSet, config: MatchingConfig, same: Sequence[Pair]
) -> Iterator[tuple[Key, Key, Rule]]:
    """Yield the pairs that the user marked as the same although a rule forbids them, and the rule.

    Args:
        tracklets: at least all tracklets in `same`.
        cameras: what is declared about the cameras.
        config: speeds.
        same: pairs that are one object.
    """
    named = {key for pair in same for key in pair}
    gallery = bare_gallery([tracklet for tracklet in tracklets if tracklet.key in named])
    rules = find_rules(gallery, cameras, config)
    places = {key: place for place, key in enumerate(gallery.keys)}
    for group in joined_groups(same):
        for a, b in combinations(group, 2):
            if rules[places[a], places[b]]:
                yield a, b, Rule(rules[places[a], places[b]])


def bare_gallery(tracklets: Sequence[Tracklet]) -> Gallery:
    """Build a gallery without embeddings, which suffices for the rules of time and place."""
    embeddings = [np.ones((1, 1), np.float32)] * len(tracklets)
    weights = [np.ones(1, np.float32)] * len(tracklets)
    return build_gallery(tracklets, embeddings, weights=weights, prototypes=1)


def _forbidden_outside(
    tracklets: Sequence[Tracklet], outside: Collection[Key], cameras: CameraSet, config: MatchingConfig
) -> list[Pair]:
    """List the pairs of a tracklet `outside` and any other tracklet that a rule forbids."""
    if not outside:
        return []
    gallery = bare_gallery(tracklets)
    keys, rules = gallery.keys, find_rules(gallery, cameras, config)
    rows: NDArray[np.intp] = np.array([place for place, key in enumerate(keys) if key in outside])
    return [(keys[rows[row]], keys[column]) for row, column in np.argwhere(rules[rows])]


def _implied(apart: Sequence[Pair], matched: Collection[Key], groups: Sequence[Sequence[Key]]) -> list[Pair]:
    """List the matched pairs that are two objects because tracklets joined with them are apart."""
    group_of = {key: tuple(group) for group in groups for key in group}
    pairs = set()
    for a, b in apart:
        group_a, group_b = group_of.get(a, (a,)), group_of.get(b, (b,))
        matched_a = next((key for key in group_a if key in matched), None)
        matched_b = next((key for key in group_b if key in matched), None)
        if group_a != group_b and matched_a and matched_b:
            pairs.add((matched_a, matched_b))
    return sorted(pairs)

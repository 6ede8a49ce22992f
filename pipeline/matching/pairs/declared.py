"""What the user said of pairs of tracklets, and what follows from it for the tracklets of one network."""

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
from pipeline.matching.pairs.rules import Rule, forbidden
from pipeline.tracking.tracklets import Key, Pair, Tracklet, key_of


@dataclass(frozen=True)
class Declared:
    """Pairs of tracklets that are one object, or two, whatever their scores.

    No two that `same` joins, by however long a chain, are a pair of the others.
    """

    same: tuple[Pair, ...] = ()
    different: tuple[Pair, ...] = ()
    implied: tuple[Pair, ...] = ()
    """Two objects, too, because of what is known of tracklets that are not in the gallery."""


def declare(
    own: Mapping[Key, Tracklet],
    named: Mapping[Key, Tracklet],
    cameras: CameraSet,
    config: MatchingConfig,
    *,
    same: Sequence[Pair],
    different: Sequence[Pair],
) -> Declared:
    """Say in the tracklets of one network what was said of these and others.

    A tracklet that was not embedded, or by another network, is never linked by the program. But whoever is
    said to be the same as it cannot be anybody that it cannot be.

    Args:
        own: tracklets that are matched with each other.
        named: all tracklets in `same`, these and others.
        cameras: what is known of the ways between cameras.
        config: speeds.
        same: pairs that are one object.
        different: pairs that are two; where they say nothing of `own`, they do not count.
    """
    mixed = [group for group in joined(same) if 0 < len(own.keys() & set(group)) < len(group)]
    outside = {key: named[key] for group in mixed for key in group if key not in own}
    apart = [pair for pair in different if outside.keys() & set(pair)]
    apart += _barred([*own.values(), *outside.values()], outside, cameras, config)
    chains = [pairwise(key for key in group if key in own) for group in mixed]
    return Declared(
        tuple(pair for pair in chain(same, *chains) if own.keys() >= set(pair)),
        tuple(pair for pair in different if own.keys() >= set(pair)),
        tuple(_implied(apart, own, mixed)),
    )


def joined(same: Sequence[Pair]) -> list[list[Key]]:
    """List the groups of tracklets that pairs join, sorted.

    >>> joined([(("b", 1), ("a", 2)), (("b", 1), ("c", 3))])
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
    """Find what is one object as the user said, though a rule forbids it.

    Args:
        tracklets: at least all that `same` names.
        cameras: what is known of the ways between cameras.
        config: speeds.
        same: pairs that are one object.
    """
    named = {key for pair in same for key in pair}
    gallery = bare([tracklet for tracklet in tracklets if key_of(tracklet) in named])
    rules = forbidden(gallery, cameras, config)
    places = {key: place for place, key in enumerate(gallery.keys)}
    for group in joined(same):
        for a, b in combinations(group, 2):
            if rules[places[a], places[b]]:
                yield a, b, Rule(rules[places[a], places[b]])


def bare(tracklets: Sequence[Tracklet]) -> Gallery:
    """Gather tracklets without a look: all that rules of time and place need."""
    look = [np.ones((1, 1), np.float32)] * len(tracklets)
    return build_gallery(tracklets, look, weights=[one[0] for one in look], prototypes=1)


def _barred(
    tracklets: Sequence[Tracklet], outside: Collection[Key], cameras: CameraSet, config: MatchingConfig
) -> list[Pair]:
    """List the pairs of one tracklet `outside` and any other that a rule forbids."""
    if not outside:
        return []
    gallery = bare(tracklets)
    keys, rules = gallery.keys, forbidden(gallery, cameras, config)
    rows: NDArray[np.intp] = np.array([place for place, key in enumerate(keys) if key in outside])
    return [(keys[rows[row]], keys[column]) for row, column in np.argwhere(rules[rows])]


def _implied(apart: Sequence[Pair], inside: Collection[Key], groups: Sequence[Sequence[Key]]) -> list[Pair]:
    """Say in tracklets that are inside which pairs are two objects because others are."""
    group_of = {key: tuple(group) for group in groups for key in group}
    found = set()
    for pair in apart:
        one, other = (group_of.get(key, (key,)) for key in pair)
        standing = [next((key for key in group if key in inside), None) for group in (one, other)]
        if one != other and standing[0] and standing[1]:
            found.add((standing[0], standing[1]))
    return sorted(found)

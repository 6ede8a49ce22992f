"""Matching on one screen: takes tracklets, returns identities and the reasons for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.embedding.networks import Classes
from pipeline.footage.cameras import CameraSet
from pipeline.matching.config import MatchingConfig
from pipeline.matching.explanations import Consideration, considerations
from pipeline.matching.groups import partition
from pipeline.matching.learn import Learn, Learnt
from pipeline.matching.linking.link import Linking, link
from pipeline.matching.outcome import Status
from pipeline.matching.pairs.appearance import score_gallery
from pipeline.matching.pairs.declared import Declared
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.pairs.nearness import Nearness
from pipeline.matching.pairs.pair_scores import PairScores
from pipeline.matching.pairs.rules import find_rules, indices
from pipeline.tracking.tracklets import Pair

NOTHING = Declared()


@dataclass(frozen=True, eq=False)
class Matching:
    """Identities of `n` tracklets, in the order of their gallery."""

    identities: NDArray[np.int64]
    """(n,) identities, from 1, by first appearance, then camera, then track."""
    statuses: tuple[Status, ...]
    """(n,) statuses."""
    considered: tuple[Consideration, ...]
    """Links that were considered, and the reason for each decision."""
    learnt: Learnt | None = None
    """Thresholds and travel times that the links were made with; None if no links were looked for."""


@dataclass(frozen=True, eq=False)
class Matched:
    """A gallery and the identities of its tracklets."""

    gallery: Gallery
    matching: Matching
    caveat: str | None = None
    """A warning that goes with each link; None without any."""
    classes: Classes = "everything"
    """Classes that its network embeds."""


def match_tracklets(
    gallery: Gallery,
    cameras: CameraSet,
    config: MatchingConfig,
    *,
    declared: Declared = NOTHING,
    learn: Learn | None = None,
) -> Matching:
    """Find which tracklets are one object.

    The function is pure: the same gallery, cameras and settings give the same result.

    Args:
        gallery: n tracklets of all cameras.
        cameras: what is declared about the cameras.
        config: thresholds.
        declared: the user's decisions, which override scores and rules.
        learn: learns thresholds and travel times from scores and rules; None: `config` holds.

    Raises:
        PipelineError: a declared pair names a tracklet that is not in the gallery.
    """
    rules = find_rules(gallery, cameras, config, cannot_link=declared.different, implied=declared.implied)
    same, different = indices(gallery, declared.same), indices(gallery, declared.different)
    appearance = score_gallery(gallery, config)
    learnt = learn(appearance, rules) if learn else Learnt(config)
    pair_scores = PairScores(appearance, learnt.time, Nearness(gallery, learnt.config))
    linking = link(pair_scores.admissible(rules), gallery.cameras, learnt.config, same=same)
    considered = considerations(
        gallery,
        pair_scores,
        rules,
        linking,
        threshold=learnt.config.threshold.value,
        stitch_threshold=learnt.config.stitch_threshold.value,
        same=same,
        different=different,
    )
    identities = number(linking.groups, gallery.starts)
    return Matching(identities, _statuses(linking, gallery.cameras), considered, learnt)


def number(groups: NDArray[np.intp], starts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number groups from 1 by their earliest start; among equal starts by their first tracklet.

    Args:
        groups: (n,) group of each tracklet.
        starts: (n,) first sightings, in seconds.

    Returns:
        (n,) identities.

    >>> number(np.array([0, 1, 0]), np.array([5.0, 3.0, 2.0])).tolist()
    [1, 2, 1]
    """
    order = np.argsort(starts, kind="stable")
    earliest = dict.fromkeys(groups[order].tolist())
    identities = {group: identity for identity, group in enumerate(earliest, start=1)}
    return np.array([identities[group] for group in groups.tolist()], np.int64)


def number_together(galleries: Sequence[Matched], *, same: Sequence[Pair] = ()) -> list[Matched]:
    """Number the identities of galleries that were matched apart as if they were one gallery.

    Args:
        galleries: galleries that share no tracklet.
        same: pairs of tracklets, of any of the galleries, that are one object.
    """
    sizes = [len(matched.gallery) for matched in galleries]
    gallery_of = np.repeat(np.arange(len(galleries)), sizes)
    numbers = np.concatenate([matched.matching.identities for matched in galleries])
    _, groups = np.unique(np.stack([gallery_of, numbers]), axis=1, return_inverse=True)
    groups = _join_groups(groups.ravel(), [matched.gallery for matched in galleries], same)
    starts = np.concatenate([matched.gallery.starts for matched in galleries])
    cameras = np.concatenate([matched.gallery.cameras for matched in galleries])
    tracks = np.concatenate([matched.gallery.tracks for matched in galleries])
    order = np.lexsort((tracks, cameras))
    identities = np.empty(len(order), np.int64)
    identities[order] = number(groups[order], starts[order])
    seen = np.unique(np.stack([identities, np.unique(cameras, return_inverse=True)[1]]), axis=1)[0]
    several = np.bincount(seen, minlength=1)[identities] > 1  # (n,)
    parts = np.split(np.arange(len(order)), np.cumsum(sizes)[:-1])
    return [
        replace(matched, matching=_renumber(matched.matching, identities[part], several[part]))
        for matched, part in zip(galleries, parts, strict=True)
    ]


def _join_groups(
    groups: NDArray[np.intp], galleries: Sequence[Gallery], same: Sequence[Pair]
) -> NDArray[np.intp]:
    """Join the (n,) groups that pairs of tracklets connect."""
    keys = [key for gallery in galleries for key in gallery.keys] if same else []
    group_of = dict(zip(keys, groups.tolist(), strict=False))
    labels = partition(int(groups.max(initial=-1)) + 1, ((group_of[a], group_of[b]) for a, b in same))
    return labels[groups]


def _renumber(matching: Matching, identities: NDArray[np.int64], several: NDArray[np.bool_]) -> Matching:
    """Replace the (n,) identities, and mark tracklets as linked if several cameras saw their identity."""
    statuses = tuple(
        "linked" if linked else status
        for linked, status in zip(several.tolist(), matching.statuses, strict=True)
    )
    return replace(matching, identities=identities, statuses=statuses)


def _statuses(linking: Linking, cameras: NDArray[np.str_]) -> tuple[Status, ...]:
    """Return the status of each tracklet."""
    seen: dict[int, set[str]] = {}
    for group, camera in zip(linking.groups.tolist(), cameras.tolist(), strict=True):
        seen.setdefault(group, set()).add(camera)
    ambiguous = {index for link in linking.links if not link.accepted for index in link.pair}

    def status(index: int, group: int) -> Status:
        if len(seen[group]) > 1:
            return "linked"
        return "ambiguous" if index in ambiguous else "single_camera"

    return tuple(status(index, group) for index, group in enumerate(linking.groups.tolist()))

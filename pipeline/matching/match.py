"""Matching on one screen: tracklets in, identities and their reasons out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.footage.cameras import CameraSet
from pipeline.matching.config import MatchingConfig
from pipeline.matching.explanations import Consideration, considerations
from pipeline.matching.groups import partition
from pipeline.matching.learn import Learn, Learnt
from pipeline.matching.linking.link import Linking, link
from pipeline.matching.pairs.appearance import scored
from pipeline.matching.pairs.declared import Declared
from pipeline.matching.pairs.found_again import Nearness
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.pairs.pair_scores import Evidence
from pipeline.matching.pairs.rules import forbidden, indices
from pipeline.tracking.tracklets import Pair

Status = Literal["linked", "single_camera", "ambiguous"]
NOTHING = Declared()


@dataclass(frozen=True, eq=False)
class Matching:
    """Who is who among `n` tracklets, in the order of their gallery."""

    identities: NDArray[np.int64]
    """(n,) identities, from 1, by first appearance, then camera, then track."""
    statuses: tuple[Status, ...]
    """(n,) linked: its identity was seen by two cameras or more; ambiguous: a link was left open."""
    considered: tuple[Consideration, ...]
    learnt: Learnt | None = None
    """What links were made by; None where none were looked for."""


@dataclass(frozen=True, eq=False)
class Matched:
    """A gallery and who is who in it."""

    gallery: Gallery
    matching: Matching
    caveat: str | None = None
    """What every link must be read with."""
    classes: str = "everything"
    """What its network embeds."""


def match(
    gallery: Gallery,
    cameras: CameraSet,
    config: MatchingConfig,
    *,
    declared: Declared = NOTHING,
    learn: Learn | None = None,
) -> Matching:
    """Find which tracklets are one object.

    Pure: the same gallery, cameras and settings give the same result.

    Args:
        gallery: n tracklets of all cameras.
        cameras: what is known of the ways between cameras.
        config: thresholds.
        declared: what the user knows; it holds whatever the scores and the rules say.
        learn: finds thresholds, and what the time between tracklets says, in scores and rules; None: `config` holds.

    Raises:
        PipelineError: something was declared of a tracklet that is not in the gallery.
    """
    rules = forbidden(gallery, cameras, config, cannot_link=declared.different, implied=declared.implied)
    same, different = indices(gallery, declared.same), indices(gallery, declared.different)
    scores = scored(gallery, config)
    learnt = learn(scores, rules) if learn else Learnt(config)
    evidence = Evidence(scores, learnt.time, Nearness(gallery, learnt.config))
    linking = link(evidence.admissible(rules), gallery.cameras, learnt.config, same=same)
    return Matching(
        number(linking.groups, gallery.starts),
        _statuses(linking, gallery.cameras),
        considerations(
            *(gallery, evidence, rules, linking),
            threshold=learnt.config.threshold,
            same=same,
            different=different,
        ),
        learnt,
    )


def number(groups: NDArray[np.intp], starts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number groups from 1 by their earliest start; among equals the first tracklet decides.

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


def number_together(found: Sequence[Matched], *, same: Sequence[Pair] = ()) -> list[Matched]:
    """Number the identities of galleries that were matched apart as if they were one.

    Args:
        found: galleries that share no tracklet.
        same: pairs of tracklets, whichever galleries they are of, that are one object.
    """
    galleries = [one.gallery for one in found]
    sizes = [len(gallery) for gallery in galleries]
    whose = np.repeat(np.arange(len(found)), sizes)
    own = np.concatenate([one.matching.identities for one in found])
    _, groups = np.unique(np.stack([whose, own]), axis=1, return_inverse=True)
    groups = _joined(groups.ravel(), galleries, same)
    starts, cameras, tracks = (
        np.concatenate([getattr(gallery, name) for gallery in galleries])
        for name in ("starts", "cameras", "tracks")
    )
    order = np.lexsort((tracks, cameras))
    identities = np.empty(len(order), np.int64)
    identities[order] = number(groups[order], starts[order])
    seen = np.unique(np.stack([identities, np.unique(cameras, return_inverse=True)[1]]), axis=1)[0]
    several = np.bincount(seen, minlength=1)[identities] > 1  # (n,)
    parts = np.split(np.arange(len(order)), np.cumsum(sizes)[:-1])
    return [
        replace(one, matching=_renumbered(one.matching, identities[part], several[part]))
        for one, part in zip(found, parts, strict=True)
    ]


def _joined(groups: NDArray[np.intp], galleries: Sequence[Gallery], same: Sequence[Pair]) -> NDArray[np.intp]:
    """Make one of the (n,) groups that pairs of tracklets connect."""
    keys = [key for gallery in galleries for key in gallery.keys] if same else []
    group_of = dict(zip(keys, groups.tolist(), strict=False))
    labels = partition(int(groups.max(initial=-1)) + 1, ((group_of[a], group_of[b]) for a, b in same))
    return labels[groups]


def _renumbered(matching: Matching, identities: NDArray[np.int64], several: NDArray[np.bool_]) -> Matching:
    """Give tracklets other identities, and tell whose are seen by several cameras."""
    statuses = tuple(
        "linked" if linked else status
        for linked, status in zip(several.tolist(), matching.statuses, strict=True)
    )
    return replace(matching, identities=identities, statuses=statuses)


def _statuses(linking: Linking, cameras: NDArray[np.str_]) -> tuple[Status, ...]:
    """Tell what became of each tracklet."""
    seen: dict[int, set[str]] = {}
    for group, camera in zip(linking.groups.tolist(), cameras.tolist(), strict=True):
        seen.setdefault(group, set()).add(camera)
    open_pairs = {index for found in linking.links if not found.accepted for index in found.pair}

    def status(index: int, group: int) -> Status:
        if len(seen[group]) > 1:
            return "linked"
        return "ambiguous" if index in open_pairs else "single_camera"

    return tuple(status(index, group) for index, group in enumerate(linking.groups.tolist()))

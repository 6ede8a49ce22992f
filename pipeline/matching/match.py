"""Matching on one screen: tracklets in, identities and their reasons out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.cameras import CameraSet
from pipeline.matching.admissible import Key, Rule, forbidden
from pipeline.matching.config import MatchingConfig
from pipeline.matching.decisions import Consideration, considerations
from pipeline.matching.gallery import Gallery
from pipeline.matching.linking import Linking, link
from pipeline.matching.scores import appearance, centred, standardised

Status = Literal["linked", "single_camera", "ambiguous"]


@dataclass(frozen=True, eq=False)
class Matching:
    """Who is who among `n` tracklets, in the order of their gallery."""

    identities: NDArray[np.int64]
    """(n,) identities, from 1, by first appearance, then camera, then track."""
    statuses: tuple[Status, ...]
    """(n,) linked: its identity was seen by two cameras or more; ambiguous: a link was left open."""
    considered: tuple[Consideration, ...]


@dataclass(frozen=True, eq=False)
class Matched:
    """A gallery and who is who in it."""

    gallery: Gallery
    matching: Matching
    caveat: str | None = None
    """What every link must be read with."""


def match(
    gallery: Gallery,
    cameras: CameraSet,
    config: MatchingConfig,
    *,
    cannot_link: Sequence[tuple[Key, Key]] = (),
) -> Matching:
    """Find which tracklets are one object.

    Pure: the same gallery, cameras and settings give the same result.

    Args:
        gallery: n tracklets of all cameras.
        cameras: what is known of the ways between cameras.
        config: thresholds.
        cannot_link: pairs of (camera, track) that the user knows to be two objects.

    Raises:
        PipelineError: a cannot-link names an unknown tracklet.
    """
    rules = forbidden(gallery, cameras, config, cannot_link=cannot_link)
    scores = _scores(gallery, config)
    admissible = np.where(rules == Rule.ADMISSIBLE, scores, np.float32(-np.inf))
    linking = link(admissible, gallery.cameras, config)
    return Matching(
        number(linking.groups, gallery.starts),
        _statuses(linking, gallery.cameras),
        considerations(gallery, scores, rules, linking, threshold=config.threshold),
    )


def _scores(gallery: Gallery, config: MatchingConfig) -> NDArray[np.float32]:
    """Score all pairs, with each camera's own look taken out where it is known well enough; (n, n)."""
    means, prototypes = gallery.means, gallery.prototypes
    if config.statistics == "run":
        means = standardised(gallery.means, gallery.means, gallery.cameras)
        prototypes = standardised(gallery.prototypes, gallery.means, gallery.cameras)
    means, prototypes = (
        centred(
            vectors,
            means,
            cameras=gallery.cameras,
            groups=gallery.groups,
            minimum=config.centring_minimum,
        )
        for vectors in (means, prototypes)
    )
    return appearance(means, prototypes, top=config.top)


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


def number_together(found: Sequence[Matched]) -> list[Matched]:
    """Number the identities of galleries that were matched apart as if they were one.

    Args:
        found: galleries that share no tracklet.
    """
    galleries = [one.gallery for one in found]
    sizes = [len(gallery) for gallery in galleries]
    whose = np.repeat(np.arange(len(found)), sizes)
    own = np.concatenate([one.matching.identities for one in found])
    _, groups = np.unique(np.stack([whose, own]), axis=1, return_inverse=True)
    starts, cameras, tracks = (
        np.concatenate([getattr(gallery, name) for gallery in galleries])
        for name in ("starts", "cameras", "tracks")
    )
    order = np.lexsort((tracks, cameras))
    identities = np.empty(len(order), np.int64)
    identities[order] = number(groups.ravel()[order], starts[order])
    parts = np.split(identities, np.cumsum(sizes)[:-1])
    return [
        replace(one, matching=replace(one.matching, identities=part))
        for one, part in zip(found, parts, strict=True)
    ]


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

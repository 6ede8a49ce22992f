"""Identity and camera of queries and gallery entries, and the matches of each query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reid.data.records import LabelledTracklet, Rule

Places = NDArray[np.intp]
"""Indices or ranks of gallery entries."""


@dataclass(frozen=True, eq=False)
class Labels:
    """Identity and camera of n entries."""

    identities: NDArray[np.str_]
    """(n,) names; those of distractors match no query."""
    cameras: NDArray[np.str_]
    """(n,) names."""

    def __post_init__(self) -> None:
        if self.identities.ndim != 1 or self.identities.shape != self.cameras.shape:
            raise ValueError(f"expected (n,) labels, got {self.identities.shape=}, {self.cameras.shape=}")

    def __len__(self) -> int:
        return len(self.identities)

    @classmethod
    def of(cls, tracklets: Sequence[LabelledTracklet]) -> Labels:
        """Return the labels of a benchmark's query or gallery, in its order."""
        return cls(
            identities=np.array([tracklet.identity for tracklet in tracklets], np.str_),
            cameras=np.array([tracklet.camera for tracklet in tracklets], np.str_),
        )


@dataclass(frozen=True, eq=False)
class Relevance:
    """Gallery entries that match one query, and those left out of its ranking; increasing indices."""

    matches: Places
    """(m,) entries of the query's identity that are ranked."""
    junk: Places
    """(j,) entries left out of the query's ranking: neither right nor wrong."""


def relevance(query: Labels, gallery: Labels, rule: Rule) -> list[Relevance]:
    """Return the matches and junk of each query, without a (q, g) mask.

    Under "cross-camera", entries of the query's identity and camera are junk, because they are too easy to
    find. Under "any-camera" there is no junk.

    >>> labels = Labels(np.array(["ann", "ann", "bob"]), np.array(["east", "west", "west"]))
    >>> ann = relevance(labels, labels, "cross-camera")[0]
    >>> ann.matches, ann.junk
    (array([1]), array([0]))
    """
    order = np.argsort(gallery.identities, kind="stable")
    first = np.searchsorted(gallery.identities, query.identities, "left", order)
    end = np.searchsorted(gallery.identities, query.identities, "right", order)
    relevances = []
    for start, stop, camera in zip(first, end, query.cameras, strict=True):
        same = order[start:stop]  # (s,) entries of the query's identity
        junk = gallery.cameras[same] == camera if rule == "cross-camera" else np.zeros(len(same), bool)
        relevances.append(Relevance(matches=same[~junk], junk=same[junk]))
    return relevances

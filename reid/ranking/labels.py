"""Who is on an entry, and where: which gallery entries are a query's matches, and which it may not be scored on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reid.data.records import LabelledTracklet, Rule

Places = NDArray[np.intp]


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
        """Take the labels of a benchmark's query or gallery, in its order."""
        return cls(
            np.array([entry.identity for entry in tracklets], np.str_),
            np.array([entry.camera for entry in tracklets], np.str_),
        )


@dataclass(frozen=True, eq=False)
class Relevance:
    """What one query should find, and what it is not asked about; places in the gallery, increasing."""

    matches: Places
    """(m,) entries of the query's identity that count."""
    junk: Places
    """(j,) entries dropped from this query's ranking: neither right nor wrong."""


def relevance(query: Labels, gallery: Labels, rule: Rule) -> list[Relevance]:
    """Sort out the gallery for each query, without a q by g mask.

    Under "cross-camera", entries of the query's identity in the query's camera are junk: finding them is no
    achievement. Under "any-camera" there is no junk.

    >>> who = Labels(np.array(["ann", "ann", "bob"]), np.array(["east", "west", "west"]))
    >>> ann = relevance(who, who, "cross-camera")[0]
    >>> ann.matches, ann.junk
    (array([1]), array([0]))
    """
    order = np.argsort(gallery.identities, kind="stable")
    low, high = (
        np.searchsorted(gallery.identities, query.identities, side, order) for side in ("left", "right")
    )
    return [
        _of_one(order[start:stop], gallery.cameras, camera, rule)
        for start, stop, camera in zip(low, high, query.cameras, strict=True)
    ]


def _of_one(same: Places, cameras: NDArray[np.str_], camera: str, rule: Rule) -> Relevance:
    """Split the (s,) entries of a query's identity by the rule."""
    junk = cameras[same] == camera if rule == "cross-camera" else np.zeros(len(same), bool)
    return Relevance(matches=same[~junk], junk=same[junk])

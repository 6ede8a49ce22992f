"""Labelled tracklets and benchmarks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Rule = Literal["cross-camera", "any-camera"]
"""Gallery entries that are left out of a query's ranking: those of its identity and camera, or none."""


@dataclass(frozen=True)
class LabelledTracklet:
    """Images of one identity from one camera; a single image is a tracklet of length 1."""

    images: tuple[str, ...]
    """(n,) paths in time order, n >= 1."""
    identity: str
    """Name in the data set; equal names are the same person or vehicle in all splits."""
    camera: str
    """Name in the data set; empty if the data set does not name cameras."""
    moment: int | None = None
    """Frame number of the first image on the camera's clock; None if the data set does not provide it."""

    def __post_init__(self) -> None:
        if not self.images:
            raise ValueError(f"a tracklet of identity {self.identity} in camera {self.camera} has no image")


@dataclass(frozen=True)
class Benchmark:
    """One split of one data set; no identity of `train` occurs in `query` or `gallery`."""

    name: str
    """Key of the catalogue."""
    train: tuple[LabelledTracklet, ...]
    query: tuple[LabelledTracklet, ...]
    gallery: tuple[LabelledTracklet, ...]
    rule: Rule = "cross-camera"

    def __post_init__(self) -> None:
        test = {tracklet.identity for tracklet in (*self.query, *self.gallery)}
        shared = test & {tracklet.identity for tracklet in self.train}
        if shared:
            raise ValueError(f"{self.name}: identity {min(shared)} is in training and in test")


def fingerprint_tracklets(tracklets: Iterable[LabelledTracklet]) -> str:
    """Return 16 hexadecimal digits that identify a set of tracklets by identity, camera and file names.

    The folder of the images does not matter.
    """
    digest = hashlib.sha256()
    for tracklet in tracklets:
        names = "/".join(image.replace("\\", "/").rpartition("/")[2] for image in tracklet.images)
        digest.update(f"{tracklet.identity}|{tracklet.camera}|{names}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()[:16]

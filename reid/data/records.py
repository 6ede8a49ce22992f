"""Records: what a benchmark holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Rule = Literal["cross-camera", "any-camera"]
"""Which gallery entries a query may be scored on: none of its own identity in its own camera, or all."""


@dataclass(frozen=True)
class LabelledTracklet:
    """Pictures of one known identity from one camera; a single image is a tracklet of length 1."""

    images: tuple[str, ...]
    """(n,) paths in time order, n >= 1."""
    identity: str
    """As the data set names it; the same name is the same person or vehicle in all its splits."""
    camera: str
    moment: int | None = None
    """Frame number of the first image on its camera's clock, where the data set tells it."""

    def __post_init__(self) -> None:
        if not self.images:
            raise ValueError(f"a tracklet of identity {self.identity} in camera {self.camera} has no image")


@dataclass(frozen=True)
class Benchmark:
    """One data set in one of its splits; identities of `train` occur in neither `query` nor `gallery`."""

    name: str
    """As the catalogue spells it."""
    train: tuple[LabelledTracklet, ...]
    query: tuple[LabelledTracklet, ...]
    gallery: tuple[LabelledTracklet, ...]
    rule: Rule = "cross-camera"

    def __post_init__(self) -> None:
        both = {entry.identity for entry in self.train} & {
            entry.identity for entry in (*self.query, *self.gallery)
        }
        if both:
            raise ValueError(f"{self.name}: identity {min(both)} is in training and in test")

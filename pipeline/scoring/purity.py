"""Purity and completeness of each identity of a run."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from pipeline.scoring.measures import MIN_IOU, Comparison
from pipeline.scoring.scene import Scene


@dataclass(frozen=True)
class IdentityRow:
    """An identity of the run, and the true identity on which most of its boxes lie."""

    identity: int
    cameras: tuple[str, ...]
    tracklets: int
    boxes: int
    person: int | None
    """True identity; None: none of the boxes lies on a true box."""
    on_person: int
    """Number of boxes on the true identity."""
    person_boxes: int
    """Number of all boxes of the true identity."""

    @property
    def purity(self) -> float:
        """Share of the identity's boxes that lie on the true identity."""
        return self.on_person / self.boxes

    @property
    def completeness(self) -> float:
        """Share of the true identity's boxes that the identity covers."""
        return self.on_person / self.person_boxes if self.person_boxes else 0.0


def list_identities(scene: Scene, comparison: Comparison) -> list[IdentityRow]:
    """Return a row for each identity with boxes in the comparison, by number."""
    overlaps = comparison.overlaps.select(comparison.overlaps.iou >= MIN_IOU)
    pairs = np.stack([comparison.found[overlaps.columns], comparison.truth[overlaps.rows]], axis=1)
    pairs, counts = np.unique(pairs, axis=0, return_counts=True)
    best: dict[int, tuple[int, int | None]] = {}
    for (identity, person), count in zip(pairs.tolist(), counts.tolist(), strict=True):
        if count > best.get(identity, (0, None))[0]:
            best[identity] = count, person
    cameras = defaultdict(list)
    for tracklet in scene.tracklets:
        if tracklet.camera in scene.cameras:
            cameras[tracklet.identity].append(tracklet.camera)
    person_boxes = Counter(comparison.truth.tolist())
    rows = []
    for identity, boxes in sorted(Counter(comparison.found.tolist()).items()):
        on_person, person = best.get(identity, (0, None))
        rows.append(
            IdentityRow(
                identity=identity,
                cameras=tuple(sorted(set(cameras[identity]))),
                tracklets=len(cameras[identity]),
                boxes=boxes,
                person=person,
                on_person=on_person,
                person_boxes=0 if person is None else person_boxes[person],
            )
        )
    return rows

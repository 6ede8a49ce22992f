"""Does each identity show one only, and all of that one?"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from pipeline.scoring.measures import SAME, Comparison
from pipeline.scoring.scene import Scene


@dataclass(frozen=True)
class IdentityRow:
    """One identity of the run, and the true one on whom most of its boxes lie."""

    identity: int
    cameras: tuple[str, ...]
    tracklets: int
    boxes: int
    person: int | None
    """None: none of its boxes lies on anybody."""
    on_person: int
    """Its boxes on that one."""
    person_boxes: int
    """All true boxes of that one."""

    @property
    def purity(self) -> float:
        """Share of its boxes that lie on the one."""
        return self.on_person / self.boxes

    @property
    def completeness(self) -> float:
        """Share of the one's true boxes on which its boxes lie."""
        return self.on_person / self.person_boxes if self.person_boxes else 0.0


def list_identities(scene: Scene, comparison: Comparison) -> list[IdentityRow]:
    """List the identities that have boxes in what is scored, by number."""
    near = comparison.overlaps.select(comparison.overlaps.iou >= SAME)
    pairs = np.stack([comparison.found[near.columns], comparison.truth[near.rows]], axis=1)
    pairs, counts = np.unique(pairs, axis=0, return_counts=True)
    best: dict[int, tuple[int, int | None]] = {}
    for (identity, person), count in zip(pairs.tolist(), counts.tolist(), strict=True):
        if count > best.get(identity, (0, None))[0]:
            best[identity] = count, person
    members = defaultdict(list)
    for row in scene.tracklets:
        if row.key[0] in scene.cameras:
            members[row.identity].append(row.key[0])
    lives = Counter(comparison.truth.tolist())
    rows = []
    for identity, boxes in sorted(Counter(comparison.found.tolist()).items()):
        count, owner = best.get(identity, (0, None))
        cameras, all_of = tuple(sorted(set(members[identity]))), 0 if owner is None else lives[owner]
        rows.append(IdentityRow(identity, cameras, len(members[identity]), boxes, owner, count, all_of))
    return rows

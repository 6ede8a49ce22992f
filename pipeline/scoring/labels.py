"""Whom does each tracklet of a run really show?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.scoring.measures import SAME
from pipeline.scoring.run_boxes import Tracklet, read_found
from pipeline.scoring.scene import Scene, side_by_side
from pipeline.scoring.truth import CameraTruth


@dataclass(frozen=True)
class Label:
    """On whom the boxes of a tracklet lie."""

    boxes: int
    """Its boxes in frames that are scored."""
    votes: Mapping[int, int]
    """Number of them that lie on each true identity, an ignored one, too; each lies on one at most."""

    @property
    def identity(self) -> int | None:
        """Whom it shows: who has the most, if that is at least half and more than anybody else; else None."""
        most = max(self.votes.values(), default=0)
        first = [identity for identity, count in self.votes.items() if count == most]
        return first[0] if len(first) == 1 and 2 * most >= self.boxes else None


def label_tracklets(run: Path, truth: Mapping[str, CameraTruth]) -> dict[Tracklet, int | None]:
    """Name the true identity of each tracklet of a finished run.

    It is the one on which most of its boxes lie (IoU of at least 0.5, of the same class group where the truth has
    classes), if these are at least half of its boxes in frames that the truth covers, and more than lie on anybody
    else.

    Args:
        run: folder of a finished run.
        truth: by camera; a tracklet of another camera is nobody's.

    Returns:
        Identities by camera and track; None: nobody's.

    Raises:
        RunError: the run's files are missing or damaged.
    """
    scene = side_by_side(read_found(run), truth)
    return {one.key: label.identity for one, label in zip(scene.tracklets, labels(scene), strict=True)}


def labels(scene: Scene) -> list[Label]:
    """Label each tracklet of a scene, in its order."""
    near = scene.near.select(scene.near.iou >= SAME)
    order = np.lexsort((near.rows, -near.iou, near.columns))
    columns, first = np.unique(near.columns[order], return_index=True)
    rows = near.rows[order[first]]  # (p,) the true box on which each column lies most
    pairs = np.stack([scene.tracked.owners[columns], scene.truth.owners[rows]], axis=1)
    pairs, counts = np.unique(pairs, axis=0, return_counts=True)
    votes: dict[int, dict[int, int]] = defaultdict(dict)
    for (tracklet, identity), count in zip(pairs.tolist(), counts.tolist(), strict=True):
        votes[tracklet][identity] = count
    boxes = np.bincount(scene.tracked.owners, minlength=len(scene.tracklets)).tolist()
    return [Label(count, votes.get(place, {})) for place, count in enumerate(boxes)]

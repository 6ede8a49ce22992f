"""Labels: the true identity that each tracklet of a run shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipeline.results.records import FinishedRun
from pipeline.scoring.measures import MIN_IOU
from pipeline.scoring.scene import Scene, build_scene
from pipeline.scoring.truth import CameraTruth
from pipeline.tracking.tracklets import Key


@dataclass(frozen=True)
class Label:
    """The true identities on which the boxes of a tracklet lie."""

    boxes: int
    """Number of its boxes in frames that are scored."""
    votes: Mapping[int, int]
    """Number of its boxes on each true identity, ignored ones included; a box lies on one identity at most."""

    @property
    def identity(self) -> int | None:
        """The true identity with the most boxes, if these are at least half of all and no other has as many."""
        most = max(self.votes.values(), default=0)
        leaders = [identity for identity, count in self.votes.items() if count == most]
        return leaders[0] if len(leaders) == 1 and 2 * most >= self.boxes else None


def label_tracklets(run: FinishedRun, truth: Mapping[str, CameraTruth]) -> dict[Key, int | None]:
    """Return the true identity of each tracklet of a finished run.

    A tracklet shows the true identity on which most of its boxes lie: with an IoU of at least 0.5 and, if the ground
    truth has classes, in the same class group. At least half of its boxes in the frames that the ground truth covers
    must lie on this identity, and no other identity may have as many.

    Args:
        run: the finished run.
        truth: ground truth by camera; tracklets of other cameras show no identity.

    Returns:
        True identities by camera and track; None: the tracklet shows none.

    Raises:
        RunError: a file of the run is missing or damaged.
    """
    scene = build_scene(run, truth)
    labels = label_boxes(scene)
    return {tracklet.key: label.identity for tracklet, label in zip(scene.tracklets, labels, strict=True)}


def label_boxes(scene: Scene) -> list[Label]:
    """Return the label of each tracklet of a scene, in the order of its tracklets."""
    overlaps = scene.overlaps.select(scene.overlaps.iou >= MIN_IOU)
    order = np.lexsort((overlaps.rows, -overlaps.iou, overlaps.columns))
    columns, first = np.unique(overlaps.columns[order], return_index=True)
    rows = overlaps.rows[order[first]]  # (p,) the true box that each tracked box overlaps most
    pairs = np.stack([scene.tracked.owners[columns], scene.truth.owners[rows]], axis=1)
    pairs, counts = np.unique(pairs, axis=0, return_counts=True)
    votes: dict[int, dict[int, int]] = defaultdict(dict)
    for (tracklet, identity), count in zip(pairs.tolist(), counts.tolist(), strict=True):
        votes[tracklet][identity] = count
    boxes = np.bincount(scene.tracked.owners, minlength=len(scene.tracklets)).tolist()
    return [Label(count, votes.get(tracklet, {})) for tracklet, count in enumerate(boxes)]

"""Which step of the run lost whom? Every true box that no right identity covers has one culprit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.scoring.labels import Label
from pipeline.scoring.measures import SAME
from pipeline.scoring.run_boxes import Tracklet
from pipeline.scoring.scene import Scene

Step = Literal[
    "right", "missed", "lost", "swapped", "split", "rejected", "linked_wrongly", "ambiguous", "alone"
]
MEANING: dict[Step, str] = {
    "right": "under the identity that is theirs",
    "missed": "missed by the detector: no box there",
    "lost": "lost by the tracker: a box, but of no track",
    "swapped": "swapped by the tracker: in a tracklet of somebody else, or of several",
    "split": "split by the tracker: in view all the time, but begun anew and not joined again",
    "rejected": "left out of matching: too short, too small, of poor quality, or as told",
    "linked_wrongly": "linked wrongly: under an identity that shows somebody else, too",
    "ambiguous": "left alone: the link was too close to call",
    "alone": "left alone: no link reached the threshold, or another took its place",
}
"""What became of true boxes, in the order of the steps."""
STEPS: tuple[Step, ...] = tuple(MEANING)
MIXED = 0.1
"""Share of a tracklet's boxes on somebody else from which the tracker swapped two."""


@dataclass(frozen=True)
class Verdict:
    """One tracklet, judged."""

    tracklet: Tracklet
    identity: int | None
    """The run's."""
    status: str
    person: int | None
    """The truth's."""
    boxes: int
    """In frames that are scored."""
    on_person: int
    """Those of them on the person."""
    step: Step | Literal["nobody"]
    """What went wrong; `right` where nothing did, `nobody` for one that lies on nobody and was matched all the same."""


def judge(scene: Scene, labels: Sequence[Label], own: Mapping[int, int]) -> list[Verdict]:
    """Judge each tracklet of a scene, in its order.

    Args:
        scene: truth and run.
        labels: of each tracklet.
        own: the identity that is each true identity's, if it has one.
    """
    shown: dict[int, set[int]] = defaultdict(set)
    for row, label in zip(scene.tracklets, labels, strict=True):
        if row.identity is not None and label.identity is not None:
            shown[row.identity].add(label.identity)
    broken = _broken(scene, labels)
    verdicts = []
    for place, (row, label) in enumerate(zip(scene.tracklets, labels, strict=True)):
        person = label.identity
        step: Step | Literal["nobody"]
        if row.identity is None:
            step = "right" if person is None else "rejected"
        elif _mixed(label):
            step = "swapped"
        elif person is None:
            step = "nobody" if label.boxes else "right"
        elif own.get(person) == row.identity:
            step = "right"
        elif shown[row.identity] != {person}:
            step = "linked_wrongly"
        elif place in broken:
            step = "split"
        else:
            step = "ambiguous" if row.status == "ambiguous" else "alone"
        on_person = label.votes[person] if person is not None else 0
        verdicts.append(Verdict(row.key, row.identity, row.status, person, label.boxes, on_person, step))
    return verdicts


def _mixed(label: Label) -> bool:
    """Tell whether a tracklet shows two, or changes from one to another."""
    others = sum(label.votes.values()) - max(label.votes.values(), default=0)
    return others > MIXED * label.boxes


def _broken(scene: Scene, labels: Sequence[Label]) -> set[int]:
    """Find the tracklets next to another of the same person and camera who was in view all between.

    In view is who has a true box in at least half of the frames between.
    """
    order = np.lexsort((scene.tracked.frames, scene.tracked.owners))
    owners, first = np.unique(scene.tracked.owners[order], return_index=True)
    last = np.append(first[1:], len(order))[: len(first)] - 1
    lives = defaultdict(list)
    for place, begin, end in zip(owners.tolist(), order[first].tolist(), order[last].tolist(), strict=True):
        person = labels[place].identity
        if scene.tracklets[place].identity is not None and person is not None:
            span = int(scene.tracked.frames[begin]), int(scene.tracked.frames[end])
            lives[person, int(scene.tracked.cameras[begin])].append((*span, place))
    true = np.lexsort((scene.truth.frames, scene.truth.cameras, scene.truth.owners))
    keys = scene.truth.owners[true] * len(scene.cameras) + scene.truth.cameras[true]
    found: set[int] = set()
    for (person, camera), spans in lives.items():
        bounds = np.searchsorted(keys, person * len(scene.cameras) + camera + np.arange(2))
        seen = scene.truth.frames[true[slice(*bounds)]]
        for (_, end, before), (begin, _, after) in pairwise(sorted(spans)):
            if 2 * _between(seen, end, begin) >= _between(scene.frames[camera], end, begin):
                found |= {before, after}
    return found


def _between(frames: NDArray[np.int64], after: int, before: int) -> int:
    """Count the frames, given in order, between two."""
    return max(int(np.searchsorted(frames, before, "left") - np.searchsorted(frames, after, "right")), 0)


def blame(scene: Scene, verdicts: Sequence[Verdict], own: Mapping[int, int]) -> NDArray[np.intp]:
    """Find the step that decided about each true box.

    Looked at is the box of a tracklet that lies on it most; one that has an identity goes before one that has none.

    Returns:
        (n,) places in `STEPS`.
    """
    steps = np.full(len(scene.truth), STEPS.index("missed"))
    seen = scene.truth.over(scene.detected)
    steps[seen.rows[seen.iou >= SAME]] = STEPS.index("lost")
    near = scene.near.select(scene.near.iou >= SAME)
    matched = scene.identities[near.columns] >= 0
    steps[near.rows[~matched]] = STEPS.index("rejected")
    near = near.select(matched)
    best = np.lexsort((-near.columns, near.iou))  # the last one written counts
    people, tracklets = scene.truth.owners[near.rows], scene.tracked.owners[near.columns]
    shown = np.array([-1 if one.person is None else one.person for one in verdicts], np.int64)[tracklets]
    whose = np.array([STEPS.index(_of_box(one.step)) for one in verdicts], np.intp)[tracklets]
    whose[shown != people] = STEPS.index("swapped")
    steps[near.rows[best]] = whose[best]
    mine = np.array([own.get(person, -1) for person in people.tolist()], np.int64)
    steps[near.rows[scene.identities[near.columns] == mine]] = STEPS.index("right")
    return steps


def _of_box(step: Step | Literal["nobody"]) -> Step:
    """Say what lost a box of a tracklet that lies on whom it shows; one of a right tracklet is right by itself."""
    return "swapped" if step == "nobody" else step

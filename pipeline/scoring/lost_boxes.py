"""Losses by step: which step of the run lost each true box that has no correct identity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.scoring.labels import Label
from pipeline.scoring.measures import MIN_IOU
from pipeline.scoring.scene import Scene
from pipeline.tracking.tracklets import Key

Step = Literal[
    "right", "missed", "lost", "swapped", "split", "rejected", "linked_wrongly", "ambiguous", "alone"
]
MEANING: dict[Step, str] = {
    "right": "correct identity",
    "missed": "detector: no box",
    "lost": "tracker: box without a track",
    "swapped": "tracker: tracklet shows another object, or several",
    "split": "tracker: tracklet interrupted while the object was in view",
    "rejected": "not matched: too short, too small, poor quality or ignored",
    "linked_wrongly": "matching: wrong link, the identity also shows another object",
    "ambiguous": "matching: no link, too close to the runner-up",
    "alone": "matching: no link, below the threshold or excluded by another link",
}
"""Description of each step, in the order of the pipeline."""
STEPS: tuple[Step, ...] = tuple(MEANING)
MAX_FOREIGN = 0.1
"""Largest share of a tracklet's boxes on other identities; above it the tracker swapped two objects."""


@dataclass(frozen=True)
class TrackletVerdict:
    """What a tracklet shows, and which step went wrong with it."""

    key: Key
    identity: int | None
    """Identity in the run; None: the tracklet was not matched."""
    status: str
    person: int | None
    """True identity; None: it shows none."""
    boxes: int
    """Number of its boxes in scored frames."""
    on_person: int
    """Number of these boxes on the true identity."""
    step: Step | Literal["nobody"]
    """The step that went wrong, or `right`; `nobody`: the tracklet was matched, but shows no true identity."""


def judge_tracklets(
    scene: Scene, labels: Sequence[Label], assigned: Mapping[int, int]
) -> list[TrackletVerdict]:
    """Return the verdict on each tracklet of a scene, in the order of its tracklets.

    Args:
        scene: ground truth and run.
        labels: label of each tracklet.
        assigned: the run's identity that is assigned to each true identity; some true identities have none.
    """
    shown: dict[int, set[int]] = defaultdict(set)
    for tracklet, label in zip(scene.tracklets, labels, strict=True):
        if tracklet.identity is not None and label.identity is not None:
            shown[tracklet.identity].add(label.identity)
    interrupted = _interrupted_tracklets(scene, labels)
    verdicts = []
    for index, (tracklet, label) in enumerate(zip(scene.tracklets, labels, strict=True)):
        person = label.identity
        step: Step | Literal["nobody"]
        if tracklet.identity is None:
            step = "right" if person is None else "rejected"
        elif _shows_several(label):
            step = "swapped"
        elif person is None:
            step = "nobody" if label.boxes else "right"
        elif assigned.get(person) == tracklet.identity:
            step = "right"
        elif shown[tracklet.identity] != {person}:
            step = "linked_wrongly"
        elif index in interrupted:
            step = "split"
        else:
            step = "ambiguous" if tracklet.status == "ambiguous" else "alone"
        verdicts.append(
            TrackletVerdict(
                key=tracklet.key,
                identity=tracklet.identity,
                status=tracklet.status,
                person=person,
                boxes=label.boxes,
                on_person=0 if person is None else label.votes[person],
                step=step,
            )
        )
    return verdicts


def _shows_several(label: Label) -> bool:
    """Return whether a tracklet shows several identities, at once or one after the other."""
    others = sum(label.votes.values()) - max(label.votes.values(), default=0)
    return others > MAX_FOREIGN * label.boxes


def _interrupted_tracklets(scene: Scene, labels: Sequence[Label]) -> set[int]:
    """Return the tracklets before and after an interruption during which their object was in view.

    Both tracklets are of the same camera and the same true identity. The object was in view if it has a true box in at
    least half of the frames between them.
    """
    order = np.lexsort((scene.tracked.frames, scene.tracked.owners))
    owners, first = np.unique(scene.tracked.owners[order], return_index=True)
    last = np.append(first[1:], len(order))[: len(first)] - 1
    spans = defaultdict(list)
    for index, begin, end in zip(owners.tolist(), order[first].tolist(), order[last].tolist(), strict=True):
        person = labels[index].identity
        if scene.tracklets[index].identity is not None and person is not None:
            first_frame, last_frame = int(scene.tracked.frames[begin]), int(scene.tracked.frames[end])
            spans[person, int(scene.tracked.cameras[begin])].append((first_frame, last_frame, index))
    by_object = np.lexsort((scene.truth.frames, scene.truth.cameras, scene.truth.owners))
    keys = scene.truth.owners[by_object] * len(scene.cameras) + scene.truth.cameras[by_object]
    interrupted: set[int] = set()
    for (person, camera), tracklets in spans.items():
        key = person * len(scene.cameras) + camera
        low, high = np.searchsorted(keys, [key, key + 1])
        in_view = scene.truth.frames[by_object[low:high]]
        for (_, end, before), (begin, _, after) in pairwise(sorted(tracklets)):
            if 2 * _count_between(in_view, end, begin) >= _count_between(scene.frames[camera], end, begin):
                interrupted |= {before, after}
    return interrupted


def _count_between(frames: NDArray[np.int64], after: int, before: int) -> int:
    """Return the number of increasing frames that lie between two frames."""
    return max(int(np.searchsorted(frames, before, "left") - np.searchsorted(frames, after, "right")), 0)


def find_losses(
    scene: Scene, verdicts: Sequence[TrackletVerdict], assigned: Mapping[int, int]
) -> NDArray[np.intp]:
    """Return which step lost each true box.

    Of several boxes of tracklets on a true box, the one with the largest IoU decides. Boxes of matched tracklets
    take precedence.

    Args:
        scene: ground truth and run.
        verdicts: verdict on each tracklet.
        assigned: the run's identity that is assigned to each true identity.

    Returns:
        (n,) indices in `STEPS`.
    """
    steps = np.full(len(scene.truth), STEPS.index("missed"))
    detected = scene.truth.overlaps_with(scene.detected)
    steps[detected.rows[detected.iou >= MIN_IOU]] = STEPS.index("lost")
    overlaps = scene.overlaps.select(scene.overlaps.iou >= MIN_IOU)
    matched = scene.identities[overlaps.columns] >= 0
    steps[overlaps.rows[~matched]] = STEPS.index("rejected")
    overlaps = overlaps.select(matched)
    people, tracklets = scene.truth.owners[overlaps.rows], scene.tracked.owners[overlaps.columns]
    shown = np.array([-1 if verdict.person is None else verdict.person for verdict in verdicts], np.int64)
    tracklet_steps = [
        STEPS.index("swapped" if verdict.step == "nobody" else verdict.step) for verdict in verdicts
    ]
    box_steps = np.array(tracklet_steps, np.intp)[tracklets]
    box_steps[shown[tracklets] != people] = STEPS.index("swapped")
    by_iou = np.lexsort((-overlaps.columns, overlaps.iou))  # the last assignment to a row counts
    steps[overlaps.rows[by_iou]] = box_steps[by_iou]
    correct = np.array([assigned.get(person, -1) for person in people.tolist()], np.int64)
    steps[overlaps.rows[scene.identities[overlaps.columns] == correct]] = STEPS.index("right")
    return steps

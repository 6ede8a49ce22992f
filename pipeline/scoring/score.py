"""Score of a finished run: all measures that `reid-pipeline score` reports."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.class_names import class_group
from pipeline.errors import PipelineError
from pipeline.results.records import FinishedRun
from pipeline.scoring.labels import label_boxes
from pipeline.scoring.links import Direction, Links, ScoredTracklet, count_links
from pipeline.scoring.lost_boxes import STEPS, Step, TrackletVerdict, find_losses, judge_tracklets
from pipeline.scoring.measures import MIN_IOU, Comparison, TrackingMetrics, assign_identities
from pipeline.scoring.overlaps import best_pairs
from pipeline.scoring.purity import IdentityRow, list_identities
from pipeline.scoring.scene import Scene, build_scene
from pipeline.scoring.truth import CameraTruth


@dataclass(frozen=True)
class PersonRow:
    """The boxes of one true identity in one camera."""

    person: int
    camera: str
    steps: Mapping[Step, int]
    """Number of boxes by the step that lost them; `right` for correct boxes."""

    @property
    def boxes(self) -> int:
        """Number of all boxes."""
        return sum(self.steps.values())

    @property
    def worst(self) -> Step:
        """The step that lost the most boxes; `right` if none was lost."""
        lost = [step for step in self.steps if step != "right"]
        return max(lost, key=lambda step: self.steps[step], default="right")


@dataclass(frozen=True)
class Score:
    """A run evaluated against ground truth."""

    overall: TrackingMetrics
    """Over all cameras: identities are shared by the cameras, frames are not."""
    cameras: Mapping[str, TrackingMetrics]
    classes: Mapping[str, TrackingMetrics]
    """By class group; empty if the ground truth has no classes."""
    links: Mapping[Direction, Links]
    all_links: Links
    identities: tuple[IdentityRow, ...]
    people: tuple[PersonRow, ...]
    verdicts: tuple[TrackletVerdict, ...]
    """Verdict on each tracklet with boxes in scored frames."""
    notes: tuple[str, ...]
    """Sentences on what was not scored."""

    @property
    def steps(self) -> dict[Step, int]:
        """Number of true boxes by the step that lost them."""
        total = sum((Counter(dict(row.steps)) for row in self.people), Counter[Step]())
        return {step: total[step] for step in STEPS}

    def as_json(self) -> dict[str, Any]:
        """Return all measures as numbers, texts and lists."""
        return {
            "overall": asdict(self.overall),
            "cameras": {name: asdict(metrics) for name, metrics in self.cameras.items()},
            "classes": {name: asdict(metrics) for name, metrics in self.classes.items()},
            "links": _links_to_json(self.all_links),
            "ways": [{"from": a, "to": b, **_links_to_json(links)} for (a, b), links in self.links.items()],
            "steps": self.steps,
            "identities": [
                asdict(row) | {"purity": row.purity, "completeness": row.completeness}
                for row in self.identities
            ],
            "people": [asdict(row) | {"worst": row.worst} for row in self.people],
            "tracklets": [_verdict_to_json(verdict) for verdict in self.verdicts],
            "notes": list(self.notes),
        }


def _links_to_json(links: Links) -> dict[str, float]:
    shares = ("precision", "recall", "offered_recall", "people_recall")
    return asdict(links) | {name: getattr(links, name) for name in shares}


def _verdict_to_json(verdict: TrackletVerdict) -> dict[str, Any]:
    fields = asdict(verdict)
    camera, track = fields.pop("key")
    return {"camera": camera, "track": track} | fields


def score_run(run: FinishedRun, truth: Mapping[str, CameraTruth]) -> Score:
    """Evaluate a finished run against ground truth.

    Only frames that the run processed and the ground truth covers are scored, with the boxes of the tracklets that
    have an identity. A box is correct if it lies (IoU of at least 0.5) on the true identity to which its identity is
    assigned.

    Args:
        run: the finished run.
        truth: ground truth by camera, as `read_truth` returns it.

    Raises:
        PipelineError: a file of the run is missing or damaged, or nothing of the run can be scored.
    """
    scene = build_scene(run, truth)
    if not any(map(len, scene.frames)):
        raise PipelineError(
            f"{run.folder}: the run processed no frame that the ground truth covers; name the ground truth of this run"
        )
    true_scored, tracked_scored = scored_boxes(scene)
    if not true_scored.any():
        raise PipelineError(
            f"{run.folder}: the ground truth has no box to score in the frames that the run processed; "
            "name the ground truth of this run"
        )
    all_boxes = Comparison(scene.truth.owners, scene.identities, scene.overlaps)
    comparison = all_boxes.select(true_scored, tracked_scored)
    assigned = {person: identity for person, identity, _ in assign_identities(comparison)}
    labels = label_boxes(scene)
    verdicts = judge_tracklets(scene, labels, assigned)
    with_boxes = [index for index, label in enumerate(labels) if label.boxes]
    tracklets = [
        ScoredTracklet(
            key=scene.tracklets[index].key,
            identity=scene.tracklets[index].identity,
            person=labels[index].identity,
            start=scene.tracklets[index].start,
        )
        for index in with_boxes
    ]
    links = count_links(tracklets, _first_seen(scene, true_scored))

    def measure(true: NDArray[np.bool_], tracked: NDArray[np.bool_]) -> TrackingMetrics:
        return all_boxes.select(true_scored & true, tracked_scored & tracked).metrics()

    overall = comparison.metrics()
    return Score(
        overall=overall,
        cameras={
            name: measure(scene.truth.cameras == index, scene.tracked.cameras == index)
            for index, name in enumerate(scene.cameras)
        },
        classes={
            name: overall
            if len(scene.groups) == 1
            else measure(scene.truth.groups == index, scene.tracked.groups == index)
            for index, name in enumerate(scene.groups)
            if name
        },
        links=links,
        all_links=sum(links.values(), Links()),
        identities=tuple(list_identities(scene, comparison)),
        people=tuple(_list_people(scene, true_scored, find_losses(scene, verdicts, assigned))),
        verdicts=tuple(verdicts[index] for index in with_boxes),
        notes=tuple(_list_notes(run, scene, truth)),
    )


def scored_boxes(scene: Scene) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the (n,) mask of the true boxes and the (m,) mask of the tracked boxes that are scored.

    True boxes are scored unless they are ignored or unmarked. Boxes of tracklets with an identity are scored, unless they
    match an ignored true box when boxes are paired one to one, or only one camera saw their identity and the ground
    truth holds no such identities.
    """
    tracked_scored = scene.identities >= 0
    if scene.several_cameras:
        seen = np.unique(np.stack([scene.identities, scene.tracked.cameras]), axis=1)[0]
        identities, cameras = np.unique(seen, return_counts=True)
        tracked_scored &= np.isin(scene.identities, identities[cameras > 1])
    overlaps = scene.overlaps
    overlaps = overlaps.select((overlaps.iou >= MIN_IOU) & tracked_scored[overlaps.columns])
    if scene.ignored.any():
        overlaps = overlaps.select(best_pairs(overlaps.rows, overlaps.columns, overlaps.iou))
        tracked_scored[overlaps.columns[scene.ignored[overlaps.rows]]] = False
    return ~scene.ignored & ~scene.unmarked, tracked_scored


def _first_seen(scene: Scene, scored: NDArray[np.bool_]) -> dict[int, dict[str, float]]:
    """Return the time in seconds at which each camera first saw each true identity."""
    first_seen: dict[int, dict[str, float]] = defaultdict(dict)
    for index, camera in enumerate(scene.cameras):
        boxes = scene.truth.select(scored & (scene.truth.cameras == index))
        order = np.argsort(boxes.frames, kind="stable")
        people, first = np.unique(boxes.owners[order], return_index=True)
        times = scene.seconds[index][np.searchsorted(scene.frames[index], boxes.frames[order[first]])]
        for person, time in zip(people.tolist(), times.tolist(), strict=True):
            first_seen[person][camera] = time
    return first_seen


def _list_people(scene: Scene, scored: NDArray[np.bool_], steps: NDArray[np.intp]) -> list[PersonRow]:
    """Return a row for each true identity in each camera, by both."""
    columns = np.stack([scene.truth.owners, scene.truth.cameras, steps], axis=1)[scored]
    rows, counts = np.unique(columns, axis=0, return_counts=True)
    by_person: dict[tuple[int, int], dict[Step, int]] = defaultdict(dict)
    for (person, camera, step), count in zip(rows.tolist(), counts.tolist(), strict=True):
        by_person[person, camera][STEPS[step]] = count
    return [
        PersonRow(person, scene.cameras[camera], person_steps)
        for (person, camera), person_steps in by_person.items()
    ]


def _list_notes(run: FinishedRun, scene: Scene, truth: Mapping[str, CameraTruth]) -> list[str]:
    """Return sentences on what was not scored."""
    counts = ", ".join(
        f"{len(frames)} of {name}" for name, frames in zip(scene.cameras, scene.frames, strict=True)
    )
    notes = [f"scored are only the frames that the run processed: {counts}"]
    steps = {name: truth[name].step for name in scene.cameras}
    notes += [
        f"the ground truth of {name} covers one frame in {step}; the other frames are not scored"
        for name, step in steps.items()
        if step > 1
    ]
    notes += [
        f"frames {start}-{end} of {name} are not scored: the ground truth has no box there"
        for name, start, end in scene.unlabelled
    ]
    read = {name for name, camera in run.record.cameras.items() if not camera.failed}
    notes += [f"{name} is not scored: the run could not read it" for name in sorted(truth.keys() - read)]
    notes += [f"{name} is not scored: it has no ground truth" for name in sorted(read - truth.keys())]
    without_boxes = [name for name in scene.cameras if not len(truth[name])]
    if without_boxes:
        notes.append(
            f"the ground truth has no box in {', '.join(without_boxes)}; all boxes of the run there count as false"
        )
    if scene.groups == ("",):
        notes.append("the ground truth has no classes; tracklets of all classes are scored")
    else:
        groups = Counter(class_group(tracklet.kind) for tracklet in scene.tracklets)
        notes += [
            f"class {group} is not scored: the ground truth has none (tracklets: {count})"
            for group, count in sorted(groups.items())
            if group not in scene.groups
        ]
    for name, mask in (("ignored", scene.ignored), ("not marked as to be scored", scene.unmarked)):
        if mask.any():
            notes.append(f"{int(mask.sum())} of {len(scene.truth)} true boxes are {name}")
    if scene.several_cameras:
        notes.append("identities that only one camera saw are not scored, as in AI City")
    return notes

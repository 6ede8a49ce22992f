"""How good is a run? Everything that `reid-pipeline score` tells, from a run's folder and the truth."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.boxes import class_group
from pipeline.errors import PipelineError
from pipeline.scoring.labels import Label, labels
from pipeline.scoring.links import Answer, Links, Way, count_links
from pipeline.scoring.losses_by_step import STEPS, Step, Verdict, blame, judge
from pipeline.scoring.measures import SAME, Comparison, Figures, assignment
from pipeline.scoring.overlaps import best_pairs
from pipeline.scoring.purity import IdentityRow, list_identities
from pipeline.scoring.run_boxes import Found, read_found
from pipeline.scoring.scene import Scene, side_by_side
from pipeline.scoring.truth import CameraTruth


@dataclass(frozen=True)
class PersonRow:
    """What became of one true identity's boxes in one camera."""

    person: int
    camera: str
    steps: Mapping[Step, int]
    """Boxes by the step that decided about them."""

    @property
    def boxes(self) -> int:
        """All of them."""
        return sum(self.steps.values())

    @property
    def worst(self) -> Step:
        """The step that lost the most; `right` where none lost any."""
        lost = [step for step in self.steps if step != "right"]
        return max(lost, key=lambda step: self.steps[step], default="right")


@dataclass(frozen=True)
class Score:
    """A run against the truth."""

    overall: Figures
    """Over all cameras at once: identities are the same everywhere, frames each camera's own."""
    cameras: Mapping[str, Figures]
    classes: Mapping[str, Figures]
    """By class group; empty where the truth does not tell classes apart."""
    links: Mapping[Way, Links]
    all_links: Links
    identities: tuple[IdentityRow, ...]
    people: tuple[PersonRow, ...]
    verdicts: tuple[Verdict, ...]
    """Of each tracklet that is scored."""
    notes: tuple[str, ...]
    """What a reader of the figures must know."""

    @property
    def steps(self) -> dict[Step, int]:
        """True boxes by the step that decided about them."""
        total = sum((Counter(dict(row.steps)) for row in self.people), Counter[Step]())
        return {step: total[step] for step in STEPS}

    def as_json(self) -> dict[str, Any]:
        """Say everything in numbers, text and lists."""
        return {
            "overall": asdict(self.overall),
            "cameras": {name: asdict(figures) for name, figures in self.cameras.items()},
            "classes": {name: asdict(figures) for name, figures in self.classes.items()},
            "links": _links(self.all_links),
            "ways": [{"from": a, "to": b, **_links(links)} for (a, b), links in self.links.items()],
            "steps": self.steps,
            "identities": [
                asdict(row) | {"purity": row.purity, "completeness": row.completeness}
                for row in self.identities
            ],
            "people": [asdict(row) | {"worst": row.worst} for row in self.people],
            "tracklets": [_verdict(one) for one in self.verdicts],
            "notes": list(self.notes),
        }


def _links(links: Links) -> dict[str, float]:
    shares = ("precision", "recall", "offered_recall", "people_recall")
    return asdict(links) | {name: getattr(links, name) for name in shares}


def _verdict(one: Verdict) -> dict[str, Any]:
    camera, track = one.tracklet
    return {"camera": camera, "track": track} | {k: v for k, v in asdict(one).items() if k != "tracklet"}


def score_run(run: Path, truth: Mapping[str, CameraTruth]) -> Score:
    """Hold a finished run against the truth.

    Scored are the frames that the run looked at and the truth covers. A found box is one of a tracklet with an
    identity; it is right where it lies (IoU of at least 0.5) on the true identity to which the identity was assigned.

    Args:
        run: folder of a finished run.
        truth: by camera, as `read_truth` gives it.

    Raises:
        PipelineError: the run is damaged, or none of it can be scored.
    """
    found = read_found(run)
    scene = side_by_side(found, truth)
    if not any(map(len, scene.frames)):
        raise PipelineError(
            f"{run}: the run looked at no frame that the truth covers; name the truth of this run"
        )
    counts, given = demanded(scene)
    if not counts.any():
        raise PipelineError(
            f"{run}: the truth has no box that counts in the frames that the run looked at; name the truth of this run"
        )
    whole = Comparison(scene.truth.owners, scene.identities, scene.near)
    comparison = whole.of(counts, given)
    own = {person: identity for person, identity, _ in assignment(comparison)}
    labelled = labels(scene)
    judged = judge(scene, labelled, own)
    scored = [place for place, label in enumerate(labelled) if label.boxes]
    ways = count_links(_answers(scene, labelled), _first_seen(scene, counts))

    def part(true: NDArray[np.bool_], tracked: NDArray[np.bool_]) -> Figures:
        return whole.of(counts & true, given & tracked).figures()

    overall = comparison.figures()
    return Score(
        overall=overall,
        cameras={
            name: part(scene.truth.cameras == place, scene.tracked.cameras == place)
            for place, name in enumerate(scene.cameras)
        },
        classes={
            name: overall
            if len(scene.groups) == 1
            else part(scene.truth.groups == place, scene.tracked.groups == place)
            for place, name in enumerate(scene.groups)
            if name
        },
        links=ways,
        all_links=sum(ways.values(), Links()),
        identities=tuple(list_identities(scene, comparison)),
        people=tuple(_people(scene, counts, blame(scene, judged, own))),
        verdicts=tuple(judged[place] for place in scored),
        notes=tuple(_notes(found, scene, truth)),
    )


def demanded(scene: Scene) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which true and which tracked boxes count.

    True ones that are not ignored; tracked ones of tracklets with an identity, unless they lie on an ignored true box
    when boxes are paired one to one.
    """
    given = scene.identities >= 0
    near = scene.near.select((scene.near.iou >= SAME) & given[scene.near.columns])
    if scene.ignored.any():
        near = near.select(best_pairs(near.rows, near.columns, near.iou))
        given[near.columns[scene.ignored[near.rows]]] = False
    return ~scene.ignored, given


def _answers(scene: Scene, labelled: Sequence[Label]) -> list[Answer]:
    """Put together what is said and true of each tracklet with boxes in what is scored."""
    both = zip(scene.tracklets, labelled, strict=True)
    return [Answer(row.key, row.identity, label.identity, row.start) for row, label in both if label.boxes]


def _first_seen(scene: Scene, counts: NDArray[np.bool_]) -> dict[int, dict[str, float]]:
    """Look up when each camera first saw each true identity."""
    seen: dict[int, dict[str, float]] = defaultdict(dict)
    for place, name in enumerate(scene.cameras):
        own = scene.truth.select(counts & (scene.truth.cameras == place))
        order = np.argsort(own.frames, kind="stable")
        people, first = np.unique(own.owners[order], return_index=True)
        times = scene.seconds[place][np.searchsorted(scene.frames[place], own.frames[order[first]])]
        for person, time in zip(people.tolist(), times.tolist(), strict=True):
            seen[person][name] = time
    return seen


def _people(scene: Scene, counts: NDArray[np.bool_], steps: NDArray[np.intp]) -> list[PersonRow]:
    """Count the steps of each true identity in each camera, by both."""
    columns = np.stack([scene.truth.owners, scene.truth.cameras, steps], axis=1)[counts]
    found: dict[tuple[int, int], dict[Step, int]] = defaultdict(dict)
    for (person, camera, step), count in zip(
        *(values.tolist() for values in np.unique(columns, axis=0, return_counts=True)), strict=True
    ):
        found[person, camera][STEPS[step]] = count
    return [PersonRow(person, scene.cameras[camera], each) for (person, camera), each in found.items()]


def _notes(found: Found, scene: Scene, truth: Mapping[str, CameraTruth]) -> list[str]:
    """Say what was left out."""
    frames = ", ".join(f"{name} {len(each)}" for name, each in zip(scene.cameras, scene.frames, strict=True))
    notes = [f"scored are only frames that the run looked at: {frames}"]
    steps = {name: truth[name].step for name in scene.cameras}
    notes += [
        f"the truth of {name} names only every {step}. frame; others are not scored"
        for name, step in steps.items()
        if step > 1
    ]
    notes += [
        f"{name} is not scored: the run could not read it" for name in sorted(set(truth) - set(found.views))
    ]
    notes += [
        f"{name} is not scored: there is no truth of it" for name in sorted(set(found.views) - set(truth))
    ]
    blank = [name for name in scene.cameras if not len(truth[name])]
    if blank:
        notes.append(f"the truth has no box in {', '.join(blank)}: whatever was found there counts as false")
    if scene.groups == ("",):
        notes.append("the truth does not tell classes apart: every tracklet counts, whatever its class")
        return notes + _ignored(scene)
    strange = Counter(
        class_group(one.kind) for one in found.tracklets if class_group(one.kind) not in scene.groups
    )
    notes += [
        f"{n} tracklets of the class {name} are not scored: the truth has none"
        for name, n in sorted(strange.items())
    ]
    return notes + _ignored(scene)


def _ignored(scene: Scene) -> list[str]:
    count = int(scene.ignored.sum())
    return [f"{count} of {len(scene.truth)} true boxes are neither demanded nor punished"] if count else []

"""Scene: the boxes of a run and of the ground truth, in the frames that both cover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from detectors.boxes import Detections
from detectors.class_names import class_group
from pipeline.results.records import FinishedRun, TrackletRecord
from pipeline.scoring.overlaps import Overlaps, find_overlaps
from pipeline.scoring.run_boxes import CameraView, box_owners, read_corners, read_views
from pipeline.scoring.truth import CameraTruth

FRAMES = 1 << 32
"""Upper limit of the frames of a recording."""
UNLABELLED = 0.1
"""Share of a camera's frames from which a stretch without true boxes at its start or end counts as not labelled."""
GROUPS = 1 << 10
"""Upper limit of the number of class groups."""


@dataclass(frozen=True, eq=False)
class BoxSet:
    """Boxes of all cameras; arrays share their first axis, `n` boxes."""

    cameras: NDArray[np.intp]
    """(n,) index of the camera in the scene."""
    frames: NDArray[np.int64]
    """(n,) source frames."""
    groups: NDArray[np.intp]
    """(n,) index of the class group in the scene; -1 for a group that the ground truth does not have."""
    owners: NDArray[np.int64]
    """(n,) true identity, or index of the tracklet in the scene; 0 for detected boxes."""
    boxes: NDArray[np.float32]
    """(n, 4) corners."""

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def moments(self) -> NDArray[np.int64]:
        """(n,) numbers, equal for boxes of the same camera, frame and class group."""
        return np.asarray((self.cameras * GROUPS + self.groups) * FRAMES + self.frames, np.int64)

    def select(self, keep: NDArray[np.bool_]) -> BoxSet:
        """Return some of the boxes, given as an (n,) mask."""
        return BoxSet(
            cameras=self.cameras[keep],
            frames=self.frames[keep],
            groups=self.groups[keep],
            owners=self.owners[keep],
            boxes=self.boxes[keep],
        )

    def overlaps_with(self, others: BoxSet) -> Overlaps:
        """Return the overlapping pairs of these boxes (rows) and other boxes (columns)."""
        return find_overlaps(self.moments, self.boxes, others.moments, others.boxes)


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that is scored."""

    cameras: tuple[str, ...]
    groups: tuple[str, ...]
    """Class groups; a single empty name if the ground truth has no classes."""
    frames: tuple[NDArray[np.int64], ...]
    """Scored frames of each camera, increasing."""
    unlabelled: tuple[tuple[str, int, int], ...]
    """Stretches without ground truth: camera, first and last processed frame."""
    seconds: tuple[NDArray[np.float64], ...]
    """Times of these frames on the shared timeline."""
    tracklets: tuple[TrackletRecord, ...]
    """All tracklets of the run, by camera and track."""
    truth: BoxSet
    """The n true boxes."""
    ignored: NDArray[np.bool_]
    """(n,) true boxes that are ignored: neither missing nor matching them counts."""
    unmarked: NDArray[np.bool_]
    """(n,) true boxes that do not count: missing them costs nothing, but a box on them is false."""
    several_cameras: bool
    """True if only identities that several cameras saw are scored."""
    tracked: BoxSet
    """The m boxes of the tracklets."""
    detected: BoxSet
    """The boxes of the detector."""

    @cached_property
    def overlaps(self) -> Overlaps:
        """The overlapping pairs of a true box (row) and a box of a tracklet (column)."""
        return self.truth.overlaps_with(self.tracked)

    @cached_property
    def identities(self) -> NDArray[np.int64]:
        """(m,) identity of each tracked box in the run; -1 for none."""
        identities = [-1 if tracklet.identity is None else tracklet.identity for tracklet in self.tracklets]
        return np.array(identities, np.int64)[self.tracked.owners]


def build_scene(run: FinishedRun, truth: Mapping[str, CameraTruth]) -> Scene:
    """Collect the boxes of a run and of the ground truth.

    Left out are cameras without ground truth and cameras that the run could not read, frames that the run did not
    process or that the ground truth does not cover, and, if the ground truth has classes, class groups that it does
    not have.

    Raises:
        RunError: a file of the run is missing or damaged.
    """
    all_views = read_views(run)
    views = {name: view for name, view in all_views.items() if name in truth}
    groups = _class_groups([truth[name].kinds for name in views])
    tracklets = tuple(sorted(run.tracklets, key=lambda tracklet: tracklet.key))
    owners, corners = box_owners(run, tracklets), read_corners(run)
    tracklet_groups = _group_indices(np.array([tracklet.kind for tracklet in tracklets], np.str_), groups)
    true_sets, tracked_sets, detected_sets = [], [], []
    for index, (name, view) in enumerate(views.items()):
        true, rows = truth[name], run.boxes.cameras == name
        true_sets.append(
            _box_set(index, true.frames, _group_indices(true.kinds, groups), true.identities, true.boxes)
        )
        tracked_sets.append(
            _box_set(
                index, run.boxes.frames[rows], tracklet_groups[owners[rows]], owners[rows], corners[rows]
            )
        )
        no_owners = np.zeros(len(view.detected), np.int64)
        detected_sets.append(
            _box_set(index, view.detected, _group_indices(view.kinds, groups), no_owners, view.boxes)
        )
    first, last = _labelled_stretch(truth)
    labelled = [_labelled(truth[name], view.frames, first, last) for name, view in views.items()]
    covered = [
        truth[name].covers(view.frames) & rows
        for (name, view), rows in zip(views.items(), labelled, strict=True)
    ]
    frames = tuple(view.frames[rows] for view, rows in zip(views.values(), covered, strict=True))
    ignored = [truth[name].ignored | _in_ignored_polygon(truth[name], view) for name, view in views.items()]
    true_boxes, tracked, detected = map(_concatenate, (true_sets, tracked_sets, detected_sets))
    scored = _is_scored(true_boxes, frames)
    return Scene(
        cameras=tuple(views),
        groups=groups,
        frames=frames,
        unlabelled=tuple(
            (name, int(frames[0]), int(frames[-1]))
            for (name, view), rows in zip(views.items(), labelled, strict=True)
            for frames in (
                view.frames[~rows & (view.frames < first)],
                view.frames[~rows & (view.frames >= first)],
            )
            if len(frames)
        ),
        seconds=tuple(view.seconds[rows] for view, rows in zip(views.values(), covered, strict=True)),
        tracklets=tracklets,
        truth=true_boxes.select(scored),
        ignored=np.concatenate([np.empty(0, np.bool_), *ignored])[scored],
        unmarked=np.concatenate([np.empty(0, np.bool_), *(truth[name].unmarked for name in views)])[scored],
        several_cameras=len(views) > 1 and any(truth[name].several_cameras for name in views),
        tracked=tracked.select(_is_scored(tracked, frames)),
        detected=detected.select(_is_scored(detected, frames)),
    )


def _labelled_stretch(truth: Mapping[str, CameraTruth]) -> tuple[int, int]:
    """Return the first and the last frame with a box in any camera."""
    frames = np.concatenate([np.empty(0, np.int64), *(camera.frames for camera in truth.values())])
    return (int(frames.min()), int(frames.max())) if len(frames) else (0, 0)


def _labelled(truth: CameraTruth, frames: NDArray[np.int64], first: int, last: int) -> NDArray[np.bool_]:
    """Return which of (f,) processed frames lie in the labelled stretch.

    Frames before the `first` box of all cameras and after the `last` one count as not labelled if they are many;
    a few may be frames in which nobody was.
    """
    if truth.length is not None:
        return np.asarray(frames < truth.length)
    labelled = np.ones(len(frames), np.bool_)
    for outside in (frames < first, frames > last):
        if outside.sum() > UNLABELLED * len(frames):
            labelled &= ~outside
    return labelled


def _class_groups(kinds: Sequence[NDArray[np.str_]]) -> tuple[str, ...]:
    """Return the class groups of the ground truth, sorted; one empty name if it has no classes."""
    names = {name for camera_kinds in kinds for name in np.unique(camera_kinds).tolist()}
    return ("",) if "" in names or not names else tuple(sorted({class_group(name) for name in names}))


def _group_indices(kinds: NDArray[np.str_], groups: tuple[str, ...]) -> NDArray[np.intp]:
    """Return the index of the group of each of (n,) classes; -1 for a group that is not among `groups`."""
    if groups == ("",):
        return np.zeros(len(kinds), np.intp)
    names, code = np.unique(kinds, return_inverse=True)
    indices = {group: index for index, group in enumerate(groups)}
    return np.array([indices.get(class_group(name), -1) for name in names.tolist()], np.intp)[code]


def _box_set(
    camera: int,
    frames: NDArray[np.int64],
    groups: NDArray[np.intp],
    owners: NDArray[np.int64] | NDArray[np.intp],
    boxes: NDArray[np.float32],
) -> BoxSet:
    """Return the boxes of one camera."""
    return BoxSet(np.full(len(frames), camera, np.intp), frames, groups, owners.astype(np.int64), boxes)


def _concatenate(sets: Sequence[BoxSet]) -> BoxSet:
    """Return the boxes of all cameras."""
    none = np.empty(0, np.int64)
    sets = [_box_set(0, none, none.astype(np.intp), none, np.empty((0, 4), np.float32)), *sets]
    return BoxSet(
        cameras=np.concatenate([boxes.cameras for boxes in sets]),
        frames=np.concatenate([boxes.frames for boxes in sets]),
        groups=np.concatenate([boxes.groups for boxes in sets]),
        owners=np.concatenate([boxes.owners for boxes in sets]),
        boxes=np.concatenate([boxes.boxes for boxes in sets]),
    )


def _is_scored(boxes: BoxSet, frames: Sequence[NDArray[np.int64]]) -> NDArray[np.bool_]:
    """Return the (n,) mask of the boxes in scored frames whose class group the ground truth has."""
    keep = boxes.groups >= 0
    for camera, scored in enumerate(frames):
        keep &= (boxes.cameras != camera) | np.isin(boxes.frames, scored)
    return keep


def _in_ignored_polygon(truth: CameraTruth, view: CameraView) -> NDArray[np.bool_]:
    """Return the (n,) mask of the true boxes that stand in an ignored polygon of the run."""
    if not view.ignore or not len(truth):
        return np.zeros(len(truth), np.bool_)
    from pipeline.tracking.ignored import outside_polygons  # its import costs OpenCV

    rows = np.arange(len(truth))
    boxes = Detections(truth.boxes, np.ones(len(truth), np.float32), truth.kinds, rows)
    outside = outside_polygons(boxes, view.ignore).tracks
    return np.isin(rows, [] if outside is None else outside, invert=True)

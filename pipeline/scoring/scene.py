"""Truth and run side by side: the boxes of all cameras in frames that both looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from detectors.boxes import Detections, class_group
from pipeline.scoring.overlaps import Overlaps, overlaps
from pipeline.scoring.run_boxes import CameraView, Found, TrackletRow
from pipeline.scoring.truth import CameraTruth

FRAMES = 1 << 32
"""More frames than any recording has."""
GROUPS = 1 << 10
"""More class groups than any detector knows."""


@dataclass(frozen=True, eq=False)
class Sightings:
    """Boxes of all cameras; arrays share their first axis."""

    cameras: NDArray[np.intp]
    """(n,) place of the camera in the scene."""
    frames: NDArray[np.int64]
    """(n,) source frames."""
    groups: NDArray[np.intp]
    """(n,) place of the class group in the scene; -1 for one that the truth does not know."""
    owners: NDArray[np.int64]
    """(n,) whose box it is: a true identity, or a tracklet's place in the scene."""
    boxes: NDArray[np.float32]
    """(n, 4) corners."""

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def moments(self) -> NDArray[np.int64]:
        """(n,) a number that boxes of one camera, frame and class group share."""
        return np.asarray((self.cameras * GROUPS + self.groups) * FRAMES + self.frames, np.int64)

    def select(self, keep: NDArray[np.bool_]) -> Sightings:
        """Keep some boxes."""
        return Sightings(*(values[keep] for values in vars(self).values()))

    def over(self, others: Sightings) -> Overlaps:
        """Pair these boxes, as rows, with those of others, as columns, that overlap them."""
        return overlaps(self.moments, self.boxes, others.moments, others.boxes)


@dataclass(frozen=True, eq=False)
class Scene:
    """All that is scored."""

    cameras: tuple[str, ...]
    groups: tuple[str, ...]
    """Class groups; one without a name where the truth does not tell classes apart."""
    frames: tuple[NDArray[np.int64], ...]
    """Of each camera the frames that are scored, increasing."""
    seconds: tuple[NDArray[np.float64], ...]
    """Of each camera their times on the shared timeline."""
    tracklets: tuple[TrackletRow, ...]
    """All of the run's, by camera and track."""
    truth: Sightings
    ignored: NDArray[np.bool_]
    """(n,) true boxes that are neither demanded nor punished."""
    tracked: Sightings
    detected: Sightings

    @cached_property
    def near(self) -> Overlaps:
        """Where true boxes (rows) overlap those of tracklets (columns)."""
        return self.truth.over(self.tracked)

    @cached_property
    def identities(self) -> NDArray[np.int64]:
        """(m,) the run's identity of each tracked box, -1 for none."""
        each = np.array([-1 if one.identity is None else one.identity for one in self.tracklets], np.int64)
        return each[self.tracked.owners]


def side_by_side(found: Found, truth: Mapping[str, CameraTruth]) -> Scene:
    """Put a run beside the truth.

    Left out are cameras of which there is no truth, or that the run could not read; frames that the run did not look
    at or that the truth does not cover; and class groups that the truth does not know, where it knows any.
    """
    cameras = tuple(name for name in found.views if name in truth)
    groups = _groups([truth[name].kinds for name in cameras])
    real, tracked, detected = [], [], []
    homes = np.array([one.key[0] for one in found.tracklets], np.str_)
    kinds = _places(np.array([one.kind for one in found.tracklets], np.str_), groups)
    for place, name in enumerate(cameras):
        one, view = truth[name], found.views[name]
        own = np.flatnonzero((homes == name)[found.owners])
        whose = found.owners[own]
        real.append(_of(place, one.frames, _places(one.kinds, groups), one.identities, one.boxes))
        tracked.append(_of(place, found.frames[own], kinds[whose], whose, found.boxes[own]))
        detected.append(
            _of(place, view.detected, _places(view.kinds, groups), np.zeros_like(view.detected), view.boxes)
        )
    views = [found.views[name] for name in cameras]
    covered = [truth[name].covers(view.frames) for name, view in zip(cameras, views, strict=True)]
    frames = tuple(view.frames[keep] for view, keep in zip(views, covered, strict=True))
    every, ignored = (
        _joined(real),
        [truth[name].ignored | _unwatched(truth[name], found.views[name]) for name in cameras],
    )
    kept = _scored(every, frames)
    return Scene(
        *(cameras, groups, frames),
        seconds=tuple(view.seconds[keep] for view, keep in zip(views, covered, strict=True)),
        tracklets=found.tracklets,
        truth=every.select(kept),
        ignored=np.concatenate([np.empty(0, np.bool_), *ignored])[kept],
        tracked=(both := _joined(tracked)).select(_scored(both, frames)),
        detected=(both := _joined(detected)).select(_scored(both, frames)),
    )


def _groups(kinds: Sequence[NDArray[np.str_]]) -> tuple[str, ...]:
    """List the class groups that the truth tells apart."""
    names = {name for each in kinds for name in np.unique(each).tolist()}
    return ("",) if "" in names or not names else tuple(sorted({class_group(name) for name in names}))


def _places(kinds: NDArray[np.str_], groups: tuple[str, ...]) -> NDArray[np.intp]:
    """Find the place of (n,) classes' groups, -1 for none."""
    if groups == ("",):
        return np.zeros(len(kinds), np.intp)
    names, code = np.unique(kinds, return_inverse=True)
    known = {group: place for place, group in enumerate(groups)}
    return np.array([known.get(class_group(name), -1) for name in names.tolist()], np.intp)[code]


def _of(
    camera: int,
    frames: NDArray[np.int64],
    groups: NDArray[np.intp],
    owners: NDArray[np.int64],
    boxes: NDArray[np.float32],
) -> Sightings:
    return Sightings(np.full(len(frames), camera, np.intp), frames, groups, owners.astype(np.int64), boxes)


def _joined(parts: Sequence[Sightings]) -> Sightings:
    """Put cameras together."""
    none = np.empty(0, np.int64)
    parts = [_of(0, none, none.astype(np.intp), none, np.empty((0, 4), np.float32)), *parts]
    return Sightings(*(np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])))


def _scored(sightings: Sightings, frames: Sequence[NDArray[np.int64]]) -> NDArray[np.bool_]:
    """Tell which boxes lie in frames that are scored, and are of a known class group."""
    keep = sightings.groups >= 0
    for camera, scored in enumerate(frames):
        keep &= (sightings.cameras != camera) | np.isin(sightings.frames, scored)
    return keep


def _unwatched(truth: CameraTruth, view: CameraView) -> NDArray[np.bool_]:
    """Tell which (n,) true boxes stand where the run was told not to look."""
    if not view.unwatched or not len(truth):
        return np.zeros(len(truth), np.bool_)
    from pipeline.tracking.ignored import outside_polygons  # it costs the import of OpenCV

    rows = np.arange(len(truth))
    boxes = Detections(truth.boxes, np.ones(len(truth), np.float32), truth.kinds, rows)
    watched = outside_polygons(boxes, view.unwatched).tracks
    return np.isin(rows, [] if watched is None else watched, invert=True)

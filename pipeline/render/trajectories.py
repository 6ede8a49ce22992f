"""The trajectories of one camera: the box of each track at each frame, also between its boxes."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.class_names import PERSON
from pipeline.folder.store import CORNERS
from pipeline.results.records import FinishedRun

BUCKET = 256
"""Number of frames whose trajectories are looked up together."""

Box = NDArray[np.float64]
"""(4,) x0, y0, x1, y1 in pixels."""


@dataclass(frozen=True, eq=False)
class Trajectory:
    """The path of one track through a camera's picture."""

    track: int
    identity: int | None
    kind: str
    """Class of the object, such as "person"."""
    frames: NDArray[np.int64]
    """(n,) frame numbers of the source file, strictly increasing; n >= 1."""
    boxes: NDArray[np.float64]
    """(n, 4) x0, y0, x1, y1 in pixels."""

    def __post_init__(self) -> None:
        n = len(self.frames)
        if n == 0 or self.boxes.shape != (n, 4) or (np.diff(self.frames) < 1).any():
            raise ValueError(f"track {self.track}: expected n >= 1 increasing frames and (n, 4) boxes")

    def at(self, frame: int, *, bridge: int, hold: int = 0) -> Box | None:
        """Return the box at a frame, or None; a box in a gap is interpolated linearly.

        Args:
            frame: frame number of the source file.
            bridge: longest gap to interpolate: frames from the last box before it to the first box after it.
            hold: number of frames before the first box, and after the last box, in which that box is returned.
        """
        after = bisect_right(self.frames, frame)
        if after == 0:
            return np.asarray(self.boxes[0]) if self.frames[0] - frame <= hold else None
        previous = int(self.frames[after - 1])
        if previous == frame:
            return np.asarray(self.boxes[after - 1])
        if after == len(self.frames):
            return np.asarray(self.boxes[-1]) if frame - previous <= hold else None
        gap = int(self.frames[after]) - previous
        if gap > bridge:
            return None
        share = (frame - previous) / gap
        return np.asarray((1 - share) * self.boxes[after - 1] + share * self.boxes[after])

    def trail(self, frame: int, *, length: int, bridge: int) -> NDArray[np.float64]:
        """Return the (m, 2) foot points, the middles of the lower edges, in the `length` frames up to a frame.

        A gap of more than `bridge` frames ends the trail.
        """
        last = bisect_right(self.frames, frame)
        first = bisect_right(self.frames, frame - length, hi=last)
        gaps = np.flatnonzero(np.diff(self.frames[first:last]) > bridge)
        if len(gaps):
            first += int(gaps[-1]) + 1
        boxes = self.boxes[first:last]
        return np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]])


@dataclass(frozen=True, eq=False)
class TrajectoryIndex:
    """The trajectories of one camera, indexed by frame."""

    buckets: Mapping[int, tuple[Trajectory, ...]]
    """Trajectories by frame number divided by `BUCKET`."""

    @classmethod
    def of(cls, trajectories: Iterable[Trajectory], *, hold: int = 0) -> TrajectoryIndex:
        """Index trajectories from `hold` frames before their first box to `hold` frames after their last."""
        buckets: dict[int, list[Trajectory]] = defaultdict(list)
        for trajectory in trajectories:
            first = int(trajectory.frames[0] - hold) // BUCKET
            last = int(trajectory.frames[-1] + hold) // BUCKET
            for bucket in range(first, last + 1):
                buckets[bucket].append(trajectory)
        return cls({bucket: tuple(members) for bucket, members in buckets.items()})

    def near(self, frame: int) -> tuple[Trajectory, ...]:
        """Return all trajectories that may have a box at a frame, and some others."""
        return self.buckets.get(frame // BUCKET, ())


def camera_trajectories(run: FinishedRun, camera: str) -> list[Trajectory]:
    """Return the trajectories of a camera's tracklets by track number; a missing or changed tracks.csv raises `RunError`."""
    boxes = run.boxes.select(run.boxes.cameras == camera)
    if not len(boxes):
        return []
    order = np.argsort(boxes.tracks, kind="stable")
    tracks, starts = np.unique(boxes.tracks[order], return_index=True)
    trajectories = []
    for track, rows in zip(tracks.tolist(), np.split(order, starts[1:]), strict=True):
        tracklet = run.by_key[camera, track]
        frames, corners = boxes.frames[rows], boxes.corners[rows]
        trajectories.append(Trajectory(track, tracklet.identity, tracklet.kind, frames, corners))
    return trajectories


def person_boxes(run: FinishedRun, camera: str) -> list[Trajectory]:
    """Return all boxes of people in one camera, tracked or not, each as a trajectory of one frame."""
    boxes = []
    for table in run.parts(camera).read("boxes"):
        columns = [table[name].to_pylist() for name in ("frame", "class", *CORNERS)]
        for frame, kind, *corners in zip(*columns, strict=True):
            if kind == PERSON:
                boxes.append(Trajectory(-1, None, kind, np.array([frame]), np.array([corners], np.float64)))
    return boxes

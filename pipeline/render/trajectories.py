"""Where is every track of a camera at every frame, those between two of its boxes included?"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import RunError
from pipeline.folder.store import RunFolder
from pipeline.results.reading import rows
from pipeline.results.tables import TRACKS

BUCKET = 256
"""Frames whose courses are looked up together."""

Box = NDArray[np.float64]
"""(4,) x0, y0, x1, y1 in pixels."""


@dataclass(frozen=True, eq=False)
class Course:
    """The way of one track through a camera's picture."""

    track: int
    identity: int | None
    kind: str
    """Class of object."""
    frames: NDArray[np.int64]
    """(n,) rising frame numbers of the source file; n >= 1."""
    boxes: NDArray[np.float64]
    """(n, 4) x0, y0, x1, y1 in pixels."""

    def __post_init__(self) -> None:
        if (
            not len(self.frames)
            or self.boxes.shape != (len(self.frames), 4)
            or (np.diff(self.frames) < 1).any()
        ):
            raise ValueError(f"track {self.track}: expected (n,) rising frames and (n, 4) boxes, n >= 1")

    def at(self, frame: int, *, bridge: int, hold: int = 0) -> Box | None:
        """Tell the box at a frame, between two boxes by a straight line.

        Args:
            frame: number of the source file.
            bridge: most frames from box to box.
            hold: frames for which the first box counts before it, and the last one after it.
        """
        after = bisect_right(self.frames, frame)
        if after == 0:
            return np.asarray(self.boxes[0]) if self.frames[0] - frame <= hold else None
        begun = int(self.frames[after - 1])
        if begun == frame:
            return np.asarray(self.boxes[after - 1])
        if after == len(self.frames):
            return np.asarray(self.boxes[-1]) if frame - begun <= hold else None
        span = int(self.frames[after]) - begun
        share = (frame - begun) / span
        return (1 - share) * self.boxes[after - 1] + share * self.boxes[after] if span <= bridge else None

    def trail(self, frame: int, *, length: int, bridge: int) -> NDArray[np.float64]:
        """Tell where it stood before: (m, 2) middles of the lower edges, back to the last gap over `bridge`."""
        last = bisect_right(self.frames, frame)
        first = bisect_right(self.frames, frame - length, hi=last)
        gaps = np.flatnonzero(np.diff(self.frames[first:last]) > bridge)
        own = self.boxes[first + (int(gaps[-1]) + 1 if len(gaps) else 0) : last]
        return np.column_stack([(own[:, 0] + own[:, 2]) / 2, own[:, 3]])


@dataclass(frozen=True, eq=False)
class Courses:
    """All tracks of one camera, to be asked frame by frame."""

    buckets: Mapping[int, tuple[Course, ...]]
    """By frame number over `BUCKET`, those that may be asked for there."""

    @classmethod
    def of(cls, courses: Iterable[Course], *, hold: int = 0) -> Courses:
        """Sort courses by when they are there, `hold` frames before and after included."""
        buckets: dict[int, list[Course]] = defaultdict(list)
        for course in courses:
            for bucket in range(
                int(course.frames[0] - hold) // BUCKET, int(course.frames[-1] + hold) // BUCKET + 1
            ):
                buckets[bucket].append(course)
        return cls({bucket: tuple(own) for bucket, own in buckets.items()})

    def near(self, frame: int) -> tuple[Course, ...]:
        """Give the courses that may be there at a frame."""
        return self.buckets.get(frame // BUCKET, ())


def read_courses(run: Path, camera: str) -> list[Course]:
    """Read one camera's tracks from tracks.csv, by number.

    Raises:
        RunError: the table is missing or damaged.
    """
    found: dict[int, list[tuple[float, ...]]] = defaultdict(list)
    told: dict[int, tuple[int | None, str]] = {}
    try:
        for name, frame, _, track, identity, kind, *sides in rows(run, "tracks.csv", TRACKS):
            if name == camera:
                left, top, width, height, _ = map(float, sides)
                found[int(track)].append((int(frame), left, top, left + width, top + height))
                told[int(track)] = (int(identity) if identity else None, kind)
        return [_course(track, *told[track], np.array(found[track])) for track in sorted(found)]
    except ValueError as error:
        raise RunError(f"{run / 'tracks.csv'}: the rows of {camera} are damaged ({error})") from error


def _course(track: int, identity: int | None, kind: str, table: NDArray[np.float64]) -> Course:
    return Course(track, identity, kind, table[:, 0].astype(np.int64), table[:, 1:])


def read_detections(run: Path, camera: str, kind: str) -> list[Course]:
    """Read all boxes of a class that were detected, tracked or not, each as a course of one frame."""
    found: list[Course] = []
    for table in RunFolder(run).camera(camera).read("boxes"):
        columns = [table[name].to_pylist() for name in ("frame", "class", "x0", "y0", "x1", "y1")]
        for frame, name, *corners in zip(*columns, strict=True):
            if name == kind:
                found.append(Course(-1, None, kind, np.array([frame]), np.array([corners], np.float64)))
    return found

"""All work on one camera: footage to boxes, tracks and crops, committed part by part."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from detectors.boxes import Detections, overlap
from detectors.colours import colours
from pipeline.errors import RunError
from pipeline.folder.store import CROPS, TRACKS, CameraParts, read_json, write_json
from pipeline.footage.cameras import Camera
from pipeline.footage.reader import Footage, Frame, FrameReader
from pipeline.protocols import Begin, Detector, Tracker
from pipeline.tracking.boxes_table import _box_table, _columns, read_detections
from pipeline.tracking.config import TrackingConfig
from pipeline.tracking.crops import CropPicker, box_quality
from pipeline.tracking.ignored import outside
from pipeline.tracking.stopwatch import Clock

PART = 128
"""Frames looked at in one part: what a kill can cost, and the unit of resuming."""
BATCH = 8
"""Frames given to the detector at once; batches never reach over a part's end."""
CROWDED = 0.5
"""Share of a box that another may cover before its picture is left out."""


@dataclass(frozen=True)
class CameraReport:
    """What became of one camera."""

    fps: float
    width: int
    height: int
    frames_decoded: int
    """Frames looked at: with a stride, one of so many."""
    frames_expected: int | None
    """Frames that would have been looked at if all of the recording could be read."""
    boxes: int
    parts: int
    truncated: bool
    notes: tuple[str, ...]
    seconds: dict[str, float]
    """Wall time by stage: decode, detect, track, store."""


def finished(parts: CameraParts) -> CameraReport | None:
    """Tell what became of a camera that needs no more work, else None."""
    if not parts.report.exists():
        return None
    known = read_json(parts.report)
    try:
        report = CameraReport(**(known | {"notes": tuple(known["notes"])}))
    except (KeyError, TypeError) as error:
        raise RunError(f"{parts.report}: is damaged ({error}); run again with --overwrite") from error
    if parts.count() != report.parts:
        raise RunError(f"{parts.folder}: parts are missing; run again with --overwrite")
    return report


def track_camera(
    camera: Camera,
    footage: Footage,
    config: TrackingConfig,
    *,
    parts: CameraParts,
    detector: Detector,
    tracker: Tracker,
    begin: Begin,
) -> CameraReport:
    """Do what is left to do of one camera, from its last committed part on.

    The tracker is brought to where it was by the committed boxes.

    Raises:
        FootageError: if the recording cannot be read.
    """
    state = _State(parts, tracker, (footage.width, footage.height))
    state.replay()
    clock = Clock()
    with FrameReader(
        footage,
        stride=config.vid_stride,
        start=_own_time(config.start, camera),
        end=_own_time(config.end, camera),
        first=state.next_frame,
    ) as reader:
        frames = clock.waiting("decode", reader)
        show = begin(camera.name)

        def progress() -> None:
            show(state.frames, reader.expected)

        while part := _do_part(frames, camera, detector, state, clock, progress):
            with clock.stage("store"):
                parts.commit(boxes=part.boxes(), tracks=part.tracks(), crops=part.crops())
        report = CameraReport(
            fps=footage.fps,
            width=footage.width,
            height=footage.height,
            frames_decoded=state.frames,
            frames_expected=reader.expected,
            boxes=state.boxes,
            parts=parts.count(),
            truncated=reader.truncated,
            notes=reader.notes + _unread(camera, detector, state, config),
            seconds=dict(clock.seconds),
        )
    write_json(parts.report, dataclasses.asdict(report))
    return report


def _unread(camera: Camera, detector: Detector, state: _State, config: TrackingConfig) -> tuple[str, ...]:
    """Say what of the inputs came to nothing."""
    if not state.frames:
        return ("nothing of it lies in the stretch asked for",)
    left = detector.left(state.next_frame + config.vid_stride - 1) if config.end is None else 0
    if left:
        return (f"{left} recorded boxes lie after its last frame",)
    if camera.detections is None:
        return ()
    if not state.boxes:
        where = "outside the polygons to ignore, " if camera.ignore else ""
        return (f"{camera.detections} has no box {where}in the frames that were looked at",)
    if state.astray * 10 > state.boxes:
        return (
            f"{state.astray} of {state.boxes} recorded boxes lie outside the picture of {state.size[0]} x {state.size[1]} "
            f"pixels; {camera.detections} may be of another size or recording",
        )
    return ()


def _own_time(seconds: float | None, camera: Camera) -> float | None:
    """Turn seconds on the shared timeline into the file's own."""
    return None if seconds is None else seconds - camera.offset


@dataclass
class _State:
    """What the next part needs to know of the parts before it."""

    parts: CameraParts
    tracker: Tracker
    size: tuple[int, int]
    """Width and height of the frames, in pixels."""
    seen: dict[int, int] = field(default_factory=dict)
    next_frame: int = 0
    frames: int = 0
    boxes: int = 0
    astray: int = 0
    """Boxes of which nothing lies in the picture."""

    def replay(self) -> None:
        """Bring the tracker and the counts to the end of the last committed part."""
        for table in self.parts.read("boxes"):
            for number, seconds, detections in read_detections(table):
                self.tracker.update(seconds, detections)
                self.advance(number, detections)
        for table in self.parts.read("tracks"):
            tracks, counts = np.unique(table["track"].to_numpy(), return_counts=True)
            for track, count in zip(tracks.tolist(), counts.tolist(), strict=True):
                self.seen[track] = self.seen.get(track, 0) + count

    def advance(self, number: int, detections: Detections) -> None:
        """Count one more frame."""
        self.next_frame = number + 1
        self.frames += 1
        self.boxes += len(detections)
        low, high = detections.boxes[:, :2], detections.boxes[:, 2:]
        self.astray += int(np.any((high <= 0) | (low >= self.size), axis=1).sum())


@dataclass
class _Part:
    """The rows of one part while it grows."""

    picker: CropPicker
    box_rows: list[tuple[int, float, Detections]] = field(default_factory=list)
    track_rows: list[tuple[int, float, Detections, NDArray[np.int64], NDArray[np.float32]]] = field(
        default_factory=list
    )

    def add(self, frame: Frame, detections: Detections, tracks: NDArray[np.int64]) -> None:
        """Take one frame's boxes and the track of each, -1 for none."""
        self.box_rows.append((frame.number, frame.seconds, detections))
        quality = box_quality(frame.pixels, detections.boxes, detections.scores)
        usable = np.where(overlap(detections.boxes) > CROWDED, 0, quality)
        followed = np.flatnonzero(tracks >= 0)
        for row in followed:
            box, worth = detections.boxes[row], float(usable[row])
            self.picker.offer(frame.pixels, frame.number, int(tracks[row]), box, worth)
        if len(followed):
            rows = detections.select(followed), tracks[followed], quality[followed]
            self.track_rows.append((frame.number, frame.seconds, *rows))

    def boxes(self) -> pa.Table:
        """All frames and their boxes."""
        return pa.concat_tables([_box_table(*row) for row in self.box_rows])

    def tracks(self) -> pa.Table:
        """The boxes that belong to a track."""
        tables = [
            pa.table(
                {
                    "frame": np.full(len(detections), number),
                    "seconds": np.full(len(detections), seconds),
                    "track": tracks,
                    **_columns(detections),
                    "quality": quality,
                },
                schema=TRACKS,
            )
            for number, seconds, detections, tracks, quality in self.track_rows
        ]
        return pa.concat_tables(tables) if tables else TRACKS.empty_table()

    def crops(self) -> pa.Table:
        """The pictures kept."""
        kept = [crop for _, crop in sorted(self.picker.best.items(), key=lambda item: item[0])]
        return pa.Table.from_pylist([vars(crop) for crop in kept], schema=CROPS)


def _do_part(
    frames: Iterator[Frame],
    camera: Camera,
    detector: Detector,
    state: _State,
    clock: Clock,
    progress: Callable[[], None],
) -> _Part | None:
    """Detect and track in the next `PART` frames; None where there are none left."""
    part = _Part(CropPicker(state.seen))
    stretch = islice(frames, PART)
    while batch := list(islice(stretch, BATCH)):
        with clock.stage("detect"):
            found = detector.detect([frame.pixels for frame in batch], [frame.number for frame in batch])
        for frame, all_detections in zip(batch, found, strict=True):
            detections = outside(all_detections, camera.ignore)
            with clock.stage("track"):
                if detections.tracks is None:
                    seen = colours(frame.pixels, detections.boxes)
                    detections = dataclasses.replace(detections, colours=seen)
                tracks = state.tracker.update(frame.seconds, detections)
            with clock.stage("store"):
                part.add(frame, detections, tracks)
            state.advance(frame.number, detections)
        progress()
    return part if part.box_rows else None

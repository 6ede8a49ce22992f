"""All work on one camera: from footage to boxes, tracks and crops, committed part by part."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import msgspec
import numpy as np

from detectors.boxes import Detections
from detectors.colours import colours
from pipeline.errors import RunError
from pipeline.folder.store import CameraParts, read_json, write_json_file
from pipeline.footage.cameras import Camera
from pipeline.footage.reader import Footage, Frame, FrameReader
from pipeline.protocols import Detector, StartProgress, Tracker
from pipeline.tracking.boxes_table import read_part_boxes
from pipeline.tracking.config import TrackingConfig
from pipeline.tracking.crops import CropPicker, StoredCrop
from pipeline.tracking.ignored import outside_polygons
from pipeline.tracking.part_rows import PartRows
from pipeline.tracking.stopwatch import Stopwatch

PART = 128
"""Frames in one part: the most work that a kill can lose, and the unit of resuming."""
SAMPLED = 8
"""Pictures of a part from which the colour of a camera is estimated."""
BATCH = 8
"""Frames per call of the detector; a batch never extends over the end of a part."""


@dataclass(frozen=True)
class CameraReport:
    """Facts about one processed camera, as stored in `camera.json`."""

    fps: float
    width: int
    height: int
    frames_decoded: int
    """Frames processed; with a stride of n, every n-th frame."""
    frames_expected: int | None
    """Frames that are processed if the recording can be read to its end."""
    boxes: int
    parts: int
    truncated: bool
    notes: tuple[str, ...]
    seconds: dict[str, float]
    """Wall time by stage: decode, detect, track, store."""
    stride: float = 1.0
    """Frames of the recording from one processed frame to the next."""
    colour: float | None = None
    """Difference between the largest and the smallest channel that 99 % of the pixels of the stored pictures do not
    exceed, in [0, 255]; None without pictures. Footage without colour, such as infrared, has nearly 0."""


def read_camera_report(parts: CameraParts) -> CameraReport | None:
    """Return the report of a finished camera, else None; raise `RunError` if it is damaged or parts are missing."""
    if not parts.report.exists():
        return None
    document = read_json(parts.report)
    try:
        report = msgspec.convert(document, CameraReport)
    except msgspec.ValidationError as error:
        raise RunError(
            f"{parts.report}: was written by another version ({error}); run again with --overwrite"
        ) from error
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
    start_progress: StartProgress,
) -> CameraReport:
    """Detect and track in one camera's footage, and commit the results part by part.

    A camera that was interrupted resumes after its last committed part. The committed boxes bring the tracker
    to the same state again.

    Raises:
        FootageError: if the recording cannot be read.
    """
    state = _TrackingState(parts, tracker, (footage.width, footage.height))
    state.restore()
    stopwatch = Stopwatch()
    with FrameReader(
        footage,
        stride=config.vid_stride,
        start=_file_seconds(config.start, camera),
        end=_file_seconds(config.end, camera),
        first=state.next_frame,
    ) as reader:
        frames = (
            frame for frame in stopwatch.timed_items("decode", reader) if _has_place(frame, detector.step)
        )
        show_progress = start_progress(camera.name)
        while part := _track_part(
            frames,
            camera,
            detector=detector,
            state=state,
            stopwatch=stopwatch,
            progress=lambda: show_progress(state.frames, _share(reader.expected, detector.step)),
        ):
            with stopwatch.stage("store"):
                parts.commit(boxes=part.boxes(), tracks=part.tracks(), crops=part.crops())
        report = CameraReport(
            fps=footage.fps,
            width=footage.width,
            height=footage.height,
            frames_decoded=state.frames,
            frames_expected=_share(reader.expected, detector.step),
            stride=config.vid_stride * detector.step,
            boxes=state.boxes,
            parts=parts.count(),
            truncated=reader.truncated,
            notes=reader.notes + _input_notes(camera, detector, state, reader.total),
            seconds=dict(stopwatch.seconds),
            colour=_mean_colour(parts),
        )
    write_json_file(parts.report, dataclasses.asdict(report))
    return report


def _has_place(frame: Frame, step: float) -> bool:
    """Return whether a detector that knows one frame in `step` knows this one."""
    return step == 1 or round(round(frame.number / step) * step) == frame.number


def _share(frames: int | None, step: float) -> int | None:
    return None if frames is None else round(frames / step)


def _mean_colour(parts: CameraParts) -> float | None:
    """Return the mean of `CameraReport.colour` over some stored pictures."""
    differences = []
    for table in parts.read("crops"):
        for row in table.slice(0, SAMPLED).to_pylist():
            differences.append(float(np.quantile(np.ptp(StoredCrop(**row).pixels(), axis=2), 0.99)))
    return float(np.mean(differences)) if differences else None


def _file_seconds(seconds: float | None, camera: Camera) -> float | None:
    """Convert seconds on the shared timeline to seconds in the file."""
    return None if seconds is None else seconds - camera.offset


@dataclass
class _TrackingState:
    """Tracker and counts after the parts done so far, which the next part continues."""

    parts: CameraParts
    tracker: Tracker
    size: tuple[int, int]
    """Width and height of the frames, in pixels."""
    seen: dict[int, int] = field(default_factory=dict)
    """Observations by track number."""
    next_frame: int = 0
    frames: int = 0
    boxes: int = 0

    def restore(self) -> None:
        """Replay the committed parts, so that tracker and counts are as they were after the last one."""
        for table in self.parts.read("boxes"):
            for number, seconds, detections in read_part_boxes(table):
                self.tracker.update(seconds, detections)
                self.count(number, detections)
        for table in self.parts.read("tracks"):
            tracks, counts = np.unique(table["track"].to_numpy(), return_counts=True)
            for track, count in zip(tracks.tolist(), counts.tolist(), strict=True):
                self.seen[track] = self.seen.get(track, 0) + count

    def count(self, number: int, detections: Detections) -> None:
        """Count one more frame and its boxes."""
        self.next_frame = number + 1
        self.frames += 1
        self.boxes += len(detections)


def _track_part(
    frames: Iterator[Frame],
    camera: Camera,
    *,
    detector: Detector,
    state: _TrackingState,
    stopwatch: Stopwatch,
    progress: Callable[[], None],
) -> PartRows | None:
    """Detect and track in the next `PART` frames; return their rows, or None after the last frame."""
    part = PartRows(CropPicker(state.seen))
    part_frames = islice(frames, PART)
    while batch := list(islice(part_frames, BATCH)):
        with stopwatch.stage("detect"):
            detected = detector.detect([frame.pixels for frame in batch], [frame.number for frame in batch])
        for frame, all_detections in zip(batch, detected, strict=True):
            is_stored_size = camera.detections is not None and camera.detections_size is None
            scale = frame.scale if is_stored_size else (1.0, 1.0)  # precomputed for the stored pictures
            detections = outside_polygons(_scaled(all_detections, scale), camera.ignore)
            with stopwatch.stage("track"):
                if detections.tracks is None:
                    box_colours = colours(frame.pixels, detections.boxes)
                    detections = dataclasses.replace(detections, colours=box_colours)
                tracks = state.tracker.update(frame.seconds, detections)
            with stopwatch.stage("store"):
                part.add(frame, detections, tracks)
            state.count(frame.number, detections)
        progress()
    return part if part.frame_tables else None


def _scaled(detections: Detections, scale: tuple[float, float]) -> Detections:
    """Return detections with boxes that are scaled in width and height."""
    if scale == (1.0, 1.0):
        return detections
    return dataclasses.replace(detections, boxes=detections.boxes * np.tile(scale, 2).astype(np.float32))


def _input_notes(
    camera: Camera, detector: Detector, state: _TrackingState, total: int | None
) -> tuple[str, ...]:
    """Return notes on the boxes, and on how frames and precomputed boxes do not fit together."""
    if not state.frames:
        return ("no frame of it lies between start and end",)
    misfits = tuple(f"{camera.detections}: {misfit}" for misfit in detector.misfits(state.size, total))
    if camera.detections is not None and not state.boxes and not misfits:
        where = "outside the ignored polygons " if camera.ignore else ""
        misfits = (f"{camera.detections} has no box {where}in the processed frames",)
    return (*detector.notes, *misfits)

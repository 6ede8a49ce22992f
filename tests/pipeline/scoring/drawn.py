"""Folders of finished runs with boxes drawn by hand, without footage, and their ground truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa

from pipeline.folder.store import BOXES, CORNERS, CROPS, TRACKS, CameraParts
from pipeline.matching.outcome import Outcome, Status
from pipeline.results.run_record import CameraSettings
from pipeline.results.tables import write_tracklets, write_tracks
from pipeline.tracking.tracklets import Tracklet
from tests.runs import camera_record, keep_changes, run_record, run_settings, write_run

Rejection = Literal["rejected_short", "rejected_quality"]
Box = tuple[float, float, float, float]
"""Corners x0, y0, x1, y1."""
WHERE = "frame,identity,class,bb_left,bb_top,bb_width,bb_height"


@dataclass(frozen=True)
class Trail:
    """A tracklet: its number, its boxes by frame, and its identity in the run."""

    track: int
    boxes: Mapping[int, Box]
    identity: int | None = 1
    status: Status | Rejection = "linked"
    kind: str = "person"


@dataclass(frozen=True)
class View:
    """A camera: the processed frames, its tracklets, and boxes without a track by frame."""

    frames: Sequence[int]
    tracklets: Sequence[Trail] = ()
    stray: Mapping[int, Box] = field(default_factory=dict)
    fps: float = 10.0
    offset: float = 0.0
    ignore: Sequence[Sequence[tuple[float, float]]] = ()


def at(place: float, wide: float = 10.0) -> Box:
    """Return a box of 20 pixels in height at a distance from the left edge."""
    return (place, 0.0, place + wide, 20.0)


def stay(frames: Iterable[int], place: float) -> dict[int, Box]:
    """Return the boxes of an object that does not move."""
    return dict.fromkeys(frames, at(place))


def draw_run(folder: Path, views: Mapping[str, View]) -> Path:
    """Write the files of a finished run."""
    settings = run_settings()
    cameras = {
        name: CameraSettings("abc", None, tuple(map(tuple, view.ignore)), None)
        for name, view in views.items()
    }
    record = run_record(
        settings=replace(settings, cameras=cameras),
        cameras={
            name: camera_record(frames=len(view.frames), offset_s=view.offset) for name, view in views.items()
        },
    )
    write_run(folder, record=record)
    outcomes = [_outcome(name, views[name], one) for name in sorted(views) for one in views[name].tracklets]
    write_tracks(folder / "tracks.csv", [(one.tracklet, one.identity) for one in outcomes])
    write_tracklets(folder / "tracklets.csv", outcomes)
    keep_changes(folder)
    for name, view in views.items():
        boxes = [(frame, box) for one in view.tracklets for frame, box in one.boxes.items()]
        _commit(folder / "parts" / name, view, [*boxes, *view.stray.items()])
    return folder


def _outcome(camera: str, view: View, one: Trail) -> Outcome:
    frames = np.array(sorted(one.boxes), np.int64)
    ones = np.ones(len(frames), np.float32)
    boxes = np.array([one.boxes[frame] for frame in frames.tolist()], np.float32)
    seconds = frames / view.fps + view.offset
    tracklet = Tracklet(camera, one.track, one.kind, frames, seconds, boxes, ones, ones)
    return Outcome(tracklet, one.identity, 1, one.status)


def _commit(folder: Path, view: View, boxes: Sequence[tuple[int, Box]]) -> None:
    """Write the only part of a camera; a frame without boxes is a row of nulls."""
    processed = set(view.frames)
    rows = [
        {"frame": frame, "seconds": frame / view.fps, "class": "person", "score": 0.9}
        | dict(zip(CORNERS, box, strict=True))
        for frame, box in sorted(boxes)
        if frame in processed
    ]
    empty = sorted(processed - {frame for frame, _ in boxes})
    rows += [{"frame": frame, "seconds": frame / view.fps} for frame in empty]
    tables = {"tracks": TRACKS.empty_table(), "crops": CROPS.empty_table()}
    folder.mkdir(parents=True)
    CameraParts(folder).commit(boxes=pa.Table.from_pylist(rows, BOXES), **tables)


def draw_truth(path: Path, rows: Iterable[tuple[str, int, int, Box]], kind: str = "person") -> Path:
    """Write ground truth in our CSV; a row has camera, frame, identity and box."""
    lines = [
        f"{camera},{frame},{identity},{kind},{box[0]:.2f},{box[1]:.2f},{box[2] - box[0]:.2f},{box[3] - box[1]:.2f}"
        for camera, frame, identity, box in rows
    ]
    path.write_text("\n".join([f"camera,{WHERE}", *lines]) + "\n", encoding="utf-8")
    return path

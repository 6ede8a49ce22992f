"""Finished runs drawn by hand: whom a run followed where, without footage."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa

from pipeline.folder.store import BOXES, CORNERS, CROPS, TRACKS, CameraParts
from pipeline.matching.outcome import Outcome, Status
from pipeline.results.tables import write_tracklets, write_tracks
from pipeline.tracking.tracklets import Tracklet

Rejection = Literal["rejected_short", "rejected_quality"]
Box = tuple[float, float, float, float]
"""Corners x0, y0, x1, y1."""
WHERE = "frame,identity,class,bb_left,bb_top,bb_width,bb_height"


@dataclass(frozen=True)
class Trail:
    """A tracklet: its number, boxes by frame, and what the run made of it."""

    track: int
    boxes: Mapping[int, Box]
    identity: int | None = 1
    status: Status | Rejection = "linked"
    kind: str = "person"


@dataclass(frozen=True)
class View:
    """A camera: the frames looked at, its tracklets, and boxes of no track by frame."""

    frames: Sequence[int]
    tracklets: Sequence[Trail] = ()
    stray: Mapping[int, Box] = field(default_factory=dict)
    fps: float = 10.0
    offset: float = 0.0
    ignore: Sequence[Sequence[tuple[float, float]]] = ()


def at(place: float, wide: float = 10.0) -> Box:
    """A box of 20 pixels in height at a place from the left."""
    return (place, 0.0, place + wide, 20.0)


def stay(frames: Iterable[int], place: float) -> dict[int, Box]:
    """Boxes of somebody who does not move."""
    return dict.fromkeys(frames, at(place))


def draw_run(folder: Path, views: Mapping[str, View]) -> Path:
    """Write what a finished run leaves behind."""
    outcomes = [_outcome(name, views[name], one) for name in sorted(views) for one in views[name].tracklets]
    folder.mkdir(parents=True, exist_ok=True)
    write_tracks(folder / "tracks.csv", [(one.tracklet, one.identity) for one in outcomes])
    write_tracklets(folder / "tracklets.csv", outcomes)
    for name, view in views.items():
        boxes = [(frame, box) for one in view.tracklets for frame, box in one.boxes.items()]
        _commit(folder / "parts" / name, view, [*boxes, *view.stray.items()])
    record = {
        "state": "finished",
        "cameras": {
            name: {"failed": None, "offset_s": view.offset, "frames_decoded": len(view.frames)}
            for name, view in views.items()
        },
        "settings": {"cameras": {name: {"ignore": view.ignore} for name, view in views.items()}},
    }
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def _outcome(camera: str, view: View, one: Trail) -> Outcome:
    frames = np.array(sorted(one.boxes), np.int64)
    ones = np.ones(len(frames), np.float32)
    boxes = np.array([one.boxes[frame] for frame in frames.tolist()], np.float32)
    seconds = frames / view.fps + view.offset
    tracklet = Tracklet(camera, one.track, one.kind, frames, seconds, boxes, ones, ones)
    return Outcome(tracklet, one.identity, 1, one.status)


def _commit(folder: Path, view: View, boxes: Sequence[tuple[int, Box]]) -> None:
    """Write the one part of a camera; a frame without a box is a row of nulls."""
    looked = set(view.frames)
    rows = [
        {"frame": frame, "seconds": frame / view.fps, "class": "person", "score": 0.9}
        | dict(zip(CORNERS, box, strict=True))
        for frame, box in sorted(boxes)
        if frame in looked
    ]
    empty = sorted(looked - {frame for frame, _ in boxes})
    rows += [{"frame": frame, "seconds": frame / view.fps} for frame in empty]
    tables = {"tracks": TRACKS.empty_table(), "crops": CROPS.empty_table()}
    folder.mkdir(parents=True)
    CameraParts(folder).commit(boxes=pa.Table.from_pylist(rows, BOXES), **tables)


def draw_truth(path: Path, rows: Iterable[tuple[str, int, int, Box]], kind: str = "person") -> Path:
    """Write truth in our CSV: camera, frame, identity and box of each row."""
    lines = [
        f"{camera},{frame},{identity},{kind},{box[0]:.2f},{box[1]:.2f},{box[2] - box[0]:.2f},{box[3] - box[1]:.2f}"
        for camera, frame, identity, box in rows
    ]
    path.write_text("\n".join([f"camera,{WHERE}", *lines]) + "\n", encoding="utf-8")
    return path

"""What did a run look at, find and follow? A finished run's boxes as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.errors import RunError
from pipeline.folder.file_names import file_name
from pipeline.folder.store import CORNERS, CameraParts
from pipeline.footage.cameras import Polygon
from pipeline.results.reading import run_record, tracklet_rows
from pipeline.scoring.columns import SIDES, corners, read_header, whole

Tracklet = tuple[str, int]
"""Camera and track."""


@dataclass(frozen=True)
class TrackletRow:
    """A row of tracklets.csv."""

    key: Tracklet
    identity: int | None
    """None: it took no part in matching."""
    kind: str
    start: float
    """Seconds on the shared timeline."""
    status: str


@dataclass(frozen=True, eq=False)
class CameraView:
    """What was looked at in one camera, and what the detector found there."""

    frames: NDArray[np.int64]
    """(f,) source frames looked at, increasing."""
    seconds: NDArray[np.float64]
    """(f,) their times on the shared timeline."""
    detected: NDArray[np.int64]
    """(b,) frame of each detection."""
    boxes: NDArray[np.float32]
    """(b, 4) corners."""
    kinds: NDArray[np.str_]
    """(b,) class names."""
    unwatched: tuple[Polygon, ...]
    """Polygons that the run was told to leave out."""


@dataclass(frozen=True, eq=False)
class Found:
    """A finished run."""

    views: dict[str, CameraView]
    """By camera, in the order of names; those that could be read."""
    tracklets: tuple[TrackletRow, ...]
    """By camera and track."""
    owners: NDArray[np.intp]
    """(n,) tracklet of each box of tracks.csv, as its place in `tracklets`."""
    frames: NDArray[np.int64]
    """(n,) source frame of each."""
    boxes: NDArray[np.float32]
    """(n, 4) corners of each."""


def read_found(run: Path) -> Found:
    """Read a finished run.

    Raises:
        RunError: its files are missing, damaged or contradict each other.
    """
    cameras = run_record(run).get("cameras")
    if not isinstance(cameras, dict):
        raise RunError(f"{run / 'run.json'}: damaged, it names no cameras")
    views = {
        name: _view(run, name, cameras[name]) for name in sorted(cameras) if not cameras[name].get("failed")
    }
    tracklets = tuple(sorted((_row(run, row) for row in tracklet_rows(run)), key=lambda one: one.key))
    return Found(views, tracklets, *_tracked(run, tracklets))


def _row(run: Path, row: dict[str, str]) -> TrackletRow:
    """Understand a row of tracklets.csv."""
    try:
        identity = int(row["identity"]) if row["identity"] else None
        key, start = (row["camera"], int(row["track"])), float(row["start_time_s"])
    except ValueError as error:
        raise RunError(f"{run / 'tracklets.csv'}: damaged, {error}; run the match again") from error
    return TrackletRow(key, identity, row["class"], start, row["status"])


def _tracked(
    run: Path, tracklets: tuple[TrackletRow, ...]
) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.float32]]:
    """Read tracks.csv: whose box in which frame where."""
    path = run / "tracks.csv"
    columns = read_header(path, ("frame", "track", *SIDES), ("camera",))
    if not {"frame", "track", "camera", *SIDES} <= columns.keys():
        raise RunError(f"{path}: damaged, its header lacks a column; run the match again")
    tracks = whole(path, columns, "track", 0)
    names, camera = np.unique(columns["camera"], return_inverse=True)
    pairs, pair = np.unique(np.stack([camera, tracks]), axis=1, return_inverse=True)  # (2, p), (n,)
    known = {one.key: place for place, one in enumerate(tracklets)}
    keys = [(str(names[code]), int(track)) for code, track in pairs.T]
    strangers = [key for key in keys if key not in known]
    if strangers:
        raise RunError(
            f"{run}: tracks.csv has the tracklet {strangers[0][0]}/{strangers[0][1]}, tracklets.csv has not;"
            " run the match again"
        )
    places = np.array([known[key] for key in keys], np.intp)
    return places[pair], whole(path, columns, "frame", 0), corners(path, columns, 0)


def _view(run: Path, camera: str, record: dict[str, Any]) -> CameraView:
    """Read what was looked at in one camera."""
    parts = CameraParts(run / "parts" / file_name(camera))
    tables = list(parts.read("boxes"))
    if not tables and record.get("frames_decoded"):
        raise RunError(
            f"{parts.folder}: the run's parts are gone, and with them which frames it looked at; run it again"
        )
    if not tables:
        nothing = np.empty(0, np.int64)
        return CameraView(
            nothing, np.empty(0), nothing, np.empty((0, 4), np.float32), np.empty(0, np.str_), ()
        )
    table = pa.concat_tables(tables)
    frames, first = np.unique(table["frame"].to_numpy(), return_index=True)
    boxes = table.filter(table["x0"].is_valid())
    return CameraView(
        frames=frames,
        seconds=table["seconds"].to_numpy()[first] + record["offset_s"],
        detected=boxes["frame"].to_numpy(),
        boxes=np.stack([boxes[name].to_numpy() for name in CORNERS], axis=1),
        kinds=np.array(boxes["class"].to_pylist(), np.str_),
        unwatched=_polygons(run, camera),
    )


def _polygons(run: Path, camera: str) -> tuple[Polygon, ...]:
    """Look up what the run was told to leave out."""
    settings: Any = run_record(run)["settings"]
    return tuple(
        tuple((float(x), float(y)) for x, y in polygon) for polygon in settings["cameras"][camera]["ignore"]
    )

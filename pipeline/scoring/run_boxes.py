"""Boxes of a finished run as arrays: of its tracklets, and of the detector with the frames that were processed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.errors import RunError
from pipeline.folder.store import CORNERS
from pipeline.footage.cameras import Polygon
from pipeline.results.records import FinishedRun, TrackletRecord


@dataclass(frozen=True, eq=False)
class CameraView:
    """The processed frames of one camera and the boxes that the detector found there."""

    frames: NDArray[np.int64]
    """(f,) processed source frames, increasing."""
    seconds: NDArray[np.float64]
    """(f,) their times on the shared timeline."""
    detected: NDArray[np.int64]
    """(b,) frame of each detected box."""
    boxes: NDArray[np.float32]
    """(b, 4) corners."""
    kinds: NDArray[np.str_]
    """(b,) class names."""
    ignore: tuple[Polygon, ...]
    """Ignored polygons, in pixels."""


def read_views(run: FinishedRun) -> dict[str, CameraView]:
    """Return the views of the cameras that the run could read, in the order of names.

    Raises:
        RunError: a stored part is missing or damaged.
    """
    cameras = run.record.cameras
    return {name: _read_view(run, name) for name in run.cameras if not cameras[name].failed}


def _read_view(run: FinishedRun, camera: str) -> CameraView:
    record, settings = run.record.cameras[camera], run.record.settings.cameras[camera]
    parts = run.parts(camera)
    tables = list(parts.read("boxes"))
    if not tables and record.report is not None and record.report.frames_decoded:
        raise RunError(
            f"{parts.folder}: the stored parts of the run are missing, so its frames are unknown; match again"
        )
    if not tables:
        none = np.empty(0, np.int64)
        return CameraView(
            none, np.empty(0), none, np.empty((0, 4), np.float32), np.empty(0, np.str_), settings.ignore
        )
    table = pa.concat_tables(tables)
    frames, first = np.unique(table["frame"].to_numpy(), return_index=True)
    boxes = table.filter(table["x0"].is_valid())
    return CameraView(
        frames=frames,
        seconds=table["seconds"].to_numpy()[first] + record.offset_s,
        detected=boxes["frame"].to_numpy(),
        boxes=np.stack([boxes[name].to_numpy() for name in CORNERS], axis=1),
        kinds=np.array(boxes["class"].to_pylist(), np.str_),
        ignore=settings.ignore,
    )


def box_owners(run: FinishedRun, tracklets: Sequence[TrackletRecord]) -> NDArray[np.intp]:
    """Return the (n,) index of the tracklet of each box of `run.boxes`.

    Raises:
        RunError: tracks.csv is missing or not as the run wrote it.
    """
    names, cameras = np.unique(run.boxes.cameras, return_inverse=True)
    tracks, track_of_box = np.unique(np.stack([cameras, run.boxes.tracks]), axis=1, return_inverse=True)
    index_of = {tracklet.key: index for index, tracklet in enumerate(tracklets)}
    owners = [index_of[str(names[camera]), int(track)] for camera, track in tracks.T]
    return np.array(owners, np.intp)[track_of_box]


def read_corners(run: FinishedRun) -> NDArray[np.float32]:
    """Return the (n, 4) corners of the boxes of `run.boxes`.

    Raises:
        RunError: tracks.csv is missing or changed.
    """
    return run.boxes.corners.astype(np.float32)

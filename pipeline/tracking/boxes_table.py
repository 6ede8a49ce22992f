"""Boxes of a part as a Parquet table, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from detectors.boxes import Detections
from pipeline.folder.store import BOXES, CORNERS


def _columns(detections: Detections) -> dict[str, Any]:
    corners = {name: detections.boxes[:, axis] for axis, name in enumerate(CORNERS)}
    return {"class": detections.classes.tolist(), **corners, "score": detections.scores}


def _box_table(number: int, seconds: float, detections: Detections) -> pa.Table:
    """One frame's rows; a frame without boxes is one row of nulls."""
    n = max(len(detections), 1)
    known: dict[str, Any] = {"frame": np.full(n, number), "seconds": np.full(n, seconds)}
    if len(detections):
        known |= _columns(detections)
    if detections.tracks is not None and len(detections):
        known["given_track"] = detections.tracks
    if detections.colours is not None and len(detections):
        known["colours"] = [row.tobytes() for row in detections.colours]
    columns = [pa.array(known[f.name], f.type) if f.name in known else pa.nulls(n, f.type) for f in BOXES]
    return pa.table(columns, schema=BOXES)


def read_detections(table: pa.Table) -> Iterator[tuple[int, float, Detections]]:
    """Read a part's boxes back, frame by frame: (frame number, file seconds, detections)."""
    numbers = table["frame"].to_numpy()
    starts = np.flatnonzero(np.diff(numbers, prepend=-1)).tolist()
    for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
        rows = table.slice(start, end - start)
        yield int(numbers[start]), rows["seconds"][0].as_py(), _detections(rows)


def _detections(rows: pa.Table) -> Detections:
    if rows["score"].null_count:
        return Detections.empty()
    corners = [rows[name].to_numpy() for name in CORNERS]
    given, seen = rows["given_track"], rows["colours"]
    return Detections(
        boxes=np.stack(corners, axis=1),
        scores=rows["score"].to_numpy(),
        classes=np.array(rows["class"].to_pylist(), np.str_),
        tracks=None if given.null_count else given.to_numpy(),
        colours=None
        if seen.null_count
        else np.frombuffer(b"".join(seen.to_pylist()), np.uint8).reshape(len(rows), -1),
    )

"""Boxes of a part as a Parquet table, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from detectors.boxes import Detections
from pipeline.folder.store import BOXES, CORNERS


def box_table(number: int, seconds: float, detections: Detections) -> pa.Table:
    """Return the rows of one frame; a frame without boxes is one row of nulls."""
    n = max(len(detections), 1)
    values: dict[str, Any] = {"frame": np.full(n, number), "seconds": np.full(n, seconds)}
    if len(detections):
        values |= box_columns(detections)
        if detections.tracks is not None:
            values["given_track"] = detections.tracks
        if detections.colours is not None:
            values["colours"] = [row.tobytes() for row in detections.colours]
    columns = [
        pa.array(values[column.name], column.type) if column.name in values else pa.nulls(n, column.type)
        for column in BOXES
    ]
    return pa.table(columns, schema=BOXES)


def box_columns(detections: Detections) -> dict[str, Any]:
    """Return class, corners and score of each box as columns."""
    corners = {name: detections.boxes[:, axis] for axis, name in enumerate(CORNERS)}
    return {"class": detections.classes.tolist(), **corners, "score": detections.scores}


def read_part_boxes(table: pa.Table) -> Iterator[tuple[int, float, Detections]]:
    """Yield frame number, seconds in the file and detections of each frame of a part."""
    numbers = table["frame"].to_numpy()
    starts = np.flatnonzero(np.diff(numbers, prepend=-1)).tolist()
    for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
        rows = table.slice(start, end - start)
        yield int(numbers[start]), rows["seconds"][0].as_py(), _frame_detections(rows)


def _frame_detections(rows: pa.Table) -> Detections:
    if rows["score"].null_count:
        return Detections.empty()
    tracks = colours = None
    if not rows["given_track"].null_count:
        tracks = rows["given_track"].to_numpy()
    if not rows["colours"].null_count:
        colours = np.frombuffer(b"".join(rows["colours"].to_pylist()), np.uint8).reshape(len(rows), -1)
    return Detections(
        boxes=np.stack([rows[name].to_numpy() for name in CORNERS], axis=1),
        scores=rows["score"].to_numpy(),
        classes=np.array(rows["class"].to_pylist(), np.str_),
        tracks=tracks,
        colours=colours,
    )

"""The boxes of a finished run, tracks.csv, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from detectors.tables import SIDES


@dataclass(frozen=True, eq=False)
class TrackBoxes:
    """Boxes of tracklets; arrays share their first axis, `n` boxes sorted by camera, frame and track."""

    cameras: NDArray[np.str_]
    """(n,) camera names."""
    frames: NDArray[np.int64]
    """(n,) frames of the source file, from 0."""
    tracks: NDArray[np.int64]
    """(n,) track numbers, unique in their camera."""
    identities: NDArray[np.int64]
    """(n,) identities; 0 for a box without identity."""
    sides: NDArray[np.float64]
    """(n, 4) left, top, width and height in pixels."""
    conf: NDArray[np.float64]
    """(n,) confidence of the detector in [0, 1]."""

    def __len__(self) -> int:
        return len(self.frames)

    @cached_property
    def corners(self) -> NDArray[np.float64]:
        """(n, 4) pixel corners x0, y0, x1, y1."""
        return np.concatenate([self.sides[:, :2], self.sides[:, :2] + self.sides[:, 2:]], axis=1)

    def select(self, rows: NDArray[np.bool_]) -> TrackBoxes:
        """Return some of the boxes, given as an (n,) mask."""
        return TrackBoxes(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def read_boxes(path: Path) -> TrackBoxes:
    """Read tracks.csv."""
    numbers = dict.fromkeys(("frame", "track", "identity"), pa.int64()) | dict.fromkeys(SIDES, pa.float64())
    types = {"camera": pa.string()} | numbers | {"conf": pa.float64()}
    options = csv.ConvertOptions(column_types=types, include_columns=list(types), null_values=[""])
    table = csv.read_csv(
        path, parse_options=csv.ParseOptions(newlines_in_values=True), convert_options=options
    )
    return TrackBoxes(
        cameras=table["camera"].to_numpy().astype(np.str_),
        frames=table["frame"].to_numpy(),
        tracks=table["track"].to_numpy(),
        identities=table["identity"].fill_null(0).to_numpy(),
        sides=np.stack([table[name].to_numpy() for name in SIDES], axis=1),
        conf=table["conf"].to_numpy(),
    )

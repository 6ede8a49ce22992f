"""The boxes of a finished run, tracks.csv, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import PipelineError, RunError
from pipeline.folder.csv_columns import (
    LARGEST,
    SIDES,
    first_line,
    read_named_columns,
    refuse_boxes,
    whole_numbers,
)
from pipeline.results.tables import TRACKS

NAME = "tracks.csv"


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


def read_boxes(run: Path) -> TrackBoxes:
    """Read tracks.csv; raise `RunError` if it is missing or damaged."""
    path = run / NAME
    if not path.is_file():
        raise RunError(f"{run}: has no {NAME}; name the folder of a finished run")
    try:
        if first_line(path) != TRACKS:
            raise RunError(f"{path}: its first line is not {TRACKS!r}; match again")
        columns = read_named_columns(path, ("frame", "track", "identity", *SIDES, "conf"), ("camera",))
        identities = {"identity": np.nan_to_num(columns["identity"], nan=0.0)}
        sides = np.stack([columns[name] for name in SIDES], axis=1)
        too_large = np.logical_not((np.abs(sides) <= LARGEST).all(axis=1) & np.isfinite(columns["conf"]))
        refuse_boxes(path, too_large, "a side or the confidence is empty or too large")
        return TrackBoxes(
            cameras=columns["camera"],
            frames=whole_numbers(path, columns, "frame", 0),
            tracks=whole_numbers(path, columns, "track", 0),
            identities=whole_numbers(path, identities, "identity", 0),
            sides=sides,
            conf=columns["conf"],
        )
    except RunError:
        raise
    except PipelineError as error:
        raise RunError(f"{path}: is damaged ({error}); match again") from error

"""From a camera's committed tracks to tracklets, on the shared timeline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.folder.store import CORNERS, CROPS, CameraParts, read_parquet
from pipeline.footage.cameras import Camera
from pipeline.tracking.crops import StoredCrop
from pipeline.tracking.tracklets import Tracklet


@dataclass(frozen=True, eq=False)
class Followed:
    """A tracklet and where its pictures are."""

    tracklet: Tracklet
    parts: CameraParts
    numbers: tuple[int, ...]
    """The parts in which it occurs."""

    def crops(self) -> list[StoredCrop]:
        """Read its stored pictures, in time order."""
        own = pc.field("track") == self.tracklet.track
        tables = [read_parquet(self.parts.path(number, "crops"), CROPS, where=own) for number in self.numbers]
        return [StoredCrop(**row) for row in pa.concat_tables(tables).sort_by("frame").to_pylist()]


def collect(camera: Camera, parts: CameraParts, picture: tuple[int, int]) -> list[Followed]:
    """Gather what the committed tracks of one camera say of each object, by track number.

    Args:
        camera: whose they are.
        parts: of the camera.
        picture: width and height of its frames in pixels.
    """
    tables = list(parts.read("tracks"))
    rows = pa.concat_tables(tables) if tables else None
    if rows is None or not len(rows):
        return []
    occurs = _occurrences(tables)
    rows = rows.sort_by([("track", "ascending"), ("frame", "ascending")])
    tracks = rows["track"].to_numpy()
    starts = np.flatnonzero(np.diff(tracks, prepend=tracks[0] - 1)).tolist()
    return [
        Followed(
            _tracklet(camera, rows.slice(start, end - start), picture),
            parts,
            tuple(occurs[int(tracks[start])]),
        )
        for start, end in zip(starts, [*starts[1:], len(tracks)], strict=True)
    ]


def _occurrences(tables: Iterable[pa.Table]) -> dict[int, list[int]]:
    """List the parts in which each track occurs."""
    occurs: dict[int, list[int]] = defaultdict(list)
    for number, table in enumerate(tables):
        for track in np.unique(table["track"].to_numpy()).tolist():
            occurs[track].append(number)
    return occurs


def _tracklet(camera: Camera, rows: pa.Table, picture: tuple[int, int]) -> Tracklet:
    scores = _floats(rows, "score")
    return Tracklet(
        camera=camera.name,
        track=rows["track"][0].as_py(),
        kind=_spoken_for(np.array(rows["class"].to_pylist(), np.str_), scores),
        frames=rows["frame"].to_numpy(),
        seconds=rows["seconds"].to_numpy() + camera.offset,
        boxes=np.stack([_floats(rows, name) for name in CORNERS], axis=1),
        scores=scores,
        quality=_floats(rows, "quality"),
        picture=picture,
    )


def _floats(rows: pa.Table, name: str) -> NDArray[np.float32]:
    values: NDArray[np.float32] = rows[name].to_numpy()
    return values


def _spoken_for(classes: NDArray[np.str_], scores: NDArray[np.float32]) -> str:
    """Name the class with the largest sum of confidence; the first by name of equals."""
    names, member = np.unique(classes, return_inverse=True)
    return str(names[np.bincount(member, weights=scores).argmax()])

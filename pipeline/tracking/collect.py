"""Tracklets from a camera's committed parts, on the shared timeline."""

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
class StoredTracklet:
    """A tracklet and the parts that hold its crops."""

    tracklet: Tracklet
    parts: CameraParts
    part_numbers: tuple[int, ...]

    def read_crops(self) -> list[StoredCrop]:
        """Return the stored crops, in time order."""
        is_own = pc.field("track") == self.tracklet.track
        tables = [
            read_parquet(self.parts.path(number, "crops"), CROPS, where=is_own)
            for number in self.part_numbers
        ]
        return [StoredCrop(**row) for row in pa.concat_tables(tables).sort_by("frame").to_pylist()]


def collect_tracklets(camera: Camera, parts: CameraParts, picture: tuple[int, int]) -> list[StoredTracklet]:
    """Return the tracklets of one camera, by track number.

    Args:
        camera: the camera, for its name and clock offset.
        parts: the committed parts of the camera.
        picture: width and height of the frames in pixels.
    """
    tables = list(parts.read("tracks"))
    rows = pa.concat_tables(tables) if tables else None
    if rows is None or not len(rows):
        return []
    part_numbers = _parts_by_track(tables)
    rows = rows.sort_by([("track", "ascending"), ("frame", "ascending")])
    tracks = rows["track"].to_numpy()
    starts = np.flatnonzero(np.diff(tracks, prepend=tracks[0] - 1)).tolist()
    return [
        StoredTracklet(
            _tracklet(camera, rows.slice(start, end - start), picture),
            parts,
            tuple(part_numbers[int(tracks[start])]),
        )
        for start, end in zip(starts, [*starts[1:], len(tracks)], strict=True)
    ]


def _parts_by_track(tables: Iterable[pa.Table]) -> dict[int, list[int]]:
    """Return the numbers of the parts in which each track occurs."""
    part_numbers: dict[int, list[int]] = defaultdict(list)
    for number, table in enumerate(tables):
        for track in np.unique(table["track"].to_numpy()).tolist():
            part_numbers[track].append(number)
    return part_numbers


def _tracklet(camera: Camera, rows: pa.Table, picture: tuple[int, int]) -> Tracklet:
    scores = rows["score"].to_numpy()
    return Tracklet(
        camera=camera.name,
        track=rows["track"][0].as_py(),
        kind=_main_class(np.array(rows["class"].to_pylist(), np.str_), scores),
        frames=rows["frame"].to_numpy(),
        seconds=rows["seconds"].to_numpy() + camera.offset,
        boxes=np.stack([rows[name].to_numpy() for name in CORNERS], axis=1),
        scores=scores,
        quality=rows["quality"].to_numpy(),
        picture=picture,
    )


def _main_class(classes: NDArray[np.str_], scores: NDArray[np.float32]) -> str:
    """Return the class with the largest sum of scores; of equals, the first by name."""
    names, member = np.unique(classes, return_inverse=True)
    return str(names[np.bincount(member, weights=scores).argmax()])

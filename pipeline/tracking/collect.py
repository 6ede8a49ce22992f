"""Tracklets from a camera's committed parts, on the shared timeline."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.folder.store import CORNERS, CameraParts, read_part
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
        tables = [read_part(self.parts.path(number, "crops"), where=is_own) for number in self.part_numbers]
        return [StoredCrop(**row) for row in pa.concat_tables(tables).sort_by("frame").to_pylist()]


def collect_tracklets(camera: Camera, parts: CameraParts, picture: tuple[int, int]) -> list[StoredTracklet]:
    """Return the tracklets of one camera by track number; `picture` is the frames' width and height in pixels."""
    tables = list(parts.read("tracks"))
    rows = pa.concat_tables(tables) if tables else None
    if rows is None or not len(rows):
        return []
    part_numbers: dict[int, list[int]] = defaultdict(list)
    for number, table in enumerate(tables):
        for track in np.unique(table["track"].to_numpy()).tolist():
            part_numbers[track].append(number)
    rows = rows.sort_by([("track", "ascending"), ("frame", "ascending")])
    tracks = rows["track"].to_numpy()
    starts = np.flatnonzero(np.diff(tracks, prepend=tracks[0] - 1)).tolist()
    collected = []
    for start, end in zip(starts, [*starts[1:], len(tracks)], strict=True):
        tracklet = _tracklet(camera, rows.slice(start, end - start), picture)
        collected.append(StoredTracklet(tracklet, parts, tuple(part_numbers[tracklet.track])))
    return collected


def _tracklet(camera: Camera, rows: pa.Table, picture: tuple[int, int]) -> Tracklet:
    scores = rows["score"].to_numpy()
    classes, member = np.unique(np.array(rows["class"].to_pylist(), np.str_), return_inverse=True)
    return Tracklet(
        camera=camera.name,
        track=rows["track"][0].as_py(),
        kind=str(classes[np.bincount(member, weights=scores).argmax()]),  # of equals, the first by name
        frames=rows["frame"].to_numpy(),
        seconds=rows["seconds"].to_numpy() + camera.offset,
        boxes=np.stack([rows[name].to_numpy() for name in CORNERS], axis=1),
        scores=scores,
        quality=rows["quality"].to_numpy(),
        picture=picture,
    )

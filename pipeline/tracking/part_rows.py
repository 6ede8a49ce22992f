"""Rows of one part of a camera: boxes, tracks and crops, collected frame by frame."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from detectors.boxes import Detections, overlap
from pipeline.folder.store import CROPS, TRACKS
from pipeline.footage.reader import Frame
from pipeline.tracking.boxes_table import box_columns, box_table
from pipeline.tracking.crops import CropPicker, box_quality

CROWDED = 0.5
"""Share of a box covered by another box above which its crop is not kept."""


@dataclass
class PartRows:
    """The rows of a part that is not committed yet."""

    picker: CropPicker
    frame_tables: list[pa.Table] = field(default_factory=list)
    track_tables: list[pa.Table] = field(default_factory=list)

    def add(self, frame: Frame, detections: Detections, tracks: NDArray[np.int64]) -> None:
        """Add one frame's boxes and the track number of each, -1 for a box without a track."""
        self.frame_tables.append(box_table(frame.number, frame.seconds, detections))
        quality = box_quality(frame.pixels, detections.boxes, detections.scores)
        crop_quality = np.where(overlap(detections.boxes) > CROWDED, 0, quality)
        tracked = np.flatnonzero(tracks >= 0)
        for row in tracked:
            self.picker.offer(
                frame.pixels,
                frame.number,
                track=int(tracks[row]),
                box=detections.boxes[row],
                quality=float(crop_quality[row]),
            )
        if len(tracked):
            columns = {
                "frame": np.full(len(tracked), frame.number),
                "seconds": np.full(len(tracked), frame.seconds),
                "track": tracks[tracked],
                **box_columns(detections.select(tracked)),
                "quality": quality[tracked],
            }
            self.track_tables.append(pa.table(columns, schema=TRACKS))

    def boxes(self) -> pa.Table:
        """Return all frames and their boxes."""
        return pa.concat_tables(self.frame_tables)

    def tracks(self) -> pa.Table:
        """Return the boxes that belong to a track."""
        return pa.concat_tables(self.track_tables) if self.track_tables else TRACKS.empty_table()

    def crops(self) -> pa.Table:
        """Return the kept crops, sorted by track and time."""
        crops = [crop for _, crop in sorted(self.picker.best.items(), key=lambda item: item[0])]
        return pa.Table.from_pylist([vars(crop) for crop in crops], schema=CROPS)

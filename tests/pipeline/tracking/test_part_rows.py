from __future__ import annotations

import numpy as np

from detectors.boxes import Detections
from pipeline.footage.reader import Frame
from pipeline.tracking.crops import CropPicker
from pipeline.tracking.part_rows import PartRows

PIXELS = np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)


def test_a_crowded_box_belongs_to_its_track_but_its_crop_is_not_kept() -> None:
    """The first box is covered to 60 %, and covers 40 % of the larger one; the third has no track."""
    boxes = np.array([[40, 60, 90, 160], [60, 60, 135, 160], [200, 60, 250, 160]], np.float32)
    detections = Detections(boxes, np.ones(3, np.float32), np.array(["person"] * 3))
    part = PartRows(CropPicker({}))
    part.add(Frame(7, 0.7, PIXELS), detections, np.array([1, 2, -1]))
    assert part.boxes().num_rows == 3
    tracks = part.tracks().to_pylist()
    assert [row["track"] for row in tracks] == [1, 2]
    assert all(row["quality"] > 0 for row in tracks)
    assert [(crop["track"], crop["frame"]) for crop in part.crops().to_pylist()] == [(2, 7)]
    assert part.picker.seen == {1: 1, 2: 1}

"""Filter for boxes in ignored polygons."""

from __future__ import annotations

import cv2
import numpy as np

from detectors.boxes import Detections
from pipeline.footage.cameras import Polygon


def outside_polygons(detections: Detections, ignore: tuple[Polygon, ...]) -> Detections:
    """Return the boxes whose foot point, the middle of the lower edge, lies outside all ignored polygons."""
    if not ignore or not len(detections):
        return detections
    boxes = detections.boxes
    feet = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1)  # (n, 2)
    polygons = [np.array(polygon, np.float32) for polygon in ignore]
    inside = [
        any(cv2.pointPolygonTest(polygon, foot.tolist(), False) >= 0 for polygon in polygons) for foot in feet
    ]
    return detections.select(~np.array(inside))

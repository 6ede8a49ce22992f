from __future__ import annotations

import numpy as np
import pytest

from detectors.boxes import Detections
from pipeline.tracking.ignored import outside_polygons

SQUARE = ((100.0, 100.0), (200.0, 100.0), (200.0, 200.0), (100.0, 200.0))


def boxes(*corners: tuple[float, float, float, float]) -> Detections:
    n = len(corners)
    return Detections(np.array(corners, np.float32), np.ones(n, np.float32), np.array(["person"] * n))


@pytest.mark.parametrize(
    ("box", "kept"),
    [
        pytest.param((140, 50, 160, 150), False, id="stands-inside"),
        pytest.param((140, 120, 160, 250), True, id="only-the-head-is-inside"),
        pytest.param((190, 50, 230, 150), True, id="the-foot-is-just-outside"),
    ],
)
def test_a_box_that_stands_in_an_ignored_polygon_is_left_out(
    box: tuple[float, float, float, float], kept: bool
) -> None:
    assert len(outside_polygons(boxes(box), (SQUARE,))) == kept


def test_nothing_is_left_out_without_a_polygon() -> None:
    assert len(outside_polygons(boxes((140, 50, 160, 150)), ())) == 1

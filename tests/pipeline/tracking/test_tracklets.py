from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from pipeline.tracking.crops import box_quality, crop, sharpness
from pipeline.tracking.tracklets import Tracklet

NOISE = np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)


def quality(box: Sequence[float], score: float = 1.0, *others: Sequence[float]) -> float:
    boxes = np.array([box, *others], np.float32)
    return float(box_quality(NOISE, boxes, np.full(len(boxes), score, np.float32))[0])


WHOLE = [100, 60, 164, 188]


@pytest.mark.parametrize(
    "worse",
    [
        pytest.param(quality(WHOLE, 0.5), id="less-sure"),
        pytest.param(quality(WHOLE, 1.0, [120, 60, 184, 188]), id="half-hidden"),
        pytest.param(quality([0, 60, 64, 188]), id="cut-by-the-left-edge"),
        pytest.param(quality([256, 60, 320, 188]), id="cut-by-the-right-edge"),
        pytest.param(quality([100, 60, 132, 124]), id="smaller"),
    ],
)
def test_a_worse_box_is_worth_less(worse: float) -> None:
    assert 0 < worse < 0.8 * quality(WHOLE)


def test_a_box_outside_the_frame_is_worth_nothing() -> None:
    assert quality([400, 60, 464, 188]) == 0
    assert quality([-90, 60, -10, 188]) == 0


def test_a_blurred_picture_is_less_sharp() -> None:
    flat = np.full((64, 32, 3), 90, np.uint8)
    assert sharpness(flat) == 0 < sharpness(NOISE) < 1


def test_a_crop_is_cut_to_the_frame() -> None:
    assert crop(NOISE, np.array([-5, 230.2, 10.4, 260], np.float32)).shape == (10, 11, 3)


def test_a_tracklet_refuses_rows_that_do_not_belong_together() -> None:
    box, one = np.zeros((2, 4), np.float32), np.ones(2, np.float32)
    frames, seconds = np.array([3, 4]), np.array([0.3, 0.4])
    good = Tracklet("gate", 1, "person", frames, seconds, box, one, one)
    assert good.span == (0.3, 0.4)
    with pytest.raises(ValueError, match="gate/1"):
        Tracklet("gate", 1, "person", frames, seconds[::-1], box, one, one)
    with pytest.raises(ValueError, match="gate/1"):
        Tracklet("gate", 1, "person", frames, seconds, box[:1], one, one)

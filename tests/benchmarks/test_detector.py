"""Scoring a detector: figures that can be counted by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.detector import Truth, average_precision, judge, read_detection_set, score
from detectors.boxes import Detections

HERE, THERE, FAR = [0.0, 0, 10, 10], [20.0, 0, 30, 10], [50.0, 50, 60, 60]


def found(*boxes: list[float], scores: list[float], classes: list[str] | None = None) -> Detections:
    names = np.array(classes or ["person"] * len(boxes), np.str_)
    return Detections(np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32), names)


def truth(*boxes: list[float], required: list[bool] | None = None, group: str = "person") -> Truth:
    n = len(boxes)
    flags = np.array([True] * n if required is None else required, np.bool_)
    return Truth(np.array(boxes, np.float32).reshape(-1, 4), np.array([group] * n, np.str_), flags)


@pytest.mark.parametrize(
    ("seen", "there", "right"),
    [
        pytest.param(found(HERE, FAR, scores=[0.9, 0.8]), truth(HERE, THERE), [True, False], id="one-of-two"),
        pytest.param(found(HERE, HERE, scores=[0.5, 0.9]), truth(HERE), [True, False], id="twice-is-once-too-many"),
        pytest.param(found([0.0, 0, 10, 4], scores=[0.9]), truth(HERE), [False], id="less-than-half-overlaps"),
        pytest.param(found(FAR, HERE, scores=[0.9, 0.8]), truth(FAR, HERE, required=[False, True]), [True], id="excused"),
        pytest.param(found(HERE, scores=[0.9], classes=["car"]), truth(HERE), [], id="a-car-is-no-person"),
        pytest.param(found(HERE, scores=[0.9]), truth(), [False], id="nobody-there"),
        pytest.param(found(scores=[]), truth(HERE), [], id="nothing-found"),
    ],
)  # fmt: skip
def test_boxes_are_judged(seen: Detections, there: Truth, right: list[bool]) -> None:
    _, verdicts, required = judge(seen, there, "person")
    assert verdicts.tolist() == right
    assert required == int(there.required.sum())


def test_any_vehicle_is_a_vehicle() -> None:
    assert judge(found(HERE, scores=[0.9], classes=["truck"]), truth(HERE, group="vehicle"), "vehicle")[
        1
    ].all()


def test_average_precision_is_the_area_under_the_falling_precision() -> None:
    """Right, wrong, right of 4 required boxes: recall 1/4 at precision 1, 2/4 at 2/3."""
    assert average_precision(np.array([True, False, True]), 4) == pytest.approx((1 + 2 / 3) / 4)
    assert average_precision(np.array([False, True, True]), 2) == pytest.approx(2 / 3)


def test_weak_boxes_count_for_the_area_alone() -> None:
    pictures = [
        judge(found(HERE, FAR, scores=[0.9, 0.3]), truth(HERE, THERE), "person"),
        judge(found(HERE, scores=[0.1]), truth(HERE), "person"),
    ]
    result = score(pictures, min_confidence=0.25)
    assert result is not None
    assert (result.recall, result.precision, result.required) == (1 / 3, 1 / 2, 3)
    assert result.ap50 == pytest.approx((1 + 2 / 3) / 3)
    assert score([judge(found(HERE, scores=[0.9]), truth(), "person")], min_confidence=0.25) is None


def test_a_detection_set_is_read_as_ultralytics_reads_it(tmp_path: Path) -> None:
    for folder in ("images/val", "labels/val"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "data.yaml").write_text("names:\n  0: person\n  1: bus\n")
    for name in "ab":
        Image.new("RGB", (40, 20)).save(tmp_path / f"images/val/{name}.png")
    (tmp_path / "labels/val/a.txt").write_text("1 0.5 0.5 0.25 0.5\n")
    (_, first), (_, second) = read_detection_set(tmp_path, "val")
    assert first.boxes.tolist() == [[15, 5, 25, 15]]
    assert first.groups.tolist() == ["vehicle"]
    assert len(second.boxes) == 0

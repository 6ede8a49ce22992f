"""A tracklet shows the true identity on which most of its boxes lie."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.results.records import read_run
from pipeline.scoring.labels import label_tracklets
from pipeline.scoring.truth import read_truth
from tests.pipeline.scoring.drawn import Box, Trail, View, at, draw_run, draw_truth, stay

TRUTH = [("a", frame, who, at(100.0 * who)) for frame in range(10) for who in (1, 2)]


def label(tmp_path: Path, boxes: Mapping[int, Box], kind: str = "person") -> int | None:
    run = draw_run(tmp_path / "run", {"a": View(range(20), [Trail(5, boxes, kind=kind)])})
    return label_tracklets(read_run(run), read_truth(draw_truth(tmp_path / "t.csv", TRUTH), ["a"]))["a", 5]


@pytest.mark.parametrize(
    ("boxes", "shown"),
    [
        pytest.param(stay(range(10), 100), 1, id="all"),
        pytest.param(stay(range(5), 100) | stay(range(5, 10), 500), 1, id="half-and-half-on-nobody"),
        pytest.param(stay(range(4), 100) | stay(range(4, 10), 500), None, id="less-than-half"),
        pytest.param(stay(range(5), 100) | stay(range(5, 10), 200), None, id="as-many-on-somebody-else"),
        pytest.param(stay(range(4), 100) | stay(range(4, 10), 200), 2, id="most-on-the-second"),
        pytest.param(stay(range(10), 103.3), 1, id="overlap-just-above-one-half"),
        pytest.param(stay(range(10), 103.4), None, id="overlap-just-below-one-half"),
    ],
)
def test_a_tracklet_shows(tmp_path: Path, boxes: Mapping[int, Box], shown: int | None) -> None:
    assert label(tmp_path, boxes) == shown


def test_a_car_shows_no_person(tmp_path: Path) -> None:
    assert label(tmp_path, stay(range(10), 100), kind="car") is None


def test_boxes_between_labelled_frames_do_not_count(tmp_path: Path) -> None:
    """Every fifth frame is labelled; of those the tracklet is on somebody in 12 of 20."""
    rows = [("a", frame, 1, at(100)) for frame in range(0, 100, 5)]
    boxes = stay(range(60), 100) | stay(range(60, 100), 500)
    run = draw_run(tmp_path / "run", {"a": View(range(100), [Trail(1, boxes)])})
    assert label_tracklets(read_run(run), read_truth(draw_truth(tmp_path / "t.csv", rows), ["a"])) == {
        ("a", 1): 1
    }


def test_tracklets_of_a_camera_without_ground_truth_show_no_identity(tmp_path: Path) -> None:
    view = View(range(10), [Trail(1, stay(range(10), 100))])
    run = draw_run(tmp_path / "run", {"a": view, "b": view})
    truth = read_truth(draw_truth(tmp_path / "t.csv", TRUTH), ["a"])
    assert label_tracklets(read_run(run), truth) == {("a", 1): 1, ("b", 1): None}

from __future__ import annotations

import csv
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from detectors.precomputed import Precomputed
from samples.world.production import Sighting
from samples.world.truth import Frame, Transition, find_transitions, write_detections, write_truth

Category = Literal["person", "vehicle"]


def sighting(
    identity: int, *, category: Category = "person", share: float = 1.0, wide: float = 20.0
) -> Sighting:
    return Sighting(identity, category, (5.0, 10.0, 45.0, 90.0), (10.0, 20.0, 10.0 + wide, 70.0), share)


def frames(*seen: tuple[str, int, float, tuple[Sighting, ...]]) -> list[Frame]:
    return [Frame(*one) for one in seen]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_truth_tells_who_is_where_how_much_of_them_and_when(tmp_path: Path) -> None:
    write_truth(tmp_path / "truth.csv", frames(("gate", 3, 0.8125, (sighting(7, share=0.5),))))
    assert rows(tmp_path / "truth.csv") == [
        {
            "camera": "gate", "frame": "3", "time_s": "0.812", "identity": "7", "class": "person",
            "bb_left": "10.00", "bb_top": "20.00", "bb_width": "20.00", "bb_height": "50.00", "visible": "0.500",
            "full_left": "5.00", "full_top": "10.00", "full_width": "40.00", "full_height": "80.00",
        }
    ]  # fmt: skip


def test_rows_are_sorted_by_camera_frame_class_and_identity(tmp_path: Path) -> None:
    both = (sighting(2), sighting(1), sighting(1, category="vehicle"))
    write_truth(
        tmp_path / "truth.csv", frames(("west", 0, 0.0, both), ("east", 1, 0.1, both), ("east", 0, 0.0, both))
    )
    order = [
        (row["camera"], row["frame"], row["class"], row["identity"]) for row in rows(tmp_path / "truth.csv")
    ]
    assert order == sorted(order)
    assert len(order) == 9


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param(sighting(1, share=0.0), id="behind-others"),
        pytest.param(sighting(1, wide=0.0), id="outside"),
    ],
)
def test_who_cannot_be_seen_has_no_row(tmp_path: Path, hidden: Sighting) -> None:
    write_truth(tmp_path / "truth.csv", frames(("gate", 0, 0.0, (hidden,))))
    assert rows(tmp_path / "truth.csv") == []


@pytest.mark.parametrize(
    ("seen", "reported"),
    [
        pytest.param(sighting(1, share=0.35), True, id="just-enough"),
        pytest.param(sighting(1, share=0.34), False, id="too-hidden"),
        pytest.param(sighting(1, wide=7.0), False, id="too-narrow"),
    ],
)
def test_a_box_is_reported_if_enough_can_be_seen(tmp_path: Path, seen: Sighting, reported: bool) -> None:
    write_detections(tmp_path / "detections.csv", frames(("gate", 0, 0.0, (seen,))))
    assert bool(rows(tmp_path / "detections.csv")) == reported


def test_match_reads_the_detections(tmp_path: Path) -> None:
    write_detections(
        tmp_path / "detections.csv",
        frames(
            ("gate", 4, 0.4, (sighting(1), sighting(1, category="vehicle"))), ("yard", 0, 0.0, (sighting(2),))
        ),
    )
    (found,) = Precomputed(tmp_path / "detections.csv", "gate").detect([np.zeros((1, 1, 3), np.uint8)], [4])
    assert found.classes.tolist() == ["person", "vehicle"]
    assert found.boxes.tolist() == [[10, 20, 30, 70]] * 2
    assert found.scores.tolist() == pytest.approx([0.95, 0.95])


def passage(camera: str, identity: int, start: float, end: float) -> list[Frame]:
    times = np.arange(start, end + 0.05, 0.5)
    return [Frame(camera, round(time * 2), float(time), (sighting(identity),)) for time in times]


@pytest.mark.parametrize(
    ("east", "west", "found"),
    [
        pytest.param((0, 5), (4, 9), [], id="seen-by-both-at-once"),
        pytest.param((0, 5), (13, 20), [Transition(("east", "west"), 4)], id="half-of-eight-seconds"),
        pytest.param((13, 20), (0, 5), [Transition(("east", "west"), 4)], id="the-way-back"),
        pytest.param((0, 5), (5.6, 9), [Transition(("east", "west"), 0)], id="next-door"),
    ],
)
def test_what_is_known_of_a_way_comes_from_those_who_went_it(
    east: tuple[float, float], west: tuple[float, float], found: list[Transition]
) -> None:
    assert find_transitions([*passage("east", 1, *east), *passage("west", 1, *west)]) == found


@pytest.mark.parametrize(
    "other", [pytest.param(passage("west", 2, 0, 5), id="others"), pytest.param([], id="nobody")]
)
def test_nobody_in_common_tells_nothing_of_a_way(other: list[Frame]) -> None:
    assert find_transitions([*passage("east", 1, 0, 5), *other, Frame("west", 99, 50.0, ())]) == []


def test_who_comes_back_has_not_been_away_in_the_other_camera_meanwhile() -> None:
    stays = [*passage("east", 1, 0, 5), *passage("east", 1, 30, 35), *passage("west", 1, 15, 20)]
    assert find_transitions(stays) == [Transition(("east", "west"), 5)]


def test_an_empty_recording_has_headers_only(tmp_path: Path) -> None:
    write_truth(tmp_path / "truth.csv", [])
    assert (tmp_path / "truth.csv").read_text().startswith("camera,frame,time_s,identity,class,bb_left")
    assert rows(tmp_path / "truth.csv") == []

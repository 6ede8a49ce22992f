"""A run is held against the truth; and the sample holds what it is said to hold."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner

from pipeline.errors import RunError
from samples.check import Answer, corners, main, nearest, present, read_truth, score, whose

PLAZA = Path(__file__).parents[2] / "samples" / "plaza"


def answer(camera: str, track: int, identity: str, person: str | None) -> Answer:
    return Answer((camera, track), identity, person)


def test_a_wrong_link_costs_precision_and_makes_both_people_wrong() -> None:
    result = score(
        [
            answer("a", 1, "1", "Ada"), answer("b", 1, "1", "Ada"),
            answer("a", 2, "2", "Bea"), answer("b", 2, "3", "Bea"),
            answer("a", 3, "4", "Cle"), answer("b", 3, "5", "Cle"), answer("b", 4, "4", "Dan"),
        ]
    )  # fmt: skip
    assert (result.linked, result.possible, result.right) == (2, 3, 1)
    assert result.people == {"Ada": "right", "Bea": "missed", "Cle": "wrong"}
    assert result.precision == 0.5
    assert result.recall == pytest.approx(1 / 3)


def test_two_tracklets_of_one_camera_are_no_link() -> None:
    assert score([answer("a", 1, "1", "Ada"), answer("a", 2, "1", "Ada")]).linked == 0


def test_a_tracklet_on_nobody_is_never_right() -> None:
    result = score([answer("a", 1, "1", None), answer("b", 1, "1", None)])
    assert (result.linked, result.right) == (1, 0)


def test_a_tracklet_belongs_to_whom_it_follows_for_more_than_half_its_frames() -> None:
    here, there = corners(["0", "0", "10", "20"]), corners(["50", "0", "10", "20"])
    truth = {("a", frame): [("Ada", here), ("Bea", there)] for frame in range(4)}
    assert whose("a", {0: here, 1: here, 2: here, 3: there}, truth) == "Ada"
    assert whose("a", {0: here, 1: here, 2: there, 3: there}, truth) is None
    assert nearest(here + np.float32(6), [("Ada", here)]) is None


def test_no_truth_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"truth\.csv cannot be read"):
        read_truth(tmp_path, ["a"])
    said = CliRunner().invoke(main, [str(tmp_path), str(tmp_path)])
    assert said.exit_code == 1
    assert said.output.startswith("Error: ")


def test_a_run_of_other_cameras_is_refused() -> None:
    with pytest.raises(RunError, match="knows no camera gate"):
        read_truth(PLAZA, ["gate", "c1"])


def test_the_sample_has_twins_some_who_return_and_one_seen_by_one_camera_only() -> None:
    seen: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    with (PLAZA / "truth.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if float(row["visible"]) > 0.3:
                seen[row["identity"]][row["camera"]].add(int(row["frame"]))
    assert len(seen) >= 12
    assert {"7", "8", "11", "12", "13", "14"} <= seen.keys()
    assert any(len(cameras) == 1 for cameras in seen.values())
    away = {
        who: max(int(np.diff(sorted(f)).max(initial=0)) for f in views.values())
        for who, views in seen.items()
    }
    assert {who for who in ("12", "16") if away[who] > 5 * 8} == {"12", "16"}  # seconds, at 8 frames each
    assert seen["3"].keys() == {"c3"}


def test_the_sample_is_three_recordings_of_twenty_seconds_in_ten_megabytes() -> None:
    files = sorted(PLAZA.glob("*.mp4"))
    assert [file.stem for file in files] == ["c1", "c2", "c3"]
    assert sum(file.stat().st_size for file in files) < 10e6
    for file in files:
        with av.open(str(file)) as recording:
            stream = recording.streams.video[0]
            assert stream.codec_context.name == "h264"
            assert float(stream.duration * stream.time_base) >= 20
    truth = read_truth(PLAZA, ["c1", "c2"])
    assert len(present(truth, ["c1", "c2"])) >= 8

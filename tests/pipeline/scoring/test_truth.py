"""Ground truth is read from our CSV, MOTChallenge and AI City files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import PipelineError
from pipeline.scoring.truth import CameraTruth, read_truth, read_truths

HEADER = "camera,frame,identity,class,bb_left,bb_top,bb_width,bb_height"


def written(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def listed(one: CameraTruth) -> list[tuple[int, int, list[float]]]:
    return list(zip(one.frames.tolist(), one.identities.tolist(), one.boxes.tolist(), strict=True))


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([HEADER, "c1,0,7,person,10,20,30,40", "c2,4,7,person,1,2,3,4.5"], id="ours"),
        pytest.param(
            ["frame,camera,bb_width,visible,identity,bb_left,bb_top,bb_height",
             "0,c1,30,1,7,10,20,40", "4,c2,3,0.9,7,1,2,4.5"],
            id="ours-in-another-order-without-classes",
        ),
        pytest.param(["1 7 1 10 20 30 40 -1 -1", "2 7 5 1 2 3 4.5 -1 -1"], id="aicity"),
        pytest.param(["1\t7\t1\t10\t20\t30\t40\t-1\t-1", "2\t7\t5\t1\t2\t3\t4,5\t-1\t-1"], id="aicity-with-tabs"),
        pytest.param(
            ["camera;frame;identity;class;bb_left;bb_top;bb_width;bb_height",
             "c1;0;7;Pedestrian;10,0;20;30;40", ";;;;;;;", "c2;4;7;people;1;2;3;4,5"],
            id="ours-from-a-german-spreadsheet",
        ),
        pytest.param(["1 7 0 10 20 30 40 5.5 -1", "2 7 4 1 2 3 4.5 0 0"], id="aicity-2024-counts-from-0"),
        pytest.param(
            ["camera,frame,time_s,track,identity,class,bb_left,bb_top,bb_width,bb_height,conf",
             "c1,0,0.000,1,7,person,10,20,30,40,0.9", "c1,1,0.1,2,,person,10,20,30,40,0.9",
             '"c2",4,0.4,1,7,person,1,2,3,4.5,0.8'],
            id="tracks-of-a-run-boxes-without-identity-are-left-out",
        ),
    ],
)  # fmt: skip
def test_one_file_for_all_cameras_is_read(tmp_path: Path, lines: list[str]) -> None:
    truth = read_truth(written(tmp_path / "truth", *lines), ["c2", "c1"])
    assert listed(truth["c1"]) == [(0, 7, [10, 20, 40, 60])]
    assert listed(truth["c2"]) == [(4, 7, [1, 2, 4, 6.5])]
    assert not truth["c1"].ignored.any()


@pytest.mark.parametrize("place", ["{}.txt", "{}/gt/gt.txt"])
def test_motchallenge_has_a_file_per_camera_and_counts_frames_and_pixels_from_one(
    tmp_path: Path, place: str
) -> None:
    written(
        tmp_path / place.format("c1"),
        "1,7,11,21,30,40,1,1,0.2",
        "1,8,11,21,30,40,0,7,1",
        "2,7,11,21,30,40,1,1,1",
        "2,9,11,21,30,40,0,1,1",
        "3,5,11,21,30,40,1,3,1",
        "3,6,11,21,30,40,0,3,1",
    )
    written(tmp_path / place.format("c2"))
    truth = read_truth(tmp_path, ["c1", "c2"], visible=0.25)
    assert listed(truth["c1"])[0] == (0, 7, [10, 20, 40, 60])
    assert truth["c1"].ignored.tolist() == [True, True, *[False] * 4]
    assert truth["c1"].unmarked.tolist() == [*[False] * 3, True, False, True]
    assert truth["c1"].kinds.tolist() == [*["person"] * 4, "car", "person"]
    assert not len(truth["c2"])
    by_name = read_truths([f"{name}={tmp_path / place.format(name)}" for name in ("c2", "c1")], ["c1", "c2"])
    assert listed(by_name["c1"]) == listed(truth["c1"])
    assert by_name["c1"].ignored.tolist() == [False, True, *[False] * 4]


def test_the_last_three_columns_of_older_motchallenge_files_are_not_used(tmp_path: Path) -> None:
    path = written(tmp_path / "gt.txt", "1,7,11,21,30,40,1,-1,-1,-1")
    assert not read_truth(path, ["c1"], visible=0.25)["c1"].ignored.any()


def test_the_number_of_the_first_frame_can_be_given(tmp_path: Path) -> None:
    path = written(tmp_path / "truth.txt", "1 7 3 10 20 30 40 -1 -1")
    frames = [read_truth(path, ["c1"], first_frame=first)["c1"].frames.tolist() for first in (None, 0, 1)]
    assert frames == [[2], [3], [2]]


def test_boxes_below_the_visible_share_are_ignored(tmp_path: Path) -> None:
    path = written(
        tmp_path / "t.csv", HEADER + ",visible", "c1,0,1,person,0,0,9,9,0.24", "c1,1,1,person,0,0,9,9,0.25"
    )
    assert read_truth(path, ["c1"], visible=0.25)["c1"].ignored.tolist() == [True, False]


def test_person_3_and_vehicle_3_differ_but_truck_3_is_van_3(tmp_path: Path) -> None:
    lines = [f"c1,{frame},3,{kind},0,0,9,9" for frame, kind in enumerate(("person", "truck", "van"))]
    lines.append("c2,0,12,car,0,0,9,9")
    truth = read_truth(written(tmp_path / "t.csv", HEADER, *lines), ["c1", "c2"])
    assert truth["c1"].identities.tolist() == [3, 103, 103]
    assert truth["c2"].identities.tolist() == [112]


def test_a_camera_without_boxes_has_empty_ground_truth(tmp_path: Path) -> None:
    truth = read_truth(written(tmp_path / "t.csv", HEADER, "c1,0,1,person,0,0,9,9"), ["c1", "c2"])
    assert len(truth["c1"]) == 1
    assert not len(truth["c2"])


def test_ground_truth_of_every_fifth_frame_covers_only_these() -> None:
    frames = np.arange(3, 103, 5)
    truth = CameraTruth(frames, np.ones(20, np.int64), np.zeros((20, 4), np.float32), np.full(20, ""))
    assert truth.covers(np.array([0, 3, 4, 8, 203])).tolist() == [False, True, False, True, True]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        pytest.param([HEADER, "gate,0,1,person,0,0,9,9"], "has no camera c1, only gate", id="other-cameras"),
        pytest.param([HEADER, "c1,0,1,person,0,0,0,9"], "line 2: bb_width or bb_height", id="flat-box"),
        pytest.param(
            [HEADER, "c1,0,1,person,0,0,9,9", "c1,0.5,1,person,0,0,9,9"], "line 3: frame", id="half-frame"
        ),
        pytest.param(
            [HEADER, "c1,0,1,person,0,0,x,9"],
            "line 2: bb_width is not a number: 'x'; correct the file",
            id="word-for-number",
        ),
        pytest.param(
            [HEADER, *["c1,0,1,person,0,0,9,9"] * 2],
            "identity 1 has two boxes in frame 0",
            id="twice-in-a-frame",
        ),
        pytest.param(["camera,frame,class"], "needs one column 'identity'", id="no-identities"),
        pytest.param(["1 2 3 four"], "line 1: has 4 numbers between spaces", id="words-between-spaces"),
        pytest.param(
            ["1,2,3,4,5,6,7"], "is of one camera; .* NAME=FILE for each", id="one-file-for-two-cameras"
        ),
        pytest.param([""], "truth is empty; name a folder .* NAME=FILE", id="nothing-for-two-cameras"),
        pytest.param(["0,2,3"], "has 3 numbers between commas", id="too-few-numbers"),
    ],
)
def test_a_damaged_file_is_refused_in_one_sentence(tmp_path: Path, lines: list[str], said: str) -> None:
    path = written(tmp_path / "truth", *lines)
    with pytest.raises(PipelineError, match=said) as refused:
        read_truth(path, ["c1", "c2"] if "NAME" in said else ["c1"])
    assert "\n" not in str(refused.value)


def test_a_missing_file_and_a_folder_without_the_camera_are_named(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="cannot be read"):
        read_truth(tmp_path / "nowhere.csv", ["c1"])
    with pytest.raises(PipelineError, match=r"neither c1\.txt nor c1/gt/gt\.txt"):
        read_truth(tmp_path, ["c1"])
    with pytest.raises(PipelineError, match="once for each camera of the run: c1, c2"):
        read_truths([f"c1={tmp_path / 'a.txt'}"], ["c1", "c2"])

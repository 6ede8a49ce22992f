from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detectors.errors import DetectionsError
from detectors.precomputed import Precomputed

HEADER = "camera,frame,time_s,track,identity,class,bb_left,bb_top,bb_width,bb_height,conf\n"


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "boxes.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_motchallenge_box_moves_from_counting_at_one_to_counting_at_zero(tmp_path: Path) -> None:
    file = written(tmp_path, "2,7,11,21,30,40,0.5,-1,-1,-1\n")
    before, found = Precomputed(file, "hall").detect([], [0, 1])
    assert len(before) == 0
    assert found.boxes.tolist() == [[10, 20, 40, 60]]
    assert (found.scores.tolist(), found.classes.tolist()) == ([0.5], ["person"])
    assert found.tracks is not None
    assert found.tracks.tolist() == [7]


def test_motchallenge_detections_have_no_tracks_and_may_not_know_their_confidence(tmp_path: Path) -> None:
    (found,) = Precomputed(written(tmp_path, "1,-1,1,1,5,5,-1\r\n1,-1,9,9,5,5,0.25\r\n"), "hall").detect(
        [], [0]
    )
    assert found.tracks is None
    assert found.scores.tolist() == [1.0, 0.25]


def test_tracks_and_frames_from_0_are_read_and_told(tmp_path: Path) -> None:
    file = Precomputed(written(tmp_path, "0,0,1,1,5,5,1\n0,1,9,9,5,5,1\n1,0,1,1,5,5,1\n"), "hall")
    first, second = file.detect([], [0, 1])
    assert first.tracks is not None and second.tracks is not None
    assert (first.tracks.tolist(), second.tracks.tolist()) == ([1, 2], [1])
    assert [note.split(",")[0] for note in file.notes] == [
        "its frames are taken to count from 0",
        "its tracks count from 0",
    ]


def test_our_tracks_csv_can_be_fed_back_with_the_rows_of_one_camera(tmp_path: Path) -> None:
    rows = "yard,3,0.12,2,5,car,0,0,4,2,0.75\nhall,3,0.12,1,,person,10,20,30,40,0.5\nhall,1,0.04,,,zebra,1,1,2,2,1\n"
    one, three = Precomputed(written(tmp_path, HEADER + rows), "hall").detect([], [1, 3])
    assert three.boxes.tolist() == [[10, 20, 40, 60]]
    assert (one.classes.tolist(), three.classes.tolist()) == (["zebra"], ["person"])
    assert one.tracks is not None
    assert three.tracks is not None
    assert (one.tracks.tolist(), three.tracks.tolist()) == ([-1], [1])


def test_frames_are_found_in_whatever_order_the_file_has_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frames = rng.integers(1, 50, 300)
    text = "".join(f"{frame},-1,{left + 1},1,5,5,1\n" for left, frame in enumerate(frames))
    found = Precomputed(written(tmp_path, text), "hall").detect([], range(50))
    assert [one.boxes[:, 0].astype(int).tolist() for one in found] == [
        np.flatnonzero(frames == number + 1).tolist() for number in range(50)
    ]


@pytest.mark.parametrize(
    "text", ["", HEADER, "\ufeff" + HEADER], ids=["nothing", "header", "header-after-a-mark"]
)
def test_a_file_without_boxes_is_a_camera_that_saw_nothing(tmp_path: Path, text: str) -> None:
    assert [len(found) for found in Precomputed(written(tmp_path, text), "hall").detect([], [0, 1])] == [0, 0]


OURS = "frame,class,bb_left,bb_top,bb_width,bb_height,conf\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("1,-1,1,1,5,x,1\n", "line 1: .*'x'", id="a-word-for-a-number"),
        pytest.param(
            "1,-1,1,1,5,5,1\n1,-1,1,nan,5,5,1\n", "line 2: bb_top is empty, not finite or too large", id="nan"
        ),
        pytest.param(
            "1,-1,inf,1,5,5,1\n", "line 1: bb_left is empty, not finite or too large", id="infinity"
        ),
        pytest.param(
            "1,-1,1,1,-5,5,1\n", "line 1: bb_width or bb_height is not above 0", id="negative-width"
        ),
        pytest.param("1,-1,1,1,5,0,1\n", "line 1: bb_width or bb_height is not above 0", id="no-height"),
        pytest.param(
            OURS + "0,car,1,1,5,5,37\n", r"line 2: conf is not in \[0, 1\]: '37'", id="confidence-in-percent"
        ),
        pytest.param(
            "-1,-1,1,1,5,5,1\n", "line 1: frame is not a whole number from 1", id="frame-below-zero"
        ),
        pytest.param("1.5,-1,1,1,5,5,1\n", "line 1: frame is not a whole number from 1", id="half-a-frame"),
        pytest.param("1,-2,1,1,5,5,1\n", "line 1: track is not a whole number from 0", id="track-minus-two"),
        pytest.param(
            "1,3,1,1,5,5,1\n2,3,1,1,5,5,1\n1,3,9,9,5,5,1\n", "line 3: .*two boxes", id="a-track-twice"
        ),
        pytest.param(
            "1,-1,1,1,5,5,1\n1,-1,1,1,5,5\n", "line 2: has 6 cells between commas, not 7", id="a-column-lost"
        ),
        pytest.param(
            "1,-1,1\n",
            "line 1: has 3 numbers between commas; expected at least the 7 columns",
            id="too-few-columns",
        ),
        pytest.param(
            "1,-1,1,1,5,5,1\n\n1,-1,1,x,5,5,1\n",
            "line 3: bb_top is not a number: 'x'",
            id="after-an-empty-line",
        ),
        pytest.param(
            '1,-1,1,1,5,5,1\n1,"-1,1,1,5,5,1\n', "line 2: a quotation mark is not closed", id="open-quote"
        ),
        pytest.param(
            "1,-1,0,0,0.1,0.2,1\n", "shares of the frame; give --detections-size 1x1", id="normalised"
        ),
        pytest.param("frame,left\n1,2\n", "line 1: .*'class'", id="another-header"),
        pytest.param(OURS + "0,,1,1,5,5,1\n", "line 2: class is empty", id="no-class"),
        pytest.param(OURS + "0,car,1,1,5,5,\n", "line 2: conf is empty", id="no-confidence"),
        pytest.param(
            OURS + "-1,car,1,1,5,5,1\n", "line 2: frame is not a whole number from 0", id="frame-minus-one"
        ),
        pytest.param(b"\x00\x01", "is not a text file", id="no-text"),
        pytest.param(OURS.encode() + b"0,\xff,1,1,5,5,1\n", "line 2: is not text in UTF-8", id="no-utf-8"),
        pytest.param(
            HEADER + "hall,3,0,2,5,car,0,0,4,2,1\n,3,0,2,5,car,0,0,4,2,1\n",
            "line 3: camera is empty",
            id="no-camera",
        ),
        pytest.param(
            HEADER + "yard,3,0,2,5,car,0,0,4,2,1\n", "no row of the camera 'hall', only of: yard", id="camera"
        ),
    ],
)
def test_a_faulty_file_is_refused_with_its_name_and_line(
    tmp_path: Path, text: str | bytes, complaint: str
) -> None:
    file = written(tmp_path, text)
    with pytest.raises(DetectionsError, match=complaint) as error:
        Precomputed(file, "hall")
    assert str(file) in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DetectionsError, match=r"none\.csv"):
        Precomputed(tmp_path / "none.csv", "hall")

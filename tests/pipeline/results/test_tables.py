"""The three CSV files of a run, byte by byte."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from pipeline.folder.atomic import whole_file
from pipeline.footage.cameras import Camera, CameraSet
from pipeline.footage.recording import Recording
from pipeline.matching.config import MatchingConfig
from pipeline.matching.match import Matched, match_tracklets
from pipeline.matching.outcome import Outcome
from pipeline.matching.pairs.gallery import build_gallery
from pipeline.results.tables import csv_line, write_matches, write_tracklets, write_tracks
from pipeline.tracking.tracklets import Tracklet


def seen(camera: str, track: int, frames: list[int], *, kind: str = "person", x: float = 1.0) -> Tracklet:
    """A tracklet of 10 frames a second that moves one pixel to the right in each."""
    n = len(frames)
    left = x + np.arange(n)
    boxes = np.stack([left, np.full(n, 2.0), left + 3.5, np.full(n, 9.0)], axis=1).astype(np.float32)
    half = np.full(n, 0.5, np.float32)
    return Tracklet(camera, track, kind, np.array(frames), np.array(frames) / 10, boxes, half, half)


def test_tracks_have_a_row_per_box_by_camera_frame_and_track(tmp_path: Path) -> None:
    path = tmp_path / "tracks.csv"
    tracklets = [seen("a", 2, [0, 5]), seen("a", 1, [5], kind="car"), seen("b", 1, [3], x=-0.001)]
    write_tracks(path, zip(tracklets, [7, None, 7], strict=True))
    assert path.read_bytes().decode() == (
        "camera,frame,time_s,track,identity,class,bb_left,bb_top,bb_width,bb_height,conf\n"
        "a,0,0.000,2,7,person,1.00,2.00,3.50,7.00,0.5000\n"
        "a,5,0.500,1,,car,1.00,2.00,3.50,7.00,0.5000\n"
        "a,5,0.500,2,7,person,2.00,2.00,3.50,7.00,0.5000\n"
        "b,3,0.300,1,7,person,0.00,2.00,3.50,7.00,0.5000\n"
    )


def test_tracklets_have_a_row_each_and_the_rejected_no_identity(tmp_path: Path) -> None:
    path = tmp_path / "tracklets.csv"
    outcomes = [
        Outcome(seen("b", 1, [3]), None, 0, "rejected_short"),
        Outcome(seen("a", 10, [0, 5]), 2, 4, "single_camera"),
        Outcome(seen("a", 9, [1]), 1, 3, "linked"),
    ]
    write_tracklets(path, outcomes)
    assert path.read_bytes().decode() == (
        "camera,track,identity,class,start_frame,end_frame,start_time_s,end_time_s,boxes,clips,quality,status\n"
        "a,9,1,person,1,1,0.100,0.100,1,3,0.5000,linked\n"
        "a,10,2,person,0,5,0.000,0.500,2,4,0.5000,single_camera\n"
        "b,1,,person,3,3,0.300,0.300,1,0,0.5000,rejected_short\n"
    )


def test_matches_have_a_row_per_considered_link_and_unknown_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "matches.csv"
    tracklets = [seen("b", 1, [60, 90]), seen("a", 1, [0, 50])]
    clips = [np.array([[0.8, 0.6]], np.float32), np.array([[1, 0]], np.float32)]
    people = build_gallery(tracklets, clips, weights=[np.ones(1, np.float32)] * 2, prototypes=4)
    cameras = CameraSet((Camera("a", Recording((Path("a"),))), Camera("b", Recording((Path("b"),)))))
    write_matches(path, [Matched(people, match_tracklets(people, cameras, MatchingConfig()))])
    assert path.read_bytes().decode().splitlines()[1:] == [
        "1,1,person,a,1,0.000,5.000,b,1,6.000,9.000,1.000,0.8000,,0.8000,,,0.6000,accepted,program,"
        "cosine 0.800 reaches the threshold 0.600; no other candidate"
    ]


@pytest.mark.parametrize(
    "camera",
    ["=1+1", "+1", "-1", "@SUM(A1)", 'the "old", gate', "two\nlines", "a\rb", "100%", "%s", "Süd 門", " a "],
)
def test_any_camera_name_is_read_back_unaltered(tmp_path: Path, camera: str) -> None:
    path = tmp_path / "tracks.csv"
    write_tracks(path, [(seen(camera, 1, [0], kind="a,b"), 1)])
    with path.open(encoding="utf-8", newline="") as file:
        row = list(csv.reader(file))[1]
    assert (row[0], row[5], len(row)) == (camera, "a,b", 11)


def test_an_empty_run_has_headers_only(tmp_path: Path) -> None:
    write_tracks(tmp_path / "tracks.csv", [])
    write_tracklets(tmp_path / "tracklets.csv", [])
    for name in ("tracks.csv", "tracklets.csv"):
        assert (tmp_path / name).read_text().count("\n") == 1


def test_cameras_out_of_order_raise(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="in the order of names"):
        write_tracks(tmp_path / "tracks.csv", [(seen("b", 1, [0]), 1), (seen("a", 1, [0]), 1)])


def test_a_file_interrupted_halfway_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "tracks.csv"
    write_tracks(path, [(seen("a", 1, [0]), 1)])
    before = path.read_bytes()
    with pytest.raises(KeyboardInterrupt), whole_file(path) as file:
        file.write("half")
        raise KeyboardInterrupt
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["tracks.csv"]


def test_many_boxes_are_written_in_pieces_and_all_there(tmp_path: Path) -> None:
    path = tmp_path / "tracks.csv"
    write_tracks(path, [(seen("a", track, list(range(35_000))), track) for track in (1, 2)])
    with path.open(encoding="utf-8", newline="") as file:
        keys = [(int(row[1]), int(row[3])) for row in list(csv.reader(file))[1:]]
    assert keys == [(frame, track) for frame in range(35_000) for track in (1, 2)]


@pytest.mark.parametrize("field", ["", "plain", "a,b", 'say "hi"', "a\nb", "a\r\nb", "'x'"])
def test_lines_read_back_as_written(tmp_path: Path, field: str) -> None:
    path = tmp_path / "line.csv"
    path.write_bytes(csv_line([field, "next"]).encode())
    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [[field, "next"]]

"""The pictures of tracklets, and their blurring."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from pipeline.folder.store import BOXES, RunFolder, write_part
from pipeline.results.pictures import PER_TRACKLET, Blur, default_blur, encode_small, tracklet_pictures
from pipeline.results.records import TrackletRecord, read_run
from pipeline.results.tables import TRACKS, csv_line
from pipeline.tracking.crops import StoredCrop
from tests.pipeline.report.written import GATE, HALL, SEEN, looks, write_run
from tests.runs import keep_changes


def decoded(picture: bytes) -> NDArray[np.uint8]:
    return StoredCrop(1, 0, 0.5, picture).pixels()


def pictures(folder: Path, blur: Blur = "none") -> list[list[bytes]]:
    run = read_run(folder)
    return tracklet_pictures(run, run.tracklets, blur=blur)


def test_every_tracklet_shows_a_picture_of_each_stretch_of_its_own_track(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    shown = pictures(run)
    assert [len(files) for files in shown] == [PER_TRACKLET] * len(SEEN)
    for tracklet, files in zip(read_run(run).tracklets, shown, strict=True):
        blue = decoded(files[0])[70, 20, 2]
        assert abs(int(blue) - 60 * tracklet.track) < 12


def test_the_later_piece_of_a_split_track_shows_pictures_of_the_track_it_was_cut_from(tmp_path: Path) -> None:
    whole, others = (HALL, 3, 5, "person", 100.0, "single_camera"), ((HALL, 1, 2, "person", 100.0, "linked"),)
    run = write_run(tmp_path / "run", [whole, *others], [])
    table = (run / "tracklets.csv").read_text().splitlines(keepends=True)
    first = csv_line(
        [HALL, "3", "5", "person", "1000", "1019", "100", "101.9", "20", "2", "0.5", "single_camera"]
    )
    later = csv_line(
        [HALL, "9", "6", "person", "1020", "1049", "102", "104.9", "30", "2", "0.5", "single_camera"]
    )
    (run / "tracklets.csv").write_text("".join([table[0], table[2], first, later]))
    box = csv_line(
        [HALL, "1020", "102.000", "9", "6", "person", "300.00", "50.00", "40.00", "80.00", "0.9000"]
    )
    (run / "tracks.csv").write_text(f"{TRACKS}\n{box}")
    keep_changes(run)
    shown = pictures(run)
    assert [len(files) for files in shown] == [PER_TRACKLET] * 3
    assert [round(decoded(files[0])[70, 20, 2] / 60) for files in shown] == [1, 3, 3]


def test_a_run_whose_crops_were_deleted_has_no_pictures(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    for part in run.glob("parts/*/*"):
        part.unlink()
    assert pictures(run) == [[] for _ in SEEN]


@pytest.mark.parametrize(
    ("blur", "face", "body"), [("none", True, True), ("faces", False, True), ("people", False, False)]
)
def test_blurred_regions_have_no_detail(blur: Blur, face: bool, body: bool) -> None:
    shown = decoded(encode_small(np.asarray(looks(1), np.uint8), blur)).astype(int)
    stripes = np.abs(np.diff(shown[8, :, 0])).max()
    circle = shown[50, 20, 1] - shown[75, 20, 1]
    assert (stripes > 60) == face
    assert (circle > 180) == body


def test_pictures_are_scaled_to_the_size_of_the_page() -> None:
    assert decoded(encode_small(np.zeros((384, 192, 3), np.uint8), "none")).shape == (160, 80, 3)


def car_of(run: Path) -> tuple[int, TrackletRecord]:
    """The place and the record of the gate's car."""
    return next(
        (place, tracklet)
        for place, tracklet in enumerate(read_run(run).tracklets)
        if tracklet.kind == "car" and tracklet.camera == GATE
    )


def test_cars_are_not_blurred(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    place, _ = car_of(run)
    sharp, blurred = pictures(run), pictures(run, "faces")
    assert sharp[place] == blurred[place] and sharp[0] != blurred[0]


@pytest.mark.parametrize(
    ("left", "hidden"), [pytest.param(0, True, id="before"), pytest.param(60, False, id="beside")]
)
def test_the_head_of_a_person_in_front_of_the_object_is_blurred_too(
    left: int, hidden: bool, tmp_path: Path
) -> None:
    """A car is not blurred, but a person who passes it is."""
    run = write_run(tmp_path / "run")
    place, car = car_of(run)
    x0 = 100.0 * car.track + left
    passer = {"class": "person", "x0": x0, "y0": 50.0, "x1": x0 + 40, "y1": 130.0, "score": 0.3}
    frames = range(car.start_frame, car.end_frame + 1)
    boxes = [{"frame": frame, "seconds": frame / 10, **passer} for frame in frames]
    write_part(RunFolder(run).camera(GATE).path(0, "boxes"), pa.Table.from_pylist(boxes, schema=BOXES))
    for picture in pictures(run, "faces")[place]:
        shown = decoded(picture).astype(int)
        assert (np.abs(np.diff(shown[8, :, 0])).max() < 60) == hidden
        assert shown[50, 20, 1] - shown[75, 20, 1] > 180


def test_heads_are_blurred_by_default_outside_the_run_folder_only(tmp_path: Path) -> None:
    assert default_blur(tmp_path / "run", tmp_path / "run" / "report.html") == "none"
    assert default_blur(tmp_path / "run", tmp_path / "report.html") == "faces"
    assert default_blur(tmp_path / "run", tmp_path / "run" / ".." / "report.html") == "faces"

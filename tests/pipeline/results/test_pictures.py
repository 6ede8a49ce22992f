"""Which pictures of a run a report shows, and that blurred heads cannot be told from each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from pipeline.folder.store import BOXES, RunFolder, write_parquet
from pipeline.page.document import Findings, read_findings
from pipeline.report.write import default_blur
from pipeline.results.pictures import MOST_EACH, Blur, pictures, small
from pipeline.results.tables import TRACKS, line
from pipeline.tracking.crops import StoredCrop
from tests.pipeline.report.written import GATE, HALL, SEEN, looks, write_run


def decoded(picture: bytes) -> NDArray[np.uint8]:
    return StoredCrop(1, 0, 0.5, picture).pixels()


def findings(run: Path) -> Findings:
    return read_findings(run, sorted({one[0] for one in SEEN}), {})


def test_every_tracklet_shows_a_picture_of_each_stretch_of_its_own_track(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    found = findings(run)
    shown = pictures(run, found.tracklets, blur="none")
    assert [len(own) for own in shown] == [MOST_EACH] * len(SEEN)
    for one, own in zip(found.tracklets, shown, strict=True):
        blue = decoded(own[0])[70, 20, 2]
        assert abs(int(blue) - 60 * one.track) < 12


def test_the_later_piece_of_a_split_track_shows_pictures_of_the_track_it_was_cut_from(tmp_path: Path) -> None:
    whole, others = (HALL, 3, 5, "person", 100.0, "single_camera"), ((HALL, 1, 2, "person", 100.0, "linked"),)
    run = write_run(tmp_path / "run", [whole, *others], [])
    table = (run / "tracklets.csv").read_text().splitlines(keepends=True)
    first = line(
        [HALL, "3", "5", "person", "1000", "1019", "100", "101.9", "20", "2", "0.5", "single_camera"]
    )
    later = line(
        [HALL, "9", "6", "person", "1020", "1049", "102", "104.9", "30", "2", "0.5", "single_camera"]
    )
    (run / "tracklets.csv").write_text("".join([table[0], table[2], first, later]))
    box = line([HALL, "1020", "102.000", "9", "6", "person", "300.00", "50.00", "40.00", "80.00", "0.9000"])
    (run / "tracks.csv").write_text(f"{TRACKS}\n{box}")
    shown = pictures(run, read_findings(run, [HALL], {}).tracklets, blur="none")
    assert [len(own) for own in shown] == [MOST_EACH] * 3
    assert [round(decoded(own[0])[70, 20, 2] / 60) for own in shown] == [1, 3, 3]


def test_a_run_whose_pictures_were_deleted_is_shown_without(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    for part in run.glob("parts/*/*"):
        part.unlink()
    assert pictures(run, findings(run).tracklets, blur="none") == [[] for _ in SEEN]


@pytest.mark.parametrize(
    ("blur", "face", "body"), [("none", True, True), ("faces", False, True), ("people", False, False)]
)
def test_what_is_blurred_holds_no_detail(blur: Blur, face: bool, body: bool) -> None:
    shown = decoded(small(np.asarray(looks(1), np.uint8), blur)).astype(int)
    stripes = np.abs(np.diff(shown[8, :, 0])).max()
    circle = shown[50, 20, 1] - shown[75, 20, 1]
    assert (stripes > 60) == face
    assert (circle > 180) == body


def test_pictures_are_reduced_to_a_page_s_size() -> None:
    assert decoded(small(np.zeros((384, 192, 3), np.uint8), "none")).shape == (160, 80, 3)


def test_cars_keep_their_looks_when_faces_are_blurred(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    found = findings(run)
    place = next(i for i, one in enumerate(found.tracklets) if one.kind == "car" and one.camera == GATE)
    sharp, blurred = (pictures(run, found.tracklets, blur=blur) for blur in ("none", "faces"))
    assert sharp[place] == blurred[place] and sharp[0] != blurred[0]


@pytest.mark.parametrize(
    ("left", "hidden"), [pytest.param(0, True, id="before"), pytest.param(60, False, id="beside")]
)
def test_the_head_of_who_stands_before_somebody_else_is_hidden_too(
    left: int, hidden: bool, tmp_path: Path
) -> None:
    """Of a car there is nothing to hide, but there is of whoever passes it."""
    run = write_run(tmp_path / "run")
    place, car = next(
        (place, one)
        for place, one in enumerate(findings(run).tracklets)
        if one.kind == "car" and one.camera == GATE
    )
    x0 = 100.0 * car.track + left
    passer = {"class": "person", "x0": x0, "y0": 50.0, "x1": x0 + 40, "y1": 130.0, "score": 0.3}
    frames = range(car.first_frame, car.last_frame + 1)
    boxes = [{"frame": frame, "seconds": frame / 10, **passer} for frame in frames]
    write_parquet(RunFolder(run).camera(GATE).path(0, "boxes"), pa.Table.from_pylist(boxes, schema=BOXES))
    for picture in pictures(run, findings(run).tracklets, blur="faces")[place]:
        shown = decoded(picture).astype(int)
        assert (np.abs(np.diff(shown[8, :, 0])).max() < 60) == hidden
        assert shown[50, 20, 1] - shown[75, 20, 1] > 180


def test_heads_are_blurred_in_what_leaves_the_run_folder_and_nothing_inside(tmp_path: Path) -> None:
    assert default_blur(tmp_path / "run", tmp_path / "run" / "report.html") == "none"
    assert default_blur(tmp_path / "run", tmp_path / "report.html") == "faces"
    assert default_blur(tmp_path / "run", tmp_path / "run" / ".." / "report.html") == "faces"

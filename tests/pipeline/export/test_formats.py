"""A finished run, turned into the formats of other tools."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from pipeline.errors import RunError
from pipeline.export.aicity import export_aicity
from pipeline.export.coco import export_coco
from pipeline.export.csv_files import export_csv
from pipeline.export.json_file import export_json
from pipeline.export.mot import export_mot
from pipeline.export.xlsx import export_xlsx
from pipeline.results.records import FinishedRun, read_run
from pipeline.results.run_record import write_record
from tests.runs import camera_record, run_record, write_run

TRACK_ROWS = """\
c1,0,0.000,1,7,person,0.00,0.00,10.40,20.60,0.9000
c1,4,0.400,2,,person,5.00,5.00,10.00,20.00,0.8000
north gate,9,0.900,1,7,person,3.60,2.40,10.00,20.00,0.7500
"""
TRACKLET_ROWS = """\
c1,1,7,person,0,0,0.500,0.500,1,1,0.5000,linked
c1,2,,person,4,4,0.400,0.400,1,0,0.5000,rejected_short
north gate,1,7,person,9,9,0.100,0.900,1,1,0.5000,linked
"""
MATCH_ROWS = """\
1,7,person,c1,1,0.000,0.000,north gate,1,0.900,0.900,0.900,0.8000,,0.8000,,,0.6000,accepted,program,"so, yes"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of three cameras: one identity in two of them, one tracklet rejected."""
    record = run_record(seed=3, cameras={name: camera_record() for name in ("c1", "north gate", "yard")})
    return write_run(
        tmp_path / "run", record=record, tracklets=TRACKLET_ROWS, matches=MATCH_ROWS, tracks=TRACK_ROWS
    )


@pytest.fixture
def run(folder: Path) -> FinishedRun:
    return read_run(folder)


def test_mot_counts_frames_and_pixels_from_one_and_has_a_file_per_camera(
    run: FinishedRun, tmp_path: Path
) -> None:
    first, second, silent = export_mot(run, tmp_path / "mot")
    assert first.name == "c1.txt"
    assert second.name.startswith("north-gate~")
    assert first.read_bytes() == b"1,7,1.00,1.00,10.40,20.60,0.9000,-1,-1,-1\n"
    assert second.read_bytes() == b"10,7,4.60,3.40,10.00,20.00,0.7500,-1,-1,-1\n"
    assert (silent.name, silent.read_bytes()) == ("yard.txt", b"")


def test_aicity_counts_frames_from_one_and_pixels_are_whole(run: FinishedRun, tmp_path: Path) -> None:
    numbers = export_aicity(run, tmp_path / "track1.txt")
    assert numbers == {"c1": 1, "north gate": 2, "yard": 3}
    assert (tmp_path / "track1.txt").read_bytes() == b"1 7 1 0 0 10 21 -1 -1\n2 7 10 4 2 10 20 -1 -1\n"


def test_csv_counts_frames_from_zero_as_the_run_does(run: FinishedRun, tmp_path: Path) -> None:
    for path in export_csv(run, tmp_path / "csv"):
        assert path.read_bytes() == (run.folder / path.name).read_bytes()


def test_json_counts_frames_from_zero_and_unknown_is_null(run: FinishedRun, tmp_path: Path) -> None:
    export_json(run, tmp_path / "run.json")
    document = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert document["cameras"] == ["c1", "north gate", "yard"]
    (identity,) = document["identities"]
    assert identity["identity"] == 7
    assert [row["camera"] for row in identity["tracklets"]] == ["north gate", "c1"]  # by time
    assert identity["tracklets"][0]["start_frame"] == 9
    assert [row["track"] for row in document["rejected"]] == [2]
    (link,) = document["links"]
    assert (link["score"], link["spacetime"], link["reason"]) == (0.8, None, "so, yes")
    assert document["run"]["seed"] == 3


EXPORTS: dict[str, Callable[[FinishedRun, Path], object]] = {
    "csv": export_csv,
    "mot": export_mot,
    "aicity": export_aicity,
    "json": export_json,
}


def test_json_has_the_columns_and_values_of_the_tables(run: FinishedRun, tmp_path: Path) -> None:
    export_json(run, tmp_path / "run.json")
    document = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    tracklets = [row for identity in document["identities"] for row in identity["tracklets"]]
    tracklets += document["rejected"]
    tracklets.sort(key=lambda row: (row["camera"], row["track"]))
    for name, rows in (("tracklets", tracklets), ("matches", document["links"])):
        with (run.folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            lines = list(csv.DictReader(file))
        assert [list(row) for row in rows] == [list(line) for line in lines]
        for row, line in zip(rows, lines, strict=True):
            for column, value in row.items():
                assert value == (type(value)(line[column]) if line[column] else None)


def export(folder: Path, name: str, out: Path) -> None:
    EXPORTS[name](read_run(folder), out)


@pytest.mark.parametrize("name", ["csv", "mot", "aicity"])
def test_a_changed_table_costs_one_sentence_and_leaves_no_file(
    folder: Path, tmp_path: Path, name: str
) -> None:
    with (folder / "tracks.csv").open("a", encoding="utf-8") as file:
        file.write(TRACK_ROWS)
    with pytest.raises(RunError, match=r"tracks\.csv: is damaged or was changed"):
        export(folder, name, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("name", "table"), [("csv", "tracks"), ("mot", "tracks"), ("csv", "matches")])
def test_a_file_that_is_missing_stops_the_export_of_the_others(
    folder: Path, tmp_path: Path, name: str, table: str
) -> None:
    (folder / f"{table}.csv").unlink()
    with pytest.raises(RunError, match=rf"{table}\.csv"):
        export(folder, name, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_run_is_not_copied_onto_itself(run: FinishedRun) -> None:
    with pytest.raises(RunError, match="is the run folder"):
        export_csv(run, run.folder)


@pytest.mark.parametrize("name", EXPORTS)
def test_a_run_that_is_still_at_work_is_not_exported(folder: Path, tmp_path: Path, name: str) -> None:
    write_record(folder, run_record(state="running"))
    with pytest.raises(RunError, match="not finished"):
        export(folder, name, tmp_path / "out")


def test_a_workbook_has_the_tables_as_sheets(run: FinishedRun, tmp_path: Path) -> None:
    export_xlsx(run, tmp_path / "run.xlsx")
    workbook = openpyxl.load_workbook(tmp_path / "run.xlsx")
    assert workbook.sheetnames == ["identities", "tracklets", "matches"]
    header, only = workbook["identities"].iter_rows(values_only=True)
    assert dict(zip(header, only, strict=True)) == {
        "identity": 7,
        "class": "person",
        "cameras": "c1, north gate",
        "tracklets": "north gate/1, c1/1",
        "start_time_s": 0.1,
        "end_time_s": 0.9,
    }
    assert [row[1] for row in workbook["tracklets"].iter_rows(min_row=2, values_only=True)] == [1, 2, 1]
    (reason,) = (row[-1] for row in workbook["matches"].iter_rows(min_row=2, values_only=True))
    assert reason == "so, yes"


def test_a_cell_that_looks_like_a_formula_is_text(tmp_path: Path) -> None:
    name = "=1+1"
    folder = write_run(
        tmp_path / "run",
        record=run_record(cameras={name: camera_record()}),
        tracklets=f"{name},1,7,person,0,0,0.500,0.500,1,1,0.5000,single_camera",
    )
    export_xlsx(read_run(folder), tmp_path / "run.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "run.xlsx")["tracklets"]["A2"]
    assert (cell.value, cell.data_type) == (name, "s")


def test_coco_refers_from_boxes_to_frames_cameras_and_classes(run: FinishedRun, tmp_path: Path) -> None:
    export_coco(run, tmp_path / "coco.json")
    document = json.loads((tmp_path / "coco.json").read_text(encoding="utf-8"))
    images = {image["id"]: image for image in document["images"]}
    videos = {video["id"]: video["name"] for video in document["videos"]}
    kinds = {category["id"]: category["name"] for category in document["categories"]}
    found = [
        (videos[images[box["image_id"]]["video_id"]], images[box["image_id"]]["frame_id"], kinds[box["category_id"]],
         box["track_id"], box["bbox"], box["score"])
        for box in document["annotations"]
    ]  # fmt: skip
    assert found == [
        ("c1", 0, "person", 7, [0, 0, 10.4, 20.6], 0.9),
        ("north gate", 9, "person", 7, [3.6, 2.4, 10, 20], 0.75),
    ]
    assert images[1]["width"] == 640 and images[1]["file_name"] == "c1/000000.jpg"

"""A finished run, read back as typed records."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.errors import PipelineError, RunError
from pipeline.results.records import IdentityRecord, MatchRecord, Records, TrackletRecord, read_run
from pipeline.results.tables import MATCHES, TRACKLETS
from tests.runs import run_record, write_run

ROWS = """\
gate,1,2,person,0,30,0.000,3.000,31,4,0.5000,linked
gate,2,,person,5,9,0.500,0.900,5,0,,rejected_short
yard,7,2,person,40,90,4.000,9.000,51,8,0.6000,linked
yard,8,1,car,0,10,-1.000,0.000,11,2,0.7000,single_camera
"""
LINKS = """\
1,2,person,gate,1,0.000,3.000,yard,7,4.000,9.000,1.000,0.8000,,0.8000,,,0.6000,accepted,program,"cosine, they say"
2,,,gate,1,0.000,3.000,yard,8,-1.000,0.000,0.5,,,,,,,rejected,user,different classes
"""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    record = run_record(warnings=("mind the gap",))
    return write_run(tmp_path / "run", record=record, tracklets=ROWS, matches=LINKS)


@pytest.mark.parametrize(("record", "columns"), [(TrackletRecord, TRACKLETS), (MatchRecord, MATCHES)])
def test_the_page_on_results_lists_each_field_whose_name_differs_from_its_column(
    record: type[TrackletRecord | MatchRecord], columns: str
) -> None:
    page = (Path(__file__).parents[3] / "docs/results.md").read_text(encoding="utf-8")
    listed: dict[str, str] = {}
    for line in page.splitlines():
        if line.startswith(f"| `{record.__name__}` |"):
            own, others = (re.findall(r"`(\w+)`", cell) for cell in line.split("|")[2:4])
            listed |= dict(zip(own, others, strict=True))
    names = {field.name for field in fields(record)}
    assert listed.keys() <= names
    assert {listed.get(name, name) for name in names} == set(columns.split(","))


def test_identities_gather_their_tracklets_by_time(run: Path) -> None:
    assert list(read_run(run).identities) == [
        IdentityRecord(1, "car", ("yard",), ("yard/8",), -1.0, 0.0),
        IdentityRecord(2, "person", ("gate", "yard"), ("gate/1", "yard/7"), 0.0, 9.0),
    ]


def test_empty_fields_are_none(run: Path) -> None:
    found = read_run(run)
    assert (found.tracklets[1].identity, found.tracklets[1].quality) == (None, None)
    assert (found.matches[0].spacetime, found.matches[0].reason) == (None, "cosine, they say")
    assert (found.matches[1].identity, found.matches[1].kind) == (None, None)
    assert found.warnings == ("mind the gap",)


def test_arrow_has_the_same_types_with_and_without_rows(run: Path) -> None:
    for records in (found := read_run(run)).tracklets, found.identities, found.matches:
        table = records.to_arrow()
        assert table.num_rows == len(records)
        assert records[:0].to_arrow().schema == table.schema
    schema = found.tracklets.to_arrow().schema
    assert (schema.field("identity").type, schema.field("start").type) == (pa.int64(), pa.float64())
    assert found.identities.to_arrow()["tracklets"].to_pylist() == [["yard/8"], ["gate/1", "yard/7"]]


def test_a_slice_is_records_again(run: Path) -> None:
    tracklets = read_run(run).tracklets
    assert tracklets[1:3] == Records(TrackletRecord, tuple(tracklets)[1:3])
    assert tracklets[1:3] != tracklets


@pytest.mark.skipif(find_spec("pandas") is not None, reason="pandas is here")
def test_without_pandas_the_error_names_the_alternative(run: Path) -> None:
    with pytest.raises(PipelineError, match=r"pip install pandas, or use to_arrow"):
        read_run(run).matches.to_pandas()


def test_tracklets_are_found_by_name_and_key(run: Path) -> None:
    finished = read_run(run)
    assert finished.tracklet("yard/7") is finished.by_key["yard", 7]
    assert [match.other("yard/8") for match in finished.matches_of("yard/8")] == ["gate/1"]
    assert [match.decided_by for match in finished.matches] == ["program", "user"]
    with pytest.raises(RunError, match=r"has no tracklet gate/9; tracklets\.csv lists them"):
        finished.tracklet("gate/9")


def cut_short(path: Path) -> None:
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def repeat_a_row(path: Path) -> None:
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines, lines[-1]]))


def as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def as_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("name", ["tracklets.csv", "matches.csv", "tracks.csv"])
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (cut_short, "is damaged or was changed after the run wrote it"),
        (repeat_a_row, "is damaged or was changed"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "is damaged or was changed"),
        (lambda path: path.write_bytes(b""), "is damaged or was changed"),
        (Path.unlink, r"has no \w+\.csv"),
        (as_folder, r"has no \w+\.csv"),
        (as_pipe, r"has no \w+\.csv"),
    ],
)
def test_a_result_that_is_not_as_the_run_wrote_it_is_one_sentence(
    run: Path, name: str, damage: Callable[[Path], object], message: str
) -> None:
    damage(run / name)
    with pytest.raises(RunError, match=message) as raised:
        _ = read_run(run).boxes
    said = str(raised.value)
    assert name in said and "\n" not in said
    assert said.endswith("repeat the command of its match to write it again")


def test_a_missing_part_of_a_camera_is_one_sentence(run: Path) -> None:
    parts = run / "parts" / "gate"
    parts.mkdir(parents=True)
    assert read_run(run).parts("gate").count() == 0  # whoever deletes all pictures still reads the rest
    (parts / "._00000.boxes.parquet").touch()  # written by macOS
    assert read_run(run).parts("gate").count() == 0
    (parts / "camera.json").touch()  # written after the parts, which are gone
    with pytest.raises(RunError, match="some stored parts are missing"):
        read_run(run).parts("gate")
    (parts / "00000.boxes.parquet").touch()
    (parts / "00001.boxes.parquet").touch()  # run.json says that there was one
    with pytest.raises(RunError, match="some stored parts are missing"):
        read_run(run).parts("gate")

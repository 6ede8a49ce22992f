"""A finished run, read back as typed records."""

from __future__ import annotations

import re
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


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("tracklets", "gate,1,2", "gate,one,2", r"line 2 is damaged .*\$\.track`"),
        ("tracklets", "3.000,31", "later,31", r"line 2 is damaged .*\$\.end`"),
        ("tracklets", ",linked\n", "\n", "line 2 has 11 of 12 columns"),
        ("tracklets", "camera,track", "cam,track", "its first line is not 'camera,track"),
        ("tracklets", "gate,1", "roof,1", "names the camera 'roof', run.json does not"),
        ("tracklets", "gate,1,2", "gate,3,2", "row 1 names the tracklet gate/1, tracklets.csv does not"),
        ("tracklets", "gate,1,2", "gate,1," + 400 * "9", r"line 2 is damaged .*\$\.identity`"),
        ("matches", "0.8000", "much", r"line 2 is damaged .*\$\.appearance`"),
        ("matches", "accepted", "perhaps", "line 2 is damaged .*'perhaps'"),
        ("matches", "program", "nobody", "line 2 is damaged .*'nobody'"),
        ("matches", "yard,8", "yard,9", "row 2 names the tracklet yard/9"),
        ("matches", ",,0.6000", ",0.6000", "line 2 has 20 of 21 columns"),
    ],
)
def test_damaged_tables_are_one_sentence(run: Path, name: str, old: str, new: str, message: str) -> None:
    path = run / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(RunError, match=message) as raised:
        read_run(run)
    assert "\n" not in str(raised.value) and str(raised.value).endswith("match again")


def test_text_that_is_not_utf_8_and_missing_files_are_one_sentence(run: Path) -> None:
    (run / "matches.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(RunError, match=r"matches\.csv: is damaged, not CSV in UTF-8"):
        read_run(run)
    (run / "matches.csv").unlink()
    with pytest.raises(RunError, match=r"matches\.csv cannot be read"):
        read_run(run)


def test_boxes_of_an_unknown_tracklet_are_one_sentence(run: Path) -> None:
    row = "gate,9,0.900,9,2,person,1.00,2.00,3.00,4.00,0.5000\n"
    with (run / "tracks.csv").open("a", encoding="utf-8") as file:
        file.write(row)
    with pytest.raises(RunError, match=r"tracks\.csv has the tracklet gate/9, tracklets\.csv does not"):
        _ = read_run(run).boxes

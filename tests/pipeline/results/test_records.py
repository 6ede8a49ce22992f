"""What a run found, as typed records."""

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

ROWS = """\
gate,1,2,person,0,30,0.000,3.000,31,4,0.5000,linked
gate,2,,person,5,9,0.500,0.900,5,0,,rejected_short
yard,7,2,person,40,90,4.000,9.000,51,8,0.6000,linked
yard,8,1,car,0,10,-1.000,0.000,11,2,0.7000,single_camera
"""
LINKS = """\
1,2,person,gate,1,0.000,3.000,yard,7,4.000,9.000,1.000,0.8000,,0.8000,,,0.6000,accepted,"cosine, they say"
2,,,gate,1,0.000,3.000,yard,8,-1.000,0.000,,,,,,,,rejected,different classes
"""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "tracklets.csv").write_text(f"{TRACKLETS}\n{ROWS}", encoding="utf-8")
    (tmp_path / "matches.csv").write_text(
        f"{MATCHES}\n{LINKS.replace(',0.000,,,,', ',0.000,0.5,,,')}", encoding="utf-8"
    )
    (tmp_path / "run.json").write_text('{"state": "done", "warnings": ["mind the gap"]}', encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("record", "columns"), [(TrackletRecord, TRACKLETS), (MatchRecord, MATCHES)])
def test_the_page_on_results_tells_of_each_field_that_is_called_otherwise_than_its_column(
    record: type[TrackletRecord | MatchRecord], columns: str
) -> None:
    page = (Path(__file__).parents[2] / "docs/results.md").read_text(encoding="utf-8")
    told: dict[str, str] = {}
    for line in page.splitlines():
        if line.startswith(f"| `{record.__name__}` |"):
            own, others = (re.findall(r"`(\w+)`", cell) for cell in line.split("|")[2:4])
            told |= dict(zip(own, others, strict=True))
    names = {field.name for field in fields(record)}
    assert told.keys() <= names
    assert {told.get(name, name) for name in names} == set(columns.split(","))


def test_identities_gather_their_tracklets_by_time(run: Path) -> None:
    assert list(read_run(run).identities) == [
        IdentityRecord(1, "car", ("yard",), ("yard/8",), -1.0, 0.0),
        IdentityRecord(2, "person", ("gate", "yard"), ("gate/1", "yard/7"), 0.0, 9.0),
    ]


def test_what_is_empty_in_the_file_is_none(run: Path) -> None:
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
    assert tracklets[1:3] == Records(TrackletRecord, list(tracklets)[1:3])
    assert tracklets[1:3] != tracklets


@pytest.mark.skipif(find_spec("pandas") is not None, reason="pandas is here")
def test_without_pandas_the_way_around_is_named(run: Path) -> None:
    with pytest.raises(PipelineError, match=r"pip install pandas, or use to_arrow"):
        read_run(run).matches.to_pandas()


def test_a_damaged_row_is_named(run: Path) -> None:
    text = (run / "tracklets.csv").read_text(encoding="utf-8")
    (run / "tracklets.csv").write_text(text.replace("gate,1,2", "gate,one,2"), encoding="utf-8")
    with pytest.raises(RunError, match="'one'"):
        read_run(run)

"""The record of a run, written and read back."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import RunConfig
from pipeline.embedding.config import EmbeddingConfig
from pipeline.errors import RunError
from pipeline.folder.store import write_json_file
from pipeline.footage.cameras import Camera, Polygon, Transition
from pipeline.footage.recording import Recording
from pipeline.matching.config import Chosen, MatchingConfig
from pipeline.matching.thresholds.calibration import Calibration
from pipeline.results.run_record import (
    CalibrationRecord,
    CameraSettings,
    CorrectionsRecord,
    RunInputs,
    RunRecord,
    as_json,
    read_record,
    write_record,
)
from pipeline.setup.describe import run_inputs
from pipeline.tracking.config import TrackingConfig
from tests.runs import camera_record, run_record, run_settings

NUMBERS = st.floats(-1e9, 1e9)
NAMES = st.text(min_size=1, max_size=9)
POLYGONS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=4).map(tuple)
CALIBRATION = Calibration(0.6, 0.9, "run", 20, 10, 0.01, (0.001, 0.02))


@st.composite
def records(draw: st.DrawFn) -> RunRecord:
    """Records with odd camera names, ignored polygons, and values that are absent."""
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    polygons: tuple[Polygon, ...] = tuple(draw(st.lists(POLYGONS, max_size=2)))
    optional = draw(st.booleans())
    cameras = tuple(
        Camera(
            name,
            Recording((Path("/footage") / str(place),)),
            draw(NUMBERS),
            optional,
            polygons,
            Path("/boxes") if optional else None,
        )
        for place, name in enumerate(names)
    )
    config = RunConfig(
        TrackingConfig(classes=("person",) if optional else (), start=draw(st.none() | NUMBERS)),
        EmbeddingConfig(weights=Path("/w.pt") if optional else None, clips=3),
        MatchingConfig(threshold=Chosen(0.5, "user"), margin=0.5, centring_minimum=5 if optional else None),
        calibration=Path("/thresholds.toml") if optional else None,
        transitions=draw(st.sampled_from([None, "run", "/ways.json"])),
        corrections=Path("/corrections.csv") if optional else None,
    )
    maximum = draw(st.none() | NUMBERS)
    estimate = CalibrationRecord(CALIBRATION if optional else None, ("a sentence",))
    return run_record(
        given=RunInputs(cameras, (Transition((names[0], names[-1]), maximum=maximum),), config),
        settings=run_settings(*names),
        cameras={
            name: camera_record(failed="gone", report=None) if optional else camera_record() for name in names
        },
        calibration={"people": estimate},
        corrections=CorrectionsRecord("/c.csv", "abc", 1, 2, 3) if optional else None,
        finished=draw(st.none() | NAMES),
        warnings=tuple(draw(st.lists(st.text(), max_size=2))),
    )


@given(records())
def test_a_record_is_read_back_as_written(record: RunRecord) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_record(Path(folder), record)
        assert read_record(Path(folder)) == record


def test_inputs_have_absolute_paths_so_that_they_are_found_from_any_folder(tmp_path: Path) -> None:
    record = run_record()
    relative = run_inputs(
        RunInputs((Camera("gate", Recording((Path("gate.mp4"),))),), (), RunConfig()).camera_set,
        RunConfig(corrections=Path("c.csv"), transitions="ways.json"),
    )
    write_record(tmp_path, run_record(given=relative))
    inputs = read_record(tmp_path).given
    assert inputs.camera_set["gate"].recording.files == (Path("gate.mp4").absolute(),)
    assert inputs.config.corrections == Path("c.csv").absolute()
    assert inputs.config.transitions == str(Path("ways.json").absolute())
    assert record.given.config.transitions is None


def change(record: dict[str, Any], keys: str, value: object) -> dict[str, Any]:
    """Set a nested value, such as that of "settings.tracking.iou"."""
    *parents, last = keys.split(".")
    entry = record
    for key in parents:
        entry = entry[key]
    entry[last] = value
    return record


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        ("warnings", "a text"),
        ("state", "unknown"),
        ("given", None),
        ("given.cameras", 3),
        ("settings.tracking.iou", "high"),
        ("matching.people.threshold", {"value": 7.0, "by": "user"}),
        ("matching.dogs", {}),
        ("cameras.gate.report", {"fps": 10}),
    ],
)
def test_a_record_with_a_wrong_value_is_one_sentence(tmp_path: Path, keys: str, value: object) -> None:
    record = change(json.loads(json.dumps(as_json(run_record()), default=str)), keys, value)
    write_json_file(tmp_path / "run.json", record)
    check_refused(tmp_path, "was written by another version")


@pytest.mark.parametrize("text", ["[" * 200_000, "{", "[]", "3", "{}", '{"state": "done"}', "\x00"])
def test_a_file_that_is_no_record_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    check_refused(tmp_path, "is damaged")


def test_a_record_that_was_changed_is_refused(tmp_path: Path) -> None:
    write_record(tmp_path, run_record())
    path = tmp_path / "run.json"
    path.write_text(path.read_text(encoding="utf-8").replace("/footage/gate.mp4", "/footage/yard.mp4", 1))
    check_refused(tmp_path, "is damaged or was changed after the run wrote it")


def check_refused(folder: Path, message: str) -> None:
    with pytest.raises(RunError, match=rf"run\.json: {message}") as raised:
        read_record(folder)
    assert "\n" not in str(raised.value) and "--overwrite" in str(raised.value)


def test_a_folder_without_a_record_and_a_run_that_is_not_finished_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"has no run\.json"):
        read_record(tmp_path)
    write_record(tmp_path, run_record(state="running"))
    with pytest.raises(RunError, match="is not finished"):
        read_record(tmp_path)
    write_record(tmp_path, run_record(state="failed", cameras={}))
    assert read_record(tmp_path).settings.cameras == dict[str, CameraSettings]()

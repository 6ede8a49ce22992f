"""The document and the sections of the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.page.document import page_document
from pipeline.page.sections import camera_lines, plots, settings_groups, shared_identities, without_folders
from pipeline.results.records import FinishedRun, read_run
from pipeline.results.run_record import NetworkRecord, WeightsRecord
from tests.pipeline.report.written import GATE, HALL, YARD, write_run
from tests.runs import camera_record, run_record


@pytest.fixture
def run(tmp_path: Path) -> FinishedRun:
    return read_run(write_run(tmp_path / "run"))


def test_identities_of_several_cameras_come_first_then_ambiguous_ones_then_those_of_one_camera(
    run: FinishedRun,
) -> None:
    document = page_document(run)
    assert [(identity.identity, identity.group, identity.word) for identity in document.identities] == [
        (1, "several", "likely"),
        (2, "open", None),
        (3, "open", None),
        (4, "single", None),
        (5, "single", None),
    ]


def test_the_script_reads_the_document_as_json(run: FinishedRun) -> None:
    document = page_document(run).to_json([4] * len(run.tracklets))
    assert list(document) == ["cameras", "tracklets", "identities", "links"]
    assert isinstance(document["links"], list)
    assert {link["decided_by"] for link in document["links"]} == {"program"}


def test_links_of_an_untrusted_network_are_doubtful(run: FinishedRun) -> None:
    record = replace(run.record, links_trusted={"people": False, "vehicles": False})
    assert page_document(replace(run, record=record)).identities[0].word == "doubtful"


def test_the_runner_up_of_a_link_is_found_whatever_the_cameras_are_called(run: FinishedRun) -> None:
    document = page_document(run)
    rivals = [None if link.rival is None else document.tracklets[link.rival].name for link in document.links]
    assert rivals == [f"{GATE}/2", None, f"{GATE}/1", None]


def test_cameras_are_counted_with_the_identities_they_share(run: FinishedRun) -> None:
    cameras = run.record.cameras | {
        "unused": camera_record(),
        GATE: camera_record(failed="no such file", report=None),
    }
    run = replace(run, record=replace(run.record, cameras=cameras))
    lines = {line.name: line for line in camera_lines(run)}
    assert (lines[GATE].tracklets, lines[GATE].identities, lines[GATE].shared) == (3, 3, 1)
    assert (lines[HALL].tracklets, lines[HALL].left_out, lines["unused"].tracklets) == (3, 1, 0)
    assert (lines[GATE].notes, lines[GATE].picture) == (("left out: no such file",), "not read")
    shared = shared_identities(run)
    gate, yard = run.cameras.index(GATE), run.cameras.index(YARD)
    assert shared[gate][yard] == shared[yard][gate] == 1
    assert shared[run.cameras.index("unused")] == [0, 0, 0, 0]


def test_the_folders_of_a_run_s_files_are_removed() -> None:
    record = run_record(
        weights=WeightsRecord(
            None, {"people": NetworkRecord("file", "/home/anna lee/own.safetensors", "a" * 64, "fgreid")}
        ),
        cameras={"gate": camera_record(files=("/home/anna lee/gate.mp4",))},
    )
    assert without_folders("/home/anna lee/gate.mp4 ends early", record) == "gate.mp4 ends early"
    assert settings_groups(record)["Networks"] == [
        ("people, source", "file"),
        ("people, file", "own.safetensors"),
        ("people, sha256", "a" * 12 + "…"),
        ("people, variant", "fgreid"),
    ]


def test_plots_in_the_run_folder_are_shown_if_they_are_png_files(tmp_path: Path) -> None:
    (tmp_path / "offsets.png").write_bytes(b"\x89PNG\r\n\x1a\nrest")
    (tmp_path / "calibration.png").write_bytes(b"<svg onload=alert(1)>")
    ((caption, address),) = plots(tmp_path)
    assert "clock offsets" in caption and address == "data:image/png;base64,iVBORw0KGgpyZXN0"

"""What the page is told of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import RunError
from pipeline.page.document import read_findings
from pipeline.page.sections import camera_lines, flow, plots, settings, without_folders
from tests.pipeline.report.written import GATE, HALL, SEEN, YARD, write_run

CAMERAS = sorted([GATE, YARD, HALL])


def test_people_of_several_cameras_come_first_then_open_ones_then_those_of_one_camera(tmp_path: Path) -> None:
    found = read_findings(write_run(tmp_path / "run"), CAMERAS, {"people": True})
    assert [(one.identity, one.group, one.word) for one in found.people] == [
        (1, "several", "likely"),
        (2, "open", None),
        (3, "open", None),
        (4, "single", None),
        (5, "single", None),
    ]


def test_links_of_a_network_that_may_not_be_trusted_are_doubtful(tmp_path: Path) -> None:
    found = read_findings(write_run(tmp_path / "run"), CAMERAS, {"people": False})
    assert found.people[0].word == "doubtful"


def test_a_link_knows_its_runner_up_whatever_the_cameras_are_called(tmp_path: Path) -> None:
    found = read_findings(write_run(tmp_path / "run"), CAMERAS, {})
    rivals = [None if link.rival is None else found.tracklets[link.rival].name for link in found.links]
    assert rivals == [f"{GATE}/2", None, f"{GATE}/1", None]


def test_a_link_between_tracklets_that_are_not_there_is_one_sentence(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", SEEN[1:])
    with pytest.raises(RunError, match="do not fit together"):
        read_findings(run, CAMERAS, {})


def test_cameras_are_counted_with_whom_they_share(tmp_path: Path) -> None:
    found = read_findings(write_run(tmp_path / "run"), [*CAMERAS, "unused"], {})
    lines = {one.name: one for one in camera_lines(found, {"cameras": {GATE: {"failed": "no such file"}}})}
    assert (lines[GATE].tracklets, lines[GATE].identities, lines[GATE].shared) == (3, 3, 1)
    assert (lines[HALL].tracklets, lines[HALL].left_out, lines["unused"].tracklets) == (3, 1, 0)
    assert lines[GATE].notes == ("left out: no such file",)
    both = flow(found)
    assert (
        both[CAMERAS.index(GATE)][CAMERAS.index(YARD)] == 1 == both[CAMERAS.index(YARD)][CAMERAS.index(GATE)]
    )
    assert both[3] == [0, 0, 0, 0]


def test_the_folders_of_a_run_s_files_are_not_told() -> None:
    record = {"cameras": {"gate": {"file": "/home/anna lee/gate.mp4"}}, "weights": {"network": {"people": {
        "file": "/home/anna lee/own.safetensors", "sha256": "a" * 64}}}}  # fmt: skip
    assert without_folders("/home/anna lee/gate.mp4 ends early", record) == "gate.mp4 ends early"
    assert settings(record) == {
        "Networks": [("people, file", "own.safetensors"), ("people, sha256", "a" * 12 + "…")]
    }


def test_plots_in_the_run_folder_are_taken_along_if_they_are_pictures(tmp_path: Path) -> None:
    (tmp_path / "offsets.png").write_bytes(b"\x89PNG\r\n\x1a\nrest")
    (tmp_path / "calibration.png").write_bytes(b"<svg onload=alert(1)>")
    ((caption, address),) = plots(tmp_path)
    assert "clocks" in caption and address == "data:image/png;base64,iVBORw0KGgpyZXN0"

"""Checks of a machine: which results keep `match` from running, and the commands that repair it."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest
from packaging.requirements import Requirement

from detectors.weights import DEFAULT, RELEASES
from pipeline.doctor import all_checks
from pipeline.doctor.check import Check, State, can_match, repair_command
from pipeline.doctor.codecs import CODECS, FRAMES, write_recording
from pipeline.doctor.packages import _check_package
from pipeline.doctor.weights import check_detector, check_imagenet, check_networks
from pipeline.footage.decoders import fits_decord
from pipeline.footage.scan import scan_footage
from pipeline.footage.segments import cut_segments
from reid.weights import IMAGENET, SHIPPED


@pytest.mark.parametrize(
    ("states", "ready"),
    [
        (["ok", "ok"], True),
        (["ok", "note"], True),
        (["ok", "missing"], False),
        (["wrong", "ok"], False),
    ],
)
def test_match_runs_unless_a_part_is_missing_or_wrong(states: list[State], ready: bool) -> None:
    assert can_match([Check("it", state, "so it is") for state in states]) == ready


def test_one_command_repairs_all_blocking_parts_and_nothing_else() -> None:
    checks = [
        Check("av", "missing", "not installed", "pip install av"),
        Check("disk", "note", "1 GB", "rm -r runs"),
        Check("av", "wrong", "as it needs numpy"),
        Check("av", "wrong", "again", "pip install av"),
        Check("numpy", "wrong", "half of it is gone", "pip install numpy"),
    ]
    assert repair_command(checks) == "pip install av && pip install numpy"


@pytest.mark.parametrize(
    ("needed", "state", "command"),
    [
        pytest.param("numpy>=1", "ok", "", id="here"),
        pytest.param("numpy>=999", "wrong", "pip install 'numpy>=999'", id="too-old"),
        pytest.param("no-such-package-7>=2", "missing", "pip install 'no-such-package-7>=2'", id="not-here"),
    ],
)
def test_a_package_is_compared_with_its_requirement(needed: str, state: str, command: str) -> None:
    check = _check_package(Requirement(needed), set())
    assert (check.state, check.cure) == (state, command)


def test_a_failing_check_is_reported_and_the_others_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def fall() -> None:
        raise RuntimeError("the driver\n\nis away")

    checks = {"GPU": fall, "ours": lambda: iter([Check("ours", "ok", "here")])}
    monkeypatch.setattr(all_checks, "CHECKS", MappingProxyType(checks))
    said = [(check.what, check.state, check.said) for check in all_checks.check_machine()]
    assert said == [("GPU", "wrong", "cannot be checked (the driver is away)"), ("ours", "ok", "here")]


@pytest.mark.parametrize("codec", CODECS)
def test_decord_decodes_the_recording_of_each_codec(codec: str, tmp_path: Path) -> None:
    write_recording(tmp_path / "it.mkv", CODECS[codec])
    scan = scan_footage(tmp_path / "it.mkv", lambda: None)
    assert all(fits_decord(scan, segment, FRAMES) for segment in cut_segments(scan, FRAMES))


def test_a_network_is_compared_with_its_card(tmp_path: Path) -> None:
    assert [check.state for check in check_networks()] == ["ok", "ok"]
    assert [check.state for check in check_networks(folder=tmp_path)] == ["missing", "missing"]
    (tmp_path / "people.md").write_text((SHIPPED / "people.md").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "people.safetensors").write_bytes((SHIPPED / "people.safetensors").read_bytes()[:-1])
    assert [check.state for check in check_networks(folder=tmp_path)] == ["wrong", "missing"]


def test_the_detector_is_searched_where_match_searches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    absent = tmp_path / "absent.pt"
    (nothing,) = check_detector(shipped=absent)
    assert "the first run downloads it, which needs a network" in nothing.said
    assert RELEASES[DEFAULT].url in nothing.cure
    (tmp_path / "own.pt").write_bytes(b"own")
    (own,) = check_detector(shipped=tmp_path / "own.pt")
    assert "without a network uses" in own.said
    (tmp_path / DEFAULT).write_bytes(b"mine")
    (mine,) = check_detector(shipped=absent)
    assert mine.said.startswith(f"{DEFAULT}, SHA-256 ")
    assert mine.said.endswith("not the published file, but `match` uses it")


def test_an_incomplete_download_of_imagenet_is_found(tmp_path: Path) -> None:
    (before,) = check_imagenet(folder=tmp_path)
    (tmp_path / IMAGENET).write_bytes(b"half")
    (after,) = check_imagenet(folder=tmp_path)
    assert "is missing" in before.said
    assert "is damaged" in after.said

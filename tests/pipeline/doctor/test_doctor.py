"""What keeps `match` from running, what does not, and what brings it."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest
from packaging.requirements import Requirement

from detectors.weights import DEFAULT, RELEASES
from pipeline.doctor import examine
from pipeline.doctor.check import Check, State, cure, runs
from pipeline.doctor.codecs import CODECS, FRAMES, write
from pipeline.doctor.packages import _package
from pipeline.doctor.weights import detector, imagenet, networks
from pipeline.footage.decoders import fits_decord
from pipeline.footage.scan import scan_footage
from pipeline.footage.segments import cut
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
def test_only_what_is_missing_or_wrong_keeps_match_from_running(states: list[State], ready: bool) -> None:
    assert runs([Check("it", state, "so it is") for state in states]) == ready


def test_one_command_brings_all_that_is_missing_and_nothing_else() -> None:
    checks = [
        Check("lap", "missing", "not installed", "pip install lap"),
        Check("disk", "note", "1 GB", "rm -r runs"),
        Check("av", "wrong", "as it needs numpy"),
        Check("lap", "wrong", "again", "pip install lap"),
        Check("numpy", "wrong", "half of it is gone", "pip install numpy"),
    ]
    assert cure(checks) == "pip install lap && pip install numpy"


@pytest.mark.parametrize(
    ("needed", "state", "bring"),
    [
        pytest.param("numpy>=1", "ok", "", id="here"),
        pytest.param("numpy>=999", "wrong", "pip install 'numpy>=999'", id="too-old"),
        pytest.param("no-such-package-7>=2", "missing", "pip install 'no-such-package-7>=2'", id="not-here"),
    ],
)
def test_a_package_is_held_against_what_is_needed(needed: str, state: str, bring: str) -> None:
    check = _package(Requirement(needed), set())
    assert (check.state, check.cure) == (state, bring)


def test_a_look_that_fails_is_told_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fall() -> None:
        raise RuntimeError("the driver\n\nis away")

    looks = {"GPU": fall, "ours": lambda: iter([Check("ours", "ok", "here")])}
    monkeypatch.setattr(examine, "LOOKS", MappingProxyType(looks))
    said = [(check.what, check.state, check.said) for check in examine.examine()]
    assert said == [("GPU", "wrong", "cannot be looked at (the driver is away)"), ("ours", "ok", "here")]


@pytest.mark.parametrize("codec", CODECS)
def test_decord_is_asked_for_each_recording_that_it_is_said_to_have_read(codec: str, tmp_path: Path) -> None:
    write(tmp_path / "it.mkv", CODECS[codec])
    scan = scan_footage(tmp_path / "it.mkv", lambda: None)
    assert all(fits_decord(scan, segment, FRAMES) for segment in cut(scan, FRAMES))


def test_a_network_is_held_against_its_card(tmp_path: Path) -> None:
    assert [check.state for check in networks()] == ["ok", "ok"]
    assert [check.state for check in networks(folder=tmp_path)] == ["missing", "missing"]
    (tmp_path / "people.md").write_text((SHIPPED / "people.md").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "people.safetensors").write_bytes((SHIPPED / "people.safetensors").read_bytes()[:-1])
    assert [check.state for check in networks(folder=tmp_path)] == ["wrong", "missing"]


def test_the_detector_is_looked_for_where_match_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    absent = tmp_path / "absent.pt"
    (nothing,) = detector(shipped=absent)
    assert "the first run with a network fetches it" in nothing.said
    assert RELEASES[DEFAULT].url in nothing.cure
    (tmp_path / "own.pt").write_bytes(b"own")
    (own,) = detector(shipped=tmp_path / "own.pt")
    assert "without a network takes" in own.said
    (tmp_path / DEFAULT).write_bytes(b"mine")
    (mine,) = detector(shipped=absent)
    assert mine.said.startswith(f"{DEFAULT}, SHA-256 ")
    assert mine.said.endswith("not the published file, but used as it is")


def test_a_cut_short_download_of_imagenet_is_seen(tmp_path: Path) -> None:
    (before,) = imagenet(folder=tmp_path)
    (tmp_path / IMAGENET).write_bytes(b"half")
    (after,) = imagenet(folder=tmp_path)
    assert "is not here" in before.said
    assert "is damaged" in after.said

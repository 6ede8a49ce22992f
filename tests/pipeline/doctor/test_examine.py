"""What keeps `match` from running, what does not, and what brings it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.doctor.check import Check, State, cure, runs
from pipeline.doctor.weights import detector, networks
from reid.weights import SHIPPED


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
    checks = [Check("it", state, "so it is", "mend it") for state in states]
    assert runs(checks) == ready
    assert bool(cure(checks)) != ready


def test_a_network_is_held_against_its_card(tmp_path: Path) -> None:
    assert [check.state for check in networks(folder=SHIPPED)] == ["ok"]
    assert [check.state for check in networks(folder=tmp_path)] == ["missing"]
    (tmp_path / "people.md").write_text((SHIPPED / "people.md").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "people.safetensors").write_bytes((SHIPPED / "people.safetensors").read_bytes()[:-1])
    assert [check.state for check in networks(folder=tmp_path)] == ["wrong"]


def test_a_detector_that_is_not_here_is_no_obstacle_and_the_command_that_brings_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (found,) = detector(shipped=tmp_path / "none.pt")
    assert found.state == "note"
    assert found.cure.startswith("curl -fL")
    (tmp_path / "yolo11n.pt").write_bytes(b"somebody's own")
    (found,) = detector(shipped=tmp_path / "none.pt")
    assert (found.state, "not the published file" in found.said) == ("note", True)

"""What keeps `match` from running, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.doctor import Check, _network, runs
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
def test_only_what_is_missing_or_wrong_keeps_match_from_running(states: list[str], ready: bool) -> None:
    checks = [Check("it", state, "so it is") for state in states]  # type: ignore[arg-type]
    assert runs(checks) == ready


def test_a_network_is_held_against_its_card(tmp_path: Path) -> None:
    assert _network(SHIPPED).state == "ok"
    assert _network(tmp_path).state == "missing"
    (tmp_path / "people.md").write_text((SHIPPED / "people.md").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "people.safetensors").write_bytes((SHIPPED / "people.safetensors").read_bytes()[:-1])
    assert _network(tmp_path).state == "wrong"

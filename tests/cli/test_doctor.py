"""`doctor` reports the machine's state in lines and as JSON, also if packages are broken, and sends no request."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main


def test_a_machine_that_runs_the_tests_is_ready_and_no_request_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[object] = []
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, lambda *words: asked.append(words))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *words, **more: asked.append((words, more)))
    answer = CliRunner().invoke(main, ["doctor", "--json"])
    found = json.loads(answer.stdout)
    states = {check["what"]: check["state"] for check in found["checks"]}
    assert found["ready"], answer.stdout
    assert answer.exit_code == 0
    for what in ("torch", "decord2", "H.264 video", "ReID network, people"):
        assert states[what] == "ok"
    assert {"detector", "ImageNet", "disk", "memory", "terminal", "processor"} <= set(states)
    assert asked == []


def test_a_broken_package_is_reported_with_its_repair_command(tmp_path: Path) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise ImportError('half of it is gone')")
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    answer = subprocess.run(
        [sys.executable, "-m", "cli.main", "doctor"],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = answer.stdout.splitlines()
    place = next(place for place, line in enumerate(lines) if line.startswith("wrong   torch: "))
    assert lines[place].endswith("cannot be imported (half of it is gone)")
    assert lines[place + 1].startswith("        → pip install --force-reinstall 'torch")
    assert any(line.startswith("wrong   timm: ") and "because it needs torch" in line for line in lines)
    assert any(line.startswith("ok      H.264 video") for line in lines)
    assert lines[-2:] == ["`match` does not run here. To repair it, run:", lines[place + 1].strip(" →")]
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr

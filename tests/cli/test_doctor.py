"""Is this machine ready? Said in lines and as JSON, whatever is broken, and without asking anybody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ASKED = """
import sys
def refuse(event, args):
    if event in ("socket.connect", "socket.getaddrinfo"):
        print("ASKED", event, args, file=sys.stderr)
sys.addaudithook(refuse)
from cli.main import main
main(prog_name="reid-pipeline")
"""


def doctor(*flags: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    first = [str(path)] if path else []
    env = os.environ | {"PYTHONPATH": os.pathsep.join([*first, *filter(None, sys.path)])}
    command = [sys.executable, "-c", ASKED, "doctor", *flags]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_a_machine_that_runs_the_tests_is_ready_and_nobody_was_asked() -> None:
    answer = doctor("--json")
    found = json.loads(answer.stdout)
    states = {check["what"]: check["state"] for check in found["checks"]}
    assert found["ready"], answer.stdout
    assert answer.returncode == 0
    assert states["torch"] == states["H.264 video"] == states["ReID network, people"] == "ok"
    assert "ASKED" not in answer.stderr


def test_a_broken_package_is_a_line_with_its_cure(tmp_path: Path) -> None:
    (tmp_path / "ultralytics").mkdir()
    (tmp_path / "ultralytics" / "__init__.py").write_text("raise ImportError('half of it is gone')")
    answer = doctor(path=tmp_path)
    lines = answer.stdout.splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("wrong   ultralytics: "))
    assert "cannot be imported (half of it is gone)" in lines[place]
    assert "pip install --force-reinstall" in lines[place + 1]
    assert lines[-1].startswith("pip install --force-reinstall")
    assert any(line.startswith("ok      H.264 video") for line in lines)
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr

"""Shell completion of the command line, without slow imports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import COMMANDS

HEAVY = ("torch", "cv2", "av", "scipy", "matplotlib", "pyarrow")


def complete(typed: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Ask as bash does; gives kinds and values offered, and which heavy packages were imported."""
    asked = {
        "_REID_PIPELINE_COMPLETE": "bash_complete",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split(" ")) - 1),
    }
    code = (
        "import sys; from cli.main import main\n"
        "try: main(prog_name='reid-pipeline')\n"
        f"finally: print(*[name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | asked, capture_output=True, text=True, check=False
    )
    offered = [tuple(line.split(",", 1)) for line in answer.stdout.splitlines()]
    return [(kind, value) for kind, value in offered], answer.stderr.split()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        pytest.param("reid-pipeline ma", ("plain", "match"), id="commands"),
        pytest.param("reid-pipeline config s", ("plain", "show"), id="commands-of-commands"),
        pytest.param("reid-pipeline match --est", ("plain", "--estimate-offsets"), id="options"),
        pytest.param("reid-pipeline export run --format a", ("plain", "aicity"), id="choices"),
        pytest.param("reid-pipeline match ga", ("file", "ga"), id="videos"),
        pytest.param("reid-pipeline match --detections bo", ("file", "bo"), id="named-files"),
        pytest.param("reid-pipeline match --config ma", ("file", "ma"), id="files"),
        pytest.param("reid-pipeline report mon", ("dir", "mon"), id="run-folders"),
    ],
)
def test_the_shell_completes(typed: str, offered: tuple[str, str]) -> None:
    found, heavy = complete(typed)
    assert offered in found
    assert heavy == []


def test_no_command_loads_anything_heavy_to_complete_its_options() -> None:
    code = f"import sys; from importlib import import_module\nfor name in {COMMANDS}: import_module('cli.' + name)"
    said = f"print(*[name for name in {HEAVY} if name in sys.modules])"
    answer = subprocess.run(
        [sys.executable, "-c", f"{code}\n{said}"], capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == []


def test_bash_accepts_the_completion_script(tmp_path: Path) -> None:
    script = tmp_path / "script"
    shown = subprocess.run(
        [sys.executable, "-c", "from cli.main import main; main(prog_name='reid-pipeline')"],
        env=os.environ | {"_REID_PIPELINE_COMPLETE": "bash_source"},
        capture_output=True,
        text=True,
        check=True,
    )
    script.write_text(shown.stdout)
    subprocess.run(["bash", "-c", f". {script} && complete -p reid-pipeline"], check=True)

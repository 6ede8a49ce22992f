"""Every benchmark and tool can be imported and explains its command."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

ROOT = Path(__file__).parents[2]
PROGRAMS = [
    f"{folder}.{path.stem}"
    for folder in ("benchmarks", "tools")
    for path in sorted((ROOT / folder).glob("*.py"))
]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_documents_its_command(name: str) -> None:
    program = import_module(name)
    assert f"python -m {name}" in (program.__doc__ or "")
    assert CliRunner().invoke(program.main, ["--help"]).exit_code == 0

"""Arguments of `explain`; the explanations are tested with `pipeline.explain`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main


@pytest.mark.parametrize(
    "arguments",
    [[], ["a/1", "b/1", "c/1"], ["a/1", "a/1"], ["a/1", "--identity", "1"], ["--identity", "one"]],
)
def test_invalid_arguments_are_wrong_usage(tmp_path: Path, arguments: list[str]) -> None:
    result = CliRunner().invoke(main, ["explain", str(tmp_path), *arguments])
    assert result.exit_code == 2
    assert "Error: " in result.stderr


def test_a_folder_without_a_run_is_an_error_of_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["explain", str(tmp_path), "--identity", "1"])
    assert result.exit_code == 1
    assert "has no run.json; name the folder of a finished run" in result.stderr

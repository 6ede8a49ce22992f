"""What `explain` may be asked; the stories themselves are tested where they are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main


@pytest.mark.parametrize(
    "arguments",
    [[], ["a/1", "b/1", "c/1"], ["a/1", "a/1"], ["a/1", "--identity", "1"], ["--identity", "one"]],
)
def test_a_question_that_cannot_be_understood_is_wrong_usage(tmp_path: Path, arguments: list[str]) -> None:
    result = CliRunner().invoke(main, ["explain", str(tmp_path), *arguments])
    assert result.exit_code == 2
    assert "Error: " in result.stderr


def test_a_folder_that_is_no_run_is_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["explain", str(tmp_path), "--identity", "1"])
    assert result.exit_code == 1
    assert "is this a finished run?" in result.stderr

"""Messages of the command line about odd paths."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main


@pytest.mark.parametrize("option", ["--corrections", "--calibration", "--cameras", "--config"])
def test_a_pipe_is_refused_and_does_not_block(tmp_path: Path, option: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    result = CliRunner().invoke(main, ["match", "gate.mp4", option, str(pipe)])
    assert result.exit_code == 2
    assert "pipe is not a regular file" in result.stderr


def test_a_misspelt_command_is_answered_with_the_nearest() -> None:
    result = CliRunner().invoke(main, ["macth", "gate.mp4"])
    assert result.exit_code == 2
    assert "Did you mean 'match'?" in result.stderr


def test_a_name_with_a_line_break_does_not_break_the_message(tmp_path: Path) -> None:
    folder = tmp_path / "two\nlines"
    folder.mkdir()
    result = CliRunner().invoke(main, ["report", str(folder)])
    assert result.exit_code == 1
    assert "two\\nlines: has no run.json" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_loop_of_links_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").symlink_to(tmp_path / "b.mp4")
    (tmp_path / "b.mp4").symlink_to(tmp_path / "a.mp4")
    out = str(tmp_path / "run")
    result = CliRunner().invoke(main, ["match", str(tmp_path / "a.mp4"), "--out", out])
    assert result.exit_code in (1, 2)
    assert "a.mp4" in result.stderr and "Traceback" not in result.stderr

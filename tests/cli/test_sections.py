"""The order of the options in `match --help`."""

from __future__ import annotations

import re

from click.testing import CliRunner

from cli.config_file import ConfigFileOption
from cli.main import main
from cli.match import match_command


def test_help_of_match_lists_each_option_once_and_fits_on_a_screen() -> None:
    text = CliRunner().invoke(main, ["match", "--help"], env={"COLUMNS": "100"}).stdout
    shown = re.findall(r"^  (?:-[hqv], )?(--[a-z-]+)", text, re.MULTILINE)
    options = [param for param in match_command.params if not isinstance(param, ConfigFileOption)]
    assert sorted(shown) == sorted(
        [name for param in options for name in param.opts if name.startswith("--")] + ["--help"]
    )
    assert shown[:3] == ["--out", "--cameras", "--corrections"]
    assert "Options:" not in text
    assert len(text.splitlines()) <= 52  # at 80 columns


def test_an_option_of_files_only_is_no_option_of_the_command_line() -> None:
    result = CliRunner().invoke(main, ["match", "a.mp4", "--min-boxes", "3"])
    assert result.exit_code == 2
    assert "No such option" in result.stderr

"""What an operator sees first of `match --help`, and that nothing is left out."""

from __future__ import annotations

import re

from click.testing import CliRunner

from cli.main import main


def test_each_option_of_match_stands_once_in_its_help_and_those_that_matter_first() -> None:
    from cli.match import match

    said = CliRunner().invoke(main, ["match", "--help"]).stdout
    shown = re.findall(r"^  (?:-h, )?(--[a-z-]+)", said, re.MULTILINE)
    assert sorted(shown) == sorted(
        [option for param in match.params for option in param.opts if "-" in option] + ["--help"]
    )
    assert shown[:5] == ["--out", "--cameras", "--classes", "--vid-stride", "--corrections"]
    assert "Options:" not in said
    assert said.index("--help") < said.index("Linking:")

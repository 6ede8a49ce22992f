"""The page of all commands is what the help texts say."""

from __future__ import annotations

from cli.main import COMMANDS
from tools.command_reference import PAGE, build_page


def test_the_commands_page_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == build_page(), "run `python -m tools.command_reference`"


def test_the_commands_page_has_a_section_for_each_command() -> None:
    headings = [line.removeprefix("## ") for line in build_page().splitlines() if line.startswith("## ")]
    assert {heading.split()[0] for heading in headings} >= set(COMMANDS)

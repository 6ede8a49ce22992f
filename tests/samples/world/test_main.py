from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from samples.world.__main__ import main


def world(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize("command", ["footage", "tracklets", "scenes"])
def test_every_command_explains_its_options(command: str) -> None:
    result = world(command, "--help")
    assert result.exit_code == 0
    assert all(
        option in result.output for option in ("--seed", "--cameras", "--size", "--workers", "--people")
    )


def test_help_does_not_wait_for_what_draws_and_writes() -> None:
    slow = {"anny", "av", "torch", "ultralytics"}
    code = f"import sys, samples.world.__main__; print({slow} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param(["tracklets", "--people", "0"], "choose at least one actor", id="nobody"),
        pytest.param(
            ["scenes", "--vehicles", "3", "--kind", "corridor"],
            "vehicles need one of the kinds",
            id="indoors",
        ),
    ],
)
def test_what_cannot_be_filmed_is_said_in_one_line(
    tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    result = world(*arguments, tmp_path / "new")
    assert result.exit_code == 1
    assert complaint in result.output
    assert result.output.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["footage", "--kind", "moon"],
        ["footage", "--size", "1", "1"],
        ["scenes", "--cameras", "7"],
        ["footage", "--seed", "-1"],
    ],
)
def test_options_that_do_not_exist_are_wrong_usage(tmp_path: Path, arguments: list[str]) -> None:
    assert world(*arguments, tmp_path / "new").exit_code == 2

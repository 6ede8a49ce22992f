"""The command group; errors become one line and an exit status."""

from __future__ import annotations

import io
import re
import sys
from difflib import get_close_matches
from typing import Any

import click

from cli.logs import LOG_OPTIONS, set_level
from detectors.errors import DetectorError
from pipeline.errors import CamerasError, CorrectionsError, PipelineError
from reid.errors import RecipeError, ReidError

RUNS = (
    "match",
    "report",
    "review",
    "render",
    "search",
    "explain",
    "export",
    "transitions",
    "score",
    "calibrate",
)
TRAININGS = ("train", "evaluate", "ablate", "tune", "data")
COMMANDS = (*RUNS, *TRAININGS, "config", "doctor")
"""Names of the commands in the order of --help; the module cli.NAME is imported when a command is used."""


def one_line(message: str) -> str:
    r"""Return a message on one line: control characters, as in file names, are escaped.

    >>> one_line("gate\nyard.mp4: is missing")
    'gate\\nyard.mp4: is missing'
    """
    return re.sub(r"[\x00-\x1f\x7f]", lambda match: repr(match[0])[1:-1], message)


class LazyGroup(click.Group):
    """A group that imports a command only to run it or to show its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order in which --help lists them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = getattr(import_module(f"cli.{cmd_name}"), f"{cmd_name}_command")
        if LOG_OPTIONS[0] not in command.params:
            command.params += LOG_OPTIONS
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments name; the error for an unknown one names the most similar."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            similar = get_close_matches(args[0], COMMANDS, n=1)
            if not similar:
                raise
            raise click.UsageError(f"{error.message} Did you mean {similar[0]!r}?", ctx) from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error becomes one line on stderr and exit status 2 (wrong usage) or 1."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # a terminal that cannot show a name must not raise
                stream.reconfigure(errors="backslashreplace")
        set_level("info")
        try:
            return super().invoke(ctx)
        except (CamerasError, CorrectionsError) as error:
            raise click.UsageError(one_line(str(error))) from error
        except (PipelineError, DetectorError) as error:
            raise click.ClickException(one_line(str(error))) from error
        except RecipeError as error:
            raise click.UsageError(str(error)) from error
        except ReidError as error:  # may show a tree of folders
            raise click.ClickException(str(error)) from error
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(one_line(f"{where}{error.strerror or error}")) from error


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="reid-pipeline")
def main() -> None:
    """Find the same people and vehicles in the footage of several cameras."""


if __name__ == "__main__":
    sys.exit(main())

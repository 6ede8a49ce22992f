"""What commands print to stderr: warnings, notes and progress, through the standard `logging`."""

from __future__ import annotations

import logging
from typing import Any

import click

PROGRAM = ("cli", "pipeline", "detectors", "reid")
"""Packages whose messages are printed."""
LEVELS = ("error", "warning", "info", "debug")
logger = logging.getLogger("cli")


class EchoHandler(logging.Handler):
    """Prints messages to stderr; warnings are marked as such."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a message."""
        if record.levelno == logging.WARNING:
            click.secho(f"warning: {record.getMessage()}", fg="red", bold=True, err=True)
        else:
            click.echo(record.getMessage(), err=True)


def set_level(level: str) -> None:
    """Print messages of a level, one of `LEVELS`, and above."""
    for name in PROGRAM:
        package = logging.getLogger(name)
        package.setLevel(level.upper())
        if not any(isinstance(handler, EchoHandler) for handler in package.handlers):
            package.addHandler(EchoHandler())
            package.propagate = False


def warn(text: str) -> None:
    """Print a warning."""
    logger.warning(text)


def say(text: str) -> None:
    """Print a note."""
    logger.info(text)


def shows_progress() -> bool:
    """Return whether progress is printed."""
    return logger.isEnabledFor(logging.INFO)


def _choose_level(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Use the level that an option stands for."""
    del ctx
    if value:
        set_level({"quiet": "error", "verbose": "debug"}.get(str(param.name), str(value)))


LOG_OPTIONS = (
    click.Option(
        ["-q", "--quiet"], is_flag=True, expose_value=False, callback=_choose_level, help="Print errors only."
    ),
    click.Option(
        ["-v", "--verbose"], is_flag=True, expose_value=False, callback=_choose_level, help="Print each step."
    ),
    click.Option(
        ["--log-level"],
        type=click.Choice(LEVELS, case_sensitive=False),
        metavar="LEVEL",
        expose_value=False,
        callback=_choose_level,
        help="error, warning, info or debug.  [default: info]",
    ),
)
"""Options of every command."""

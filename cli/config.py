"""`reid-pipeline config show`: the settings that `match` would use, and where each comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
from click.core import ParameterSource

from cli.config_file import settable_parameters

SOURCES = {ParameterSource.COMMANDLINE: "command line", ParameterSource.DEFAULT_MAP: "file"}


@click.group("config", short_help="Show the settings that `match` would use.")
def config_command() -> None:
    """Settings of `match`: the command line overrides the file given with --config, the file overrides defaults."""


@config_command.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[--config FILE] [OPTIONS OF MATCH]...")
def show(words: tuple[str, ...]) -> None:
    """Print each setting of `match` with its value and its source.

    The output is a file for `match --config`. Its paths are as you gave them, relative to the current folder: save it
    there.
    """
    from importlib import import_module

    command: click.Command = import_module("cli.match").match_command
    with command.make_context("reid-pipeline match", list(words)) as ctx:
        click.echo("\n".join(_lines(ctx, command)))


def _lines(ctx: click.Context, command: click.Command) -> Iterator[str]:
    """Yield a line per setting; a setting without value is a comment."""
    for key, param in settable_parameters(command).items():
        name = str(param.name)
        value = ctx.params[name]
        source = SOURCES.get(ctx.get_parameter_source(name) or ParameterSource.DEFAULT, "default")
        if value is None or value == ():
            yield f"# {key} is not set"
        else:
            yield f"{key} = {_to_toml(value)}    # {source}"


def _to_toml(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_to_toml, value))}]"
    if isinstance(value, Path):
        return _to_toml(str(value))
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

"""`reid-pipeline config show`: what `match` would do, and who says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
from click.core import ParameterSource

from cli.from_file import settable

SAID = {
    ParameterSource.COMMANDLINE: "given here",
    ParameterSource.DEFAULT_MAP: "from the file",
}


@click.group(short_help="Show what `match` would do, and why.")
def config() -> None:
    """Settings of `match`: flags beat the file given with --config, the file beats defaults."""


@config.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[--config FILE] [OPTIONS OF MATCH]...")
def show(words: tuple[str, ...]) -> None:
    """Print each setting of `match` with its value and where that comes from.

    What is printed is a file for `match --config`. Its files are as you gave them, relative to the folder you are in:
    save it there.
    """
    from cli.match import match

    with match.make_context("reid-pipeline match", list(words)) as ctx:
        click.echo("\n".join(_lines(ctx, match)))


def _lines(ctx: click.Context, command: click.Command) -> Iterator[str]:
    """Write a line each; what is unset is a comment."""
    for key, param in settable(command).items():
        assert param.name is not None
        value = ctx.params[param.name]
        source = SAID.get(ctx.get_parameter_source(param.name) or ParameterSource.DEFAULT, "default")
        if value is None or value == ():
            yield f"# {key} is not set"
        else:
            yield f"{key} = {_toml(value)}    # {source}"


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, Path):
        return _toml(str(value))
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

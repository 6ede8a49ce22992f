"""Options of a command from a TOML file: flags beat the file, the file beats defaults."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from pipeline.errors import PipelineError
from pipeline.folder.toml_files import read_toml

TYPED = ("--config", "--overwrite", "--help")
"""What only a person can ask for; a file that deletes runs would do so each time."""
FILES = ("videos", "detections", "detector_weights", "transitions")
"""Of `match`: text that may name files, beside the options whose type is a path."""
WORDS = ("shipped", "run")
"""Of these: what is no file, even where there is one of that name."""


def read_defaults(ctx: click.Context, _: click.Parameter, path: Path | None) -> None:
    """Take what the file says as the defaults of the command that is being parsed.

    A key is an option's long name (`clip-length` or `clip_length`) or an argument's (`videos`); files are relative to
    the file's folder.

    Raises:
        click.UsageError: the file is no TOML, or a key or value in it is not understood.
    """
    if path is None:
        return
    try:
        table = read_toml(path)
    except PipelineError as error:
        raise click.UsageError(str(error), ctx) from error
    known = settable(ctx.command)
    defaults: dict[str, Any] = {}
    for key, value in table.items():
        param = _parameter(path, key, known, ctx)
        if param.name in defaults:
            raise click.UsageError(f"{path}: {spelt(param)} is given twice; keep one of them", ctx)
        defaults[str(param.name)] = _value(path, key, param, value, ctx)
    ctx.default_map = defaults


def settable(command: click.Command) -> dict[str, click.Parameter]:
    """List what a file may set, by name: options and arguments but those of `TYPED`."""
    return {spelt(param): param for param in command.params if not set(TYPED).intersection(param.opts)}


def spelt(param: click.Parameter) -> str:
    """Name a parameter as in a file: an option's long name, an argument's own."""
    longest = max(param.opts, key=len).lstrip("-")
    return longest if isinstance(param, click.Option) else str(param.name)


def _parameter(
    path: Path, key: str, known: dict[str, click.Parameter], ctx: click.Context
) -> click.Parameter:
    if key.replace("_", "-") in known:
        return known[key.replace("_", "-")]
    if f"--{key.replace('_', '-')}" in TYPED:
        raise click.UsageError(f"{path}: {key} cannot be set in a file, only typed", ctx)
    near = get_close_matches(key.replace("_", "-"), known, n=1, cutoff=0)[0]
    raise click.UsageError(f"{path}: there is no option {key!r}; did you mean {near!r}?", ctx)


def _value(path: Path, key: str, param: click.Parameter, value: Any, ctx: click.Context) -> Any:
    """Check one value, files in it made relative to where the file lies."""
    many = param.multiple if isinstance(param, click.Option) else param.nargs == -1
    if many and not isinstance(value, list):
        raise click.UsageError(f"{path}: {key} may be given several times; write {key} = [...]", ctx)
    values = value if many else [value]
    wanted = _kinds(param)
    for one in values:
        if not isinstance(one, wanted) or (isinstance(one, bool) and bool not in wanted):
            raise click.UsageError(f"{path}: {key} is {one!r}; give {_named(wanted)}", ctx)
    own = [_placed(path.parent, param, one) for one in values]
    try:
        param.type_cast_value(ctx, own if many else own[0])
    except click.BadParameter as error:
        raise click.UsageError(f"{path}: {key}: {error.message}", ctx) from error
    return own if many else own[0]


def _kinds(param: click.Parameter) -> tuple[type, ...]:
    if isinstance(param, click.Option) and param.is_flag:
        return (bool,)
    if isinstance(param.type, click.types.FloatParamType):
        return (int, float)
    return (int,) if isinstance(param.type, click.types.IntParamType) else (str,)


def _named(kinds: tuple[type, ...]) -> str:
    return {bool: "true or false", int: "a whole number", float: "a number", str: "text in quotes"}[kinds[-1]]


def _placed(folder: Path, param: click.Parameter, value: Any) -> Any:
    """Make a file relative to the folder; text that names none there stays as it is."""
    if isinstance(param.type, click.Path):
        return str(folder / value)
    if param.name not in FILES or value in WORDS:
        return value
    name, equals, file = value.rpartition("=")
    there = folder / file
    if not there.exists() and (param.name != "videos" or "://" in file):
        return value
    return f"{name}{equals}{there}"

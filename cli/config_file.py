"""Options from a TOML file: the command line overrides the file, the file overrides defaults."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from pipeline.errors import PipelineError
from pipeline.folder.toml_files import read_toml

NOT_IN_FILES = ("--config", "--overwrite", "--help", "--quiet", "--verbose", "--log-level", "--json")
"""Options of the command line only: a file with --overwrite would delete the run each time."""
MAY_BE_FILES = ("videos", "detections", "detector_weights", "transitions")
"""Text parameters of `match` that may name files."""
KEYWORDS = ("shipped", "run")
"""Values of those parameters that never name a file."""

EXAMPLES = {bool: "true or false", int: "a whole number", float: "a number", str: "text in quotes"}


class ConfigFileOption(click.Option):
    """An option that only a configuration file can set."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["hidden"] = True
        super().__init__(*args, **kwargs)

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Do not add the option to the command line."""
        del parser, ctx


def read_defaults(ctx: click.Context, _: click.Parameter, path: Path | None) -> None:
    """Use the values of a file as the defaults of a command.

    A key is the long name of an option (`min-boxes` or `min_boxes`) or the name of an argument (`videos`). Paths are
    relative to the folder of the file.

    Raises:
        click.UsageError: the file is not TOML, or a key or a value is wrong.
    """
    if path is None:
        return
    try:
        table = read_toml(path, dict[str, Any])
    except PipelineError as error:
        raise click.UsageError(str(error), ctx) from error
    settable = settable_parameters(ctx.command)
    defaults: dict[str, Any] = {}
    for key, value in table.items():
        param = _find_parameter(path, key, settable, ctx)
        if param.name in defaults:
            raise click.UsageError(f"{path}: {parameter_name(param)} is given twice; keep one of them", ctx)
        defaults[str(param.name)] = _check_value(path, key, param, value, ctx)
    ctx.default_map = defaults


def settable_parameters(command: click.Command) -> dict[str, click.Parameter]:
    """Return the parameters that a file may set, by name."""
    return {
        parameter_name(param): param
        for param in command.params
        if not set(NOT_IN_FILES).intersection(param.opts)
    }


def parameter_name(param: click.Parameter) -> str:
    """Return the key of a parameter in a file: the long name of an option, or the name of an argument."""
    if isinstance(param, click.Option):
        return max(param.opts, key=len).lstrip("-")
    return str(param.name)


def _find_parameter(
    path: Path, key: str, settable: Mapping[str, click.Parameter], ctx: click.Context
) -> click.Parameter:
    name = key.replace("_", "-")
    if name in settable:
        return settable[name]
    if f"--{name}" in NOT_IN_FILES:
        raise click.UsageError(f"{path}: {key} cannot be set in a file, only on the command line", ctx)
    nearest = get_close_matches(name, settable, n=1, cutoff=0)[0]
    raise click.UsageError(f"{path}: there is no option {key!r}; did you mean {nearest!r}?", ctx)


def _check_value(path: Path, key: str, param: click.Parameter, value: Any, ctx: click.Context) -> Any:
    """Return a checked value, with paths relative to the folder of the file."""
    is_list = param.multiple if isinstance(param, click.Option) else param.nargs == -1
    if is_list and not isinstance(value, list):
        raise click.UsageError(f"{path}: {key} may have several values; write {key} = [...]", ctx)
    items = value if is_list else [value]
    kinds = _kinds_of(param)
    for item in items:
        if not isinstance(item, kinds) or (isinstance(item, bool) and bool not in kinds):
            raise click.UsageError(f"{path}: {key} is {item!r}; give {EXAMPLES[kinds[-1]]}", ctx)
        if isinstance(item, str) and "\0" in item:
            raise click.UsageError(f"{path}: {key} has a null character; remove it", ctx)
    placed = [_relative_to(path.parent, param, item) for item in items]
    result = placed if is_list else placed[0]
    try:
        param.type_cast_value(ctx, result)
    except click.BadParameter as error:
        raise click.UsageError(f"{path}: {key}: {error.message}", ctx) from error
    except OverflowError as error:
        raise click.UsageError(f"{path}: {key} is too large a number", ctx) from error
    return result


def _kinds_of(param: click.Parameter) -> tuple[type, ...]:
    """Return the TOML types that a parameter accepts."""
    if isinstance(param, click.Option) and param.is_flag:
        return (bool,)
    if isinstance(param.type, click.types.FloatParamType):
        return (int, float)
    return (int,) if isinstance(param.type, click.types.IntParamType) else (str,)


def _relative_to(folder: Path, param: click.Parameter, value: Any) -> Any:
    """Return a path relative to a folder; text that names no file there stays as it is."""
    if isinstance(param.type, click.Path):
        return str(folder / value)
    if param.name not in MAY_BE_FILES or value in KEYWORDS:
        return value
    name, equals, file = value.rpartition("=")
    path = folder / file
    if not path.exists() and (param.name != "videos" or "://" in file):
        return value
    return f"{name}{equals}{path}"

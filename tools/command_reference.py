"""Write docs/commands.md, the reference of all commands, from their help texts.

    python -m tools.command_reference

A test fails if the page differs from what this program writes.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from cli.config_file import ConfigFileOption, parameter_name
from cli.logs import LOG_OPTIONS
from cli.main import main as program

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"
NAME = "reid-pipeline"
INTRODUCTION = f"""\
# Commands

`python -m tools.command_reference` writes this page from the help of the commands: `{NAME} COMMAND --help`. Every
command also has `-h`, `--help`, and what it prints to stderr is chosen with:

| option | meaning |
|---|---|
| `-q`, `--quiet` | errors only |
| `-v`, `--verbose` | each step, too |
| `--log-level LEVEL` | messages of this level (`error`, `warning`, `info`, `debug`) and above |

The exit status is 0 if all was done, 1 if something failed (a camera that cannot be read is enough), 2 if the command or
one of its inputs is wrong, and 130 after Ctrl-C.
"""
SHELL = f"""\
## Shell completion

bash completes commands, options and files with this line in `~/.bashrc`:

    eval "$(_REID_PIPELINE_COMPLETE=bash_source {NAME})"

zsh: `zsh_source`, in `~/.zshrc`. fish: `_REID_PIPELINE_COMPLETE=fish_source {NAME} | source`, in
`~/.config/fish/completions/{NAME}.fish`.
"""
FILE_KEYS = "These keys can be set only in the file of `--config` ([Configuration](configuration.md)):"


def build_page() -> str:
    """Return the page, as Markdown."""
    sections = [INTRODUCTION]
    with program.make_context(NAME, [], resilient_parsing=True) as context:
        for name in program.list_commands(context):
            command = program.get_command(context, name)
            assert command is not None
            sections += _sections(name, command)
    return "\n".join([*sections, SHELL])


def _sections(name: str, command: click.Command) -> Iterator[str]:
    """Yield the section of a command, or one for each of its subcommands."""
    path = f"{NAME} {name}"
    context = click.Context(command, info_name=path)
    if isinstance(command, click.Group):
        for subcommand in command.list_commands(context):
            yield from _sections(f"{name} {subcommand}", command.commands[subcommand])
        return
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    lines = [f"## {name}", "", f"    {usage}", "", _text(command.help or ""), ""]
    options = [option for option in command.params if isinstance(option, click.Option)]
    shown = [row for option in options if (row := _row(option, context))]
    if shown:
        lines += ["| option | meaning | default |", "|---|---|---|", *shown, ""]
    keys = [option for option in options if isinstance(option, ConfigFileOption)]
    if keys:
        lines += [FILE_KEYS, "", "| key | default |", "|---|---|"]
        lines += [f"| `{parameter_name(key)}` | {_value(key.get_default(context))} |" for key in keys]
        lines.append("")
    yield "\n".join(lines)


def _text(text: str) -> str:
    """Return a help text as Markdown: paragraphs become one line each, and preformatted ones stay as they are."""
    paragraphs = []
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if paragraph.startswith("\b"):
            lines = paragraph.removeprefix("\b").strip("\n").splitlines()
            paragraphs.append("\n".join(f"    {line}" for line in lines))
        else:
            paragraphs.append(" ".join(paragraph.split()))
    return "\n\n".join(paragraphs)


def _row(option: click.Option, context: click.Context) -> str | None:
    """Return the row of an option: how it is written, what it means, and its default; None if it is hidden."""
    record = option.get_help_record(context)
    if record is None or "--help" in option.opts or option in LOG_OPTIONS:
        return None
    usage = record[0].replace("INTEGER RANGE", "INTEGER").replace("FLOAT RANGE", "NUMBER")
    usage = usage.replace("|", "/")  # renderers of Markdown disagree on how to escape it in code
    meaning, _, default = (option.help or "").partition("[default: ")
    extra = option.get_help_extra(context)
    default = default.rstrip().removesuffix("]") or extra.get("required") or extra.get("default", "")
    meaning = f"{meaning.strip()} ({extra['range']})" if "range" in extra else meaning.strip()
    return f"| `{_escape(usage)}` | {_escape(meaning)} | {_escape(default)} |"


def _value(value: object) -> str:
    return "`false`" if value is False else f"`{value}`"


def _escape(text: str) -> str:
    """Escape a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


@click.command()
def main() -> None:
    """Write docs/commands.md."""
    PAGE.write_text(build_page(), encoding="utf-8")
    click.echo(f"wrote {PAGE}")


if __name__ == "__main__":
    main()

"""`reid-pipeline completion`: a script that lets the shell complete commands, options and files."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command(short_help="Let the shell complete commands and options.")
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print a script for SHELL that completes commands, options, choices and files.

    bash: reid-pipeline completion bash >> ~/.bashrc

    zsh: reid-pipeline completion zsh >> ~/.zshrc

    fish: reid-pipeline completion fish > ~/.config/fish/completions/reid-pipeline.fish
    """
    from cli.main import main

    found = get_completion_class(shell)
    if found is None:
        raise click.ClickException(f"{shell} cannot be completed by this version of click")
    click.echo(found(main, {}, "reid-pipeline", "_REID_PIPELINE_COMPLETE").source())


def complete_files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete a file where a parameter is text, as in NAME=FILE."""
    del ctx, param
    return [CompletionItem(incomplete, type="file")]

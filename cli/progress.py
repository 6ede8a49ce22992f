"""Progress and warnings on stderr: frames, speed, time left; no progress where it is not a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

if TYPE_CHECKING:  # it imports numpy, which --help does not need
    from pipeline.protocols import Begin


class Rate(ProgressColumn):
    """Steps a second."""

    def render(self, task: Task) -> Text:
        """Show the speed, once it is known."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f}/s" if speed else "", style="cyan")


def warn(text: str) -> None:
    """Say on stderr what the operator must know."""
    click.secho(f"warning: {text}", fg="red", bold=True, err=True)


@contextmanager
def show_progress() -> Iterator[Begin]:
    """Give what to call when a task begins: that gives what to call with steps done and in all."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )

    def begin(task: str) -> Callable[[int, int | None], None]:
        row = bar.add_task(task, total=None)
        return lambda done, total: bar.update(row, completed=done, total=total)

    with bar:
        yield begin

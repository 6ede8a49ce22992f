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

if TYPE_CHECKING:  # they import what --help does not need
    from pipeline.protocols import Begin
    from reid.training.journal import Step


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


@contextmanager
def show_training(task: str) -> Iterator[Callable[[Step], None]]:
    """Give what to call with every step of a training: losses, speed and time left in one line."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[losses]}", markup=False),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )

    def report(step: Step) -> None:
        terms = " ".join(f"{name} {value:.3g}" for name, value in step.losses.items())
        losses = f"loss {sum(step.losses.values()):.3g} ({terms}), {step.images_per_second:.0f} images/s"
        bar.update(
            row,
            description=f"{task}, epoch {step.epoch + 1}",
            completed=step.step,
            total=step.steps,
            losses=losses,
        )
        if step.validation:
            bar.console.print(
                f"{task}, epoch {step.epoch + 1}: validation mAP {step.validation[0]:.3f}, R-1 {step.validation[1]:.3f}",
                markup=False,
                highlight=False,
            )

    with bar:
        row = bar.add_task(task, total=None, losses="")
        yield report

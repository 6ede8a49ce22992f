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

WIDE = 170
"""Columns of a terminal from which on each loss is shown."""


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
    """Give what to call with every step of a training: time left, speed, and the losses as far as there is room."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[losses]}", markup=False),
        console=console,
        disable=not console.is_terminal,
    )

    def report(step: Step) -> None:
        terms = " ".join(f"{name} {value:.3g}" for name, value in step.losses.items())
        losses = f"{step.images_per_second:.0f} images/s, loss {sum(step.losses.values()):.3g}"
        wide = console.width >= WIDE
        epoch = f"{task}, epoch {step.epoch + 1}"
        bar.update(
            row,
            description=epoch,
            completed=step.step,
            total=step.steps,
            losses=f"{losses} ({terms})" if wide else losses,
        )
        if step.validation:
            mean_ap, rank_1 = (100 * share for share in step.validation)
            told = f"{epoch}: on {step.people} people held out mAP {mean_ap:.1f} %, R-1 {rank_1:.1f} %"
            bar.console.print(told, markup=False, highlight=False)

    with bar:
        row = bar.add_task(task, total=None, losses="")
        yield report

"""Progress, warnings and notes on stderr."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
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

if TYPE_CHECKING:  # slow to import; --help does not need them
    from pipeline.protocols import StartProgress
    from reid.training.journal import TrainingStep

WIDE = 170
"""Terminal width in columns from which each loss term is shown."""


class Rate(ProgressColumn):
    """Steps per second."""

    def render(self, task: Task) -> Text:
        """Return the speed, or an empty text while it is unknown."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f}/s" if speed else "", style="cyan")


def warn(text: str) -> None:
    """Print a warning to stderr."""
    click.secho(f"warning: {text}", fg="red", bold=True, err=True)


def say(text: str) -> None:
    """Print a note to stderr."""
    click.echo(text, err=True)


@contextmanager
def show_progress() -> Iterator[StartProgress]:
    """Yield a function that starts the progress bar of a named task.

    That function returns another one, to be called with the steps done and the total. Without a terminal nothing is
    shown.
    """
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

    def start_progress(task: str) -> Callable[[int, int | None], None]:
        row = bar.add_task(task, total=None)
        return lambda done, total: bar.update(row, completed=done, total=total)

    with bar:
        yield start_progress


@contextmanager
def show_training(task: str) -> Iterator[Callable[[TrainingStep], None]]:
    """Yield a function that shows each training step: the time left, the speed and the losses.

    Without a terminal only the scores of validations are printed.
    """
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

    def report(step: TrainingStep) -> None:
        epoch = f"{task}, epoch {step.epoch + 1}"
        losses = f"{step.images_per_second:.0f} images/s, loss {sum(step.losses.values()):.3g}"
        if console.width >= WIDE:
            terms = " ".join(f"{name} {value:.3g}" for name, value in step.losses.items())
            losses = f"{losses} ({terms})"
        bar.update(row, description=epoch, completed=step.step, total=step.steps, losses=losses)
        if step.validation:
            mean_ap, rank_1 = (100 * share for share in step.validation)
            scores = f"mAP {mean_ap:.1f} %, R-1 {rank_1:.1f} % on {step.people} held-out identities"
            bar.console.print(f"{epoch}: {scores}", markup=False, highlight=False)

    with bar:
        row = bar.add_task(task, total=None, losses="")
        yield report


@contextmanager
def show_epochs(task: str, epochs: int) -> Iterator[Callable[[TrainingStep], None]]:
    """Yield a function that shows each training step: a bar on a terminal, elsewhere one line per epoch for logs."""
    started, losses = time.monotonic(), list[float]()
    with show_training(task) as show:

        def log(step: TrainingStep) -> None:
            losses.append(sum(step.losses.values()))
            is_last_of_epoch = step.step * epochs % step.steps == 0
            if is_last_of_epoch:
                mean = sum(losses) / len(losses)
                elapsed = timedelta(seconds=round(time.monotonic() - started))
                losses.clear()
                say(f"{task}, epoch {step.epoch + 1} of {epochs}: loss {mean:.3g}, {elapsed} so far")
            show(step)

        yield show if Console(stderr=True).is_terminal else log

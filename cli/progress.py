"""Progress of long work on stderr."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

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

from cli.logs import say, shows_progress

if TYPE_CHECKING:  # slow to import; --help does not need them
    from pipeline.protocols import StartProgress
    from reid.training.journal import TrainingStep

INTERVAL = 10.0
"""Seconds between the lines on a task without a terminal."""
WIDE = 170
"""Terminal width in columns from which each loss term is shown."""


class Rate(ProgressColumn):
    """Steps per second."""

    def render(self, task: Task) -> Text:
        """Return the speed, or an empty text while it is unknown."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f}/s" if speed else "", style="cyan")


class ProgressLines:
    """Prints a line on the progress of a task every few seconds, for logs."""

    def __init__(self, task: str) -> None:
        self._task = task
        self._began: tuple[float, int] | None = None
        self._printed = time.monotonic()

    def __call__(self, done: int, total: int | None) -> None:
        """Take note of the number of steps done, and of the total."""
        now = time.monotonic()
        began, first = self._began = self._began or (
            now,
            done,
        )  # a resumed task begins with what was done before
        if now - self._printed < INTERVAL:
            return
        self._printed = now
        speed = (done - first) / max(now - began, 1e-9)
        left = f", {format_duration((total - done) / speed)} left" if total and speed else ""
        say(f"{self._task}: {done}{f' of {total}' if total else ''}, {speed:.1f} per second{left}")


def format_duration(seconds: float) -> str:
    """Return a time in words.

    >>> format_duration(42.4), format_duration(3599), format_duration(9000)
    ('42 s', '60 min', '2 h 30 min')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


@contextmanager
def show_progress() -> Iterator[StartProgress]:
    """Yield a function that starts the progress bar of a named task.

    That function returns another one, to be called with the steps done and the total. Without a terminal, each task
    prints a line every `INTERVAL` seconds.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield ProgressLines
        return
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
        console=console,
        disable=not shows_progress(),
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
        disable=not (console.is_terminal and shows_progress()),
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
            if shows_progress():
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

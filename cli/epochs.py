"""Progress of a training where stderr is no terminal: a line an epoch, for logs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import click
from rich.console import Console

from cli.progress import show_training

if TYPE_CHECKING:  # it imports what --help does not need
    from reid.training.journal import Step


def say(text: str) -> None:
    """Tell the operator on stderr what is no warning."""
    click.echo(text, err=True)


@contextmanager
def show_epochs(task: str, epochs: int) -> Iterator[Callable[[Step], None]]:
    """Give what to call with every step of a training: a bar on a terminal, elsewhere a line at each epoch's end."""
    began, losses = time.monotonic(), list[float]()
    with show_training(task) as show:

        def tell(step: Step) -> None:
            losses.append(sum(step.losses.values()))
            if step.step * epochs % step.steps == 0:  # an epoch's last
                mean, lasted = sum(losses) / len(losses), timedelta(seconds=round(time.monotonic() - began))
                losses.clear()
                say(f"{task}, epoch {step.epoch + 1} of {epochs}: loss {mean:.3g}, {lasted} so far")
            show(step)

        yield show if Console(stderr=True).is_terminal else tell

"""TensorBoard: the same numbers as the journal's, for those who watch them there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from reid.errors import RecipeError
from reid.training.journal import Step


def open_board(folder: Path) -> Callable[[Step], None]:
    """Give what to call with every step; events of steps done again are replaced.

    Raises:
        RecipeError: TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise RecipeError(
            "TensorBoard is not installed; install reid-pipeline[train], or leave --tensorboard out"
        ) from error
    writers: list[SummaryWriter] = []

    def write(step: Step) -> None:
        if not writers:
            writers.append(SummaryWriter(str(folder), purge_step=step.step))
        for name, value in step.row().items():
            if name not in ("step", "epoch"):
                writers[0].add_scalar(name, value, step.step)
        writers[0].flush()

    return write

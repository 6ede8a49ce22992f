"""TensorBoard events with the numbers of the journal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from reid.errors import RecipeError
from reid.training.journal import TrainingStep


def open_tensorboard(folder: Path) -> Callable[[TrainingStep], None]:
    """Return a function that writes the events of a step; events of repeated steps are replaced.

    Raises:
        RecipeError: TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise RecipeError(
            "TensorBoard is not installed; install reid-pipeline[train], or remove --tensorboard"
        ) from error
    writer: SummaryWriter | None = None

    def write(step: TrainingStep) -> None:
        nonlocal writer
        if writer is None:
            writer = SummaryWriter(str(folder), purge_step=step.step)
        for name, value in step.row().items():
            if name not in ("step", "epoch"):
                writer.add_scalar(name, value, step.step)
        writer.flush()

    return write

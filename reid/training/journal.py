"""The journal: one row per training step in `metrics.csv`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from reid.errors import RecipeError
from reid.files import replacing
from reid.losses.loss_weights import LOSSES


@dataclass(frozen=True)
class TrainingStep:
    """Measurements of one training step."""

    step: int
    """Number of the step, from 1."""
    steps: int
    """Total number of steps of the training."""
    epoch: int
    """Number of the epoch, from 0."""
    rate: float
    """Learning rate."""
    losses: dict[str, float]
    """Weighted loss terms, whose sum is the training loss."""
    attention: tuple[float, float] | None
    """Lowest and highest value of the attention maps."""
    images_per_second: float
    """Speed, with the time to read the images."""
    validation: tuple[float, float] | None = None
    """mAP and R-1 on the validation split, if measured after this step."""
    people: int = 0
    """Number of held-out identities in the validation split."""

    def row(self) -> dict[str, float]:
        """Return the cells of the journal's row by column; columns without a value are missing."""
        row = {"step": self.step, "epoch": self.epoch, "rate": self.rate, "total": sum(self.losses.values())}
        row |= self.losses | {"images_per_second": self.images_per_second}
        if self.attention:
            row["attention_low"], row["attention_high"] = self.attention
        if self.validation:
            row["validation_map"], row["validation_rank1"] = self.validation
        return row


class Journal:
    """Appends rows to a file; after a kill, the file may be ahead of the last checkpoint."""

    def __init__(self, path: Path, *, without: frozenset[str], step: int) -> None:
        """Open the journal to continue after `step`; rows of later steps are dropped."""
        losses = [name for name in LOSSES if name not in without]
        attention, validation = ("attention_low", "attention_high"), ("validation_map", "validation_rank1")
        self.columns = [
            "step",
            "epoch",
            "rate",
            "total",
            *losses,
            *attention,
            "images_per_second",
            *validation,
        ]
        kept = [row for row in _read_rows(path) if int(row["step"]) <= step]
        with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, self.columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(kept)
        self._file = path.open("a", newline="", encoding="utf-8")
        self._writer = csv.DictWriter(self._file, self.columns, lineterminator="\n")

    def write(self, step: TrainingStep) -> None:
        """Append a row; cells without a value stay empty."""
        self._writer.writerow({name: f"{value:.8g}" for name, value in step.row().items()})
        self._file.flush()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _read_rows(path: Path) -> list[dict[str, str]]:
    """Read the complete rows; a kill may have cut the last row short."""
    if not path.is_file():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            lines = [line for line in file if line.endswith("\n")]
        return [row for row in csv.DictReader(lines) if row["step"].isdecimal() and None not in row.values()]
    except (UnicodeDecodeError, LookupError, AttributeError, csv.Error) as error:
        raise RecipeError(
            f"{path}: damaged; move it away, and the training resumes with a new journal"
        ) from error

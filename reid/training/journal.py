"""The journal: one row a training step in `metrics.csv`, always."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from reid.errors import RecipeError
from reid.files import replacing
from reid.losses.weights import LOSSES


@dataclass(frozen=True)
class Step:
    """What one training step came to."""

    step: int
    """From 1."""
    steps: int
    """In all."""
    epoch: int
    """From 0."""
    rate: float
    """Learning rate."""
    losses: dict[str, float]
    """Weighted terms, whose sum is the training loss."""
    attention: tuple[float, float] | None
    """Lowest and highest value of the attention maps."""
    images_per_second: float
    """Reading included."""
    validation: tuple[float, float] | None = None
    """mAP and R-1 on the validation split, where they were measured after this step."""
    people: int = 0
    """Identities held out for it."""

    def row(self) -> dict[str, float]:
        """Lay out for the journal."""
        row = {"step": self.step, "epoch": self.epoch, "rate": self.rate, "total": sum(self.losses.values())}
        row |= self.losses | {"images_per_second": self.images_per_second}
        if self.attention:
            row["attention_low"], row["attention_high"] = self.attention
        if self.validation:
            row["validation_map"], row["validation_rank1"] = self.validation
        return row


class Journal:
    """Appends rows to a file that a killed training may have left ahead of its last checkpoint."""

    def __init__(self, path: Path, *, without: frozenset[str], step: int) -> None:
        """Open the journal to go on after `step`; rows of later steps are dropped."""
        self.columns = (
            *("step", "epoch", "rate", "total"),
            *(name for name in LOSSES if name not in without),
            *("attention_low", "attention_high", "images_per_second"),
            *("validation_map", "validation_rank1"),
        )
        kept = [row for row in _rows(path) if int(row["step"]) <= step]
        with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, self.columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(kept)
        self._file = path.open("a", newline="", encoding="utf-8")
        self._writer = csv.DictWriter(self._file, self.columns, lineterminator="\n")

    def write(self, step: Step) -> None:
        """Add a row; what was not measured stays empty."""
        self._writer.writerow({name: f"{value:.8g}" for name, value in step.row().items()})
        self._file.flush()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _rows(path: Path) -> list[dict[str, str]]:
    """Read the whole rows there are; the last may have been cut short by a kill."""
    if not path.is_file():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            lines = [line for line in file if line.endswith("\n")]
        return [row for row in csv.DictReader(lines) if row["step"].isdecimal() and None not in row.values()]
    except (UnicodeDecodeError, LookupError, AttributeError, csv.Error) as error:
        raise RecipeError(
            f"{path}: damaged; move it away, and the training goes on with a new one"
        ) from error

"""Trials: what a search keeps of them, and what people get to see."""

from __future__ import annotations

import csv
import json
import math
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from reid.errors import RecipeError
from reid.experiments.search import Range, Trial
from reid.files import replacing, write_json
from reid.pictures.sweeps import draw_history
from reid.recipes import Recipe, change
from reid.training.folder import TrainingFolder


@dataclass(frozen=True)
class SearchFolder:
    """Everything that one search writes."""

    path: Path

    @property
    def record(self) -> Path:
        """All trials; what a search goes on from."""
        return self.path / "search.json"

    @property
    def best_recipe(self) -> Path:
        """The recipe of the best trial, for `train --recipe`."""
        return self.path / "best.toml"

    def trial(self, number: int) -> TrainingFolder:
        """Name the folder of the training of a trial, counted from 1."""
        return TrainingFolder(self.path / f"trial-{number:03d}")

    def read(self, settings: Mapping[str, Any]) -> list[Trial]:
        """Read the trials so far; none at first.

        Raises:
            RecipeError: they were made under other settings.
        """
        if not self.record.is_file():
            return []
        try:
            kept = json.loads(self.record.read_text(encoding="utf-8"))
            before = dict(kept["settings"])
            trials = [
                Trial(
                    **one | {"validations": {int(epoch): seen for epoch, seen in one["validations"].items()}}
                )
                for one in kept["trials"]
            ]
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise RecipeError(f"{self.record}: damaged; give another --out") from error
        now = json.loads(json.dumps(settings))
        if changed := [name for name in now if before.get(name) != now[name]]:
            raise RecipeError(
                f"{self.path} holds a search with other settings ({', '.join(changed)}); give the same ones to go on, or "
                "another --out"
            )
        return trials

    def write(self, settings: Mapping[str, Any], trials: Sequence[Trial]) -> None:
        """Keep the trials so far."""
        write_json(self.record, {"settings": settings, "trials": [asdict(trial) for trial in trials]})

    def show(self, trials: Sequence[Trial], recipe: Recipe) -> None:
        """Write what came of the trials: a table, a picture and the best one's recipe; delete the others' checkpoints."""
        names = list(trials[0].values)
        with (
            replacing(self.path / "history.csv") as temporary,
            temporary.open("w", newline="", encoding="utf-8") as file,
        ):
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("trial", "outcome", "mAP", *names))
            for number, trial in enumerate(trials, start=1):
                reached = "" if math.isnan(trial.reached) else trial.reached
                writer.writerow((number, trial.outcome, reached, *trial.values.values()))
        draw_history([trial.reached for trial in trials], self.path / "history.png")
        best = best_of(trials)
        if best is not None:
            with replacing(self.best_recipe) as temporary:
                temporary.write_text(as_toml(with_values(recipe, trials[best - 1].values)), encoding="utf-8")
        self._tidy(trials, best)

    def _tidy(self, trials: Sequence[Trial], best: int | None) -> None:
        for number, trial in enumerate(trials, start=1):
            if number == best:
                self.trial(number).last.unlink(missing_ok=True)
            elif trial.outcome != "running" and self.trial(number).path.is_dir():
                shutil.rmtree(self.trial(number).path)


def best_of(trials: Sequence[Trial]) -> int | None:
    """Number the best complete trial from 1, the earliest of equals; None if there is none."""
    complete = [number for number, trial in enumerate(trials, start=1) if trial.outcome == "complete"]
    return max(complete, key=lambda number: trials[number - 1].reached, default=None)


def with_values(recipe: Recipe, values: Mapping[str, float]) -> Recipe:
    """Give a recipe the settings of a trial."""
    return reduce(change, (f"{name} = {value!r}" for name, value in values.items()), recipe)


def values_of(recipe: Recipe, ranges: Sequence[Range]) -> dict[str, float]:
    """Read off a recipe what is searched for."""
    flat = dict(_flat(asdict(recipe)))
    return {span.name: flat[span.name] for span in ranges}


def as_toml(recipe: Recipe) -> str:
    """Write a whole recipe as TOML.

    >>> as_toml(Recipe(epochs=7)).splitlines()[4:6]
    ['epochs = 7', 'rate = 0.00035']
    """
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in _flat(asdict(recipe)))


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Name settings within settings with dots."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value

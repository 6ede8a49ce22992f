"""The files of a search: all trials, their table and plot, and the recipe of the best trial."""

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
from reid.recipes import Recipe, change_setting
from reid.training.folder import TrainingFolder


@dataclass(frozen=True)
class SearchFolder:
    """The files of one search."""

    path: Path

    @property
    def record(self) -> Path:
        """All trials, from which a search resumes."""
        return self.path / "search.json"

    @property
    def best_recipe(self) -> Path:
        """The recipe of the best trial, for `train --recipe`."""
        return self.path / "best.toml"

    def trial(self, number: int) -> TrainingFolder:
        """Return the training folder of a trial, counted from 1."""
        return TrainingFolder(self.path / f"trial-{number:03d}")

    def read(self, settings: Mapping[str, Any]) -> list[Trial]:
        """Read the trials so far; none if the search has not started.

        Raises:
            RecipeError: the trials have other settings, or the file is damaged.
        """
        if not self.record.is_file():
            return []
        try:
            content = json.loads(self.record.read_text(encoding="utf-8"))
            before = dict(content["settings"])
            trials = []
            for entry in content["trials"]:
                validations = {int(epoch): mean_ap for epoch, mean_ap in entry["validations"].items()}
                trials.append(Trial(**{**entry, "validations": validations}))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise RecipeError(f"{self.record}: damaged; choose another --out") from error
        now = json.loads(json.dumps(settings))
        if changed := [name for name in now if before.get(name) != now[name]]:
            raise RecipeError(
                f"{self.path} contains a search with other settings ({', '.join(changed)}); use the same settings to "
                "resume, or choose another --out"
            )
        return trials

    def write(self, settings: Mapping[str, Any], trials: Sequence[Trial]) -> None:
        """Write all trials."""
        write_json(self.record, {"settings": settings, "trials": [asdict(trial) for trial in trials]})

    def show(self, trials: Sequence[Trial], recipe: Recipe) -> None:
        """Write a table and a plot of the trials and the best trial's recipe; delete the other trials' folders."""
        self._write_table(trials)
        draw_history([trial.reached for trial in trials], self.path / "history.png")
        best = best_of(trials)
        if best is not None:
            with replacing(self.best_recipe) as temporary:
                temporary.write_text(as_toml(with_values(recipe, trials[best - 1].values)), encoding="utf-8")
        for number, trial in enumerate(trials, start=1):
            folder = self.trial(number)
            if number == best:
                folder.last.unlink(missing_ok=True)
            elif trial.outcome != "running" and folder.path.is_dir():
                shutil.rmtree(folder.path)

    def _write_table(self, trials: Sequence[Trial]) -> None:
        with (
            replacing(self.path / "history.csv") as temporary,
            temporary.open("w", newline="", encoding="utf-8") as file,
        ):
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("trial", "outcome", "mAP", *trials[0].values))
            for number, trial in enumerate(trials, start=1):
                score = "" if math.isnan(trial.reached) else trial.reached
                writer.writerow((number, trial.outcome, score, *trial.values.values()))


def best_of(trials: Sequence[Trial]) -> int | None:
    """Return the number of the best complete trial, from 1, the earliest of equals; None if none is complete."""
    complete = [number for number, trial in enumerate(trials, start=1) if trial.outcome == "complete"]
    return max(complete, key=lambda number: trials[number - 1].reached, default=None)


def with_values(recipe: Recipe, values: Mapping[str, float]) -> Recipe:
    """Return a recipe with the settings of a trial."""
    return reduce(change_setting, (f"{name} = {value!r}" for name, value in values.items()), recipe)


def values_of(recipe: Recipe, ranges: Sequence[Range]) -> dict[str, float]:
    """Return the recipe's values of the settings in `ranges`."""
    flat = dict(_flatten(asdict(recipe)))
    return {span.name: flat[span.name] for span in ranges}


def as_toml(recipe: Recipe) -> str:
    """Return a complete recipe as TOML.

    >>> as_toml(Recipe(epochs=7)).splitlines()[4:6]
    ['epochs = 7', 'rate = 0.00035']
    """
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in _flatten(asdict(recipe)))


def _flatten(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield settings with dotted names for nested ones."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value

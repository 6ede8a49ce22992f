"""Tuning: which loss weights are best on people held out of the training? The test is never looked at.

Everything that a search needs to go on lies in one file that is replaced whole, and every trial is a training with
checkpoints of its own: killed at any moment, the same search goes on, with the same trials.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reid.checkpoints import read_training
from reid.data.catalogue import load_benchmark
from reid.data.holdout import hold_out
from reid.distributed import of_torchrun
from reid.embedder import choose_device
from reid.errors import RecipeError, ReidError
from reid.experiments.search import Range, Trial, check_installed, is_hopeless, propose, ranges_of
from reid.experiments.trials import SearchFolder, values_of, with_values
from reid.recipes import Recipe
from reid.train import train
from reid.training.compute import Compute
from reid.training.folder import TrainingFolder
from reid.training.job import TrainingJob
from reid.training.journal import TrainingStep

HELD_OUT = 0.2
"""Share of the training identities held out, where the recipe holds out none."""
LOOKS = 10
"""Validations in a trial at least, so that hopeless ones are stopped early."""
Watch = Callable[[str], AbstractContextManager[Callable[[TrainingStep], None]]]
"""Shows a training: takes its name, gives what to call with every step."""


class HopelessError(Exception):
    """Ends the training of a trial from within."""


@dataclass(frozen=True)
class Search:
    """What is searched for, and where."""

    job: TrainingJob
    folder: SearchFolder
    ranges: tuple[Range, ...]
    settings: dict[str, Any]

    @classmethod
    def of(cls, job: TrainingJob, folder: Path) -> Search:
        """Prepare a search around a job's recipe.

        Raises:
            ReidError: data or settings are not usable, Optuna is missing, or torchrun started several processes.
        """
        check_installed()
        if of_torchrun().size > 1:
            raise RecipeError(
                "a search trains one network after the other by one process; start it without torchrun"
            )
        job = replace(job, recipe=_searchable(job.recipe))
        benchmark = load_benchmark(job.dataset, job.root, job.split)
        hold_out(benchmark, job.recipe.validation, job.recipe.seed)  # refuses what is too small
        return cls(job, SearchFolder(folder), ranges_of(job.recipe), job.settings(benchmark))

    def run(
        self, trials: int, *, compute: Compute, command: str, watch: Watch, warn: Callable[[str], None]
    ) -> Iterator[tuple[Trial, ...]]:
        """Do the trials that are left, of so many in all.

        The first one is the recipe as it stands, so that what is found is never worse than that.

        Args:
            trials: in all.
            compute: on what they are trained.
            command: what the operator typed, for the record.
            watch: shows a training.
            warn: told what the operator must know.

        Yields:
            All trials so far: at the beginning, if there are any, and after each one.

        Raises:
            ReidError: data, weights or device are not usable, or another search is at work in the folder.
        """
        choose_device(compute.device)
        with TrainingFolder(self.folder.path).locked(leads=True):
            done = self.folder.read(self.settings)
            if done:
                self.folder.show(done, self.job.recipe)
                yield tuple(done)
            while len(done) < trials or (done and done[-1].outcome == "running"):
                if not done or done[-1].outcome != "running":
                    done.append(Trial(self._next(done)))
                    self.folder.write(self.settings, done)
                done[-1] = self._train(done, compute=compute, command=command, watch=watch, warn=warn)
                self.folder.write(self.settings, done)
                self.folder.show(done, self.job.recipe)
                yield tuple(done)

    def _next(self, earlier: Sequence[Trial]) -> dict[str, float]:
        own = values_of(self.job.recipe, self.ranges)
        if not earlier and all(span.low <= own[span.name] <= span.high for span in self.ranges):
            return own
        return propose(earlier, self.ranges, seed=self.job.recipe.seed)

    def _train(
        self,
        trials: list[Trial],
        *,
        compute: Compute,
        command: str,
        watch: Watch,
        warn: Callable[[str], None],
    ) -> Trial:
        """Train the last trial to its end, or until it is hopeless."""
        number, recipe = len(trials), self.job.recipe
        folder = self.folder.trial(number)
        job = replace(self.job, recipe=with_values(recipe, trials[-1].values))

        def seen() -> Trial:
            return replace(trials[-1], validations=validations_of(folder.metrics))

        def look() -> None:
            if is_hopeless(seen(), trials[:-1], self.ranges, warm_up=recipe.warm_up):
                raise HopelessError

        try:
            look()  # it may have been killed just as it was found so
            with watch(f"trial {number}") as show:

                def report(step: TrainingStep) -> None:
                    show(step)
                    if step.validation is not None:
                        look()

                train(
                    job,
                    folder,
                    compute=compute,
                    command=command,
                    overwrite=False,
                    report=report,
                    warn=warn,
                    say=lambda _: None,  # what is told of a search is its trials
                )
        except HopelessError:
            return replace(seen(), outcome="pruned")
        except ReidError as error:
            if type(error) is not ReidError or error.__cause__ is not None:
                raise  # wrong data or usage, too little memory and the like are no trial's fault; infinity is
            warn(f"trial {number} failed: {error}")
            return replace(seen(), outcome="failed")
        return replace(seen(), outcome="complete", value=float(read_training(folder.last)["best"]))


def validations_of(metrics: Path) -> dict[int, float]:
    """Read from a training's journal its mAP on the identities held out, by epoch; nothing of one not begun."""
    if not metrics.is_file():
        return {}
    with metrics.open(newline="", encoding="utf-8") as file:
        # the last row may have been cut short
        rows = [row for row in csv.DictReader(file) if row["validation_rank1"]]
    return {int(row["epoch"]): float(row["validation_map"]) for row in rows}


def _searchable(recipe: Recipe) -> Recipe:
    """Hold somebody out, and look at them often enough."""
    often = min(recipe.validate_every, max(1, recipe.epochs // LOOKS))
    return replace(recipe, validation=recipe.validation or HELD_OUT, validate_every=often)

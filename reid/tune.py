"""Tuning: a search for the loss weights with the highest mAP on held-out training identities.

One file, which is replaced as a whole, contains all that a search needs to resume, and every trial is a training with
checkpoints. A search that was killed resumes with the same trials.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reid.checkpoints import read_training
from reid.data.catalogue import load_benchmark
from reid.data.holdout import hold_out
from reid.distributed import group_from_torchrun
from reid.embedder import choose_device
from reid.errors import RecipeError, ReidError
from reid.experiments.search import Range, Trial, check_installed, propose, ranges_of, should_prune
from reid.experiments.trials import SearchFolder, values_of, with_values
from reid.train import train
from reid.training.compute import Compute
from reid.training.folder import TrainingFolder
from reid.training.job import TrainingJob
from reid.training.journal import TrainingStep

HELD_OUT = 0.2
"""Share of the training identities held out if the recipe holds out none."""
VALIDATIONS = 10
"""Minimum number of validations per trial, so that bad trials are pruned early."""
Watch = Callable[[str], AbstractContextManager[Callable[[TrainingStep], None]]]
"""Shows a training: takes its name, returns a function to call with every step."""


class PrunedError(Exception):
    """Ends the training of a trial from within."""


@dataclass(frozen=True)
class Search:
    """A search around a job's recipe."""

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
        if group_from_torchrun().size > 1:
            raise RecipeError(
                "a search trains one network at a time in one process; start it without torchrun"
            )
        recipe = job.recipe
        interval = min(recipe.validate_every, max(1, recipe.epochs // VALIDATIONS))
        recipe = replace(recipe, validation=recipe.validation or HELD_OUT, validate_every=interval)
        job = replace(job, recipe=recipe)
        benchmark = load_benchmark(job.dataset, job.root, job.split)
        hold_out(benchmark, job.recipe.validation, job.recipe.seed)  # raises if there are too few identities
        return cls(job, SearchFolder(folder), ranges_of(job.recipe), job.settings(benchmark))

    def run(
        self, trials: int, *, compute: Compute, command: str, watch: Watch, warn: Callable[[str], None]
    ) -> Iterator[tuple[Trial, ...]]:
        """Run the remaining trials.

        The first trial is the recipe itself, so the best trial is never worse than the recipe.

        Args:
            trials: total number of trials.
            compute: how the trials are computed.
            command: the command as typed, for the record.
            watch: shows a training.
            warn: called with warnings.

        Yields:
            All trials so far: at the start, if there are any, and after each trial.

        Raises:
            ReidError: data, weights or device are not usable, or another search is running in the folder.
        """
        choose_device(compute.device)
        with TrainingFolder(self.folder.path).locked(is_main=True):
            done = self.folder.read(self.settings)
            if done:
                self.folder.show(done, self.job.recipe)
                yield tuple(done)
            while len(done) < trials or (done and done[-1].outcome == "running"):
                if not done or done[-1].outcome != "running":
                    values = values_of(self.job.recipe, self.ranges)
                    if done or not all(span.low <= values[span.name] <= span.high for span in self.ranges):
                        values = propose(done, self.ranges, seed=self.job.recipe.seed)
                    done.append(Trial(values))
                    self.folder.write(self.settings, done)
                done[-1] = self._train_last(done, compute=compute, command=command, watch=watch, warn=warn)
                self.folder.write(self.settings, done)
                self.folder.show(done, self.job.recipe)
                yield tuple(done)

    def _train_last(
        self,
        trials: list[Trial],
        *,
        compute: Compute,
        command: str,
        watch: Watch,
        warn: Callable[[str], None],
    ) -> Trial:
        """Train the last trial to its end, or until it is pruned."""
        number, recipe = len(trials), self.job.recipe
        folder = self.folder.trial(number)
        job = replace(self.job, recipe=with_values(recipe, trials[-1].values))

        def read_progress() -> Trial:
            return replace(trials[-1], validations=read_validations(folder.metrics))

        def prune_if_behind() -> None:
            if should_prune(read_progress(), trials[:-1], self.ranges, warm_up=recipe.warm_up):
                raise PrunedError

        try:
            prune_if_behind()  # the search may have been killed right after the validation that decides
            with watch(f"trial {number}") as show:

                def report(step: TrainingStep) -> None:
                    show(step)
                    if step.validation is not None:
                        prune_if_behind()

                train(
                    job,
                    folder,
                    compute=compute,
                    command=command,
                    overwrite=False,
                    report=report,
                    warn=warn,
                    notify=lambda _: None,  # the command prints one line per trial instead
                )
        except PrunedError:
            return replace(read_progress(), outcome="pruned")
        except ReidError as error:
            # An infinite loss raises a plain ReidError without a cause and fails the trial. All other errors, such as
            # wrong data or too little memory, would fail every trial.
            if type(error) is not ReidError or error.__cause__ is not None:
                raise
            warn(f"trial {number} failed: {error}")
            return replace(read_progress(), outcome="failed")
        best = float(read_training(folder.last)["best"])
        return replace(read_progress(), outcome="complete", value=best)


def read_validations(metrics: Path) -> dict[int, float]:
    """Read the mAP on the held-out identities by epoch from a training's journal; empty without a journal."""
    if not metrics.is_file():
        return {}
    with metrics.open(newline="", encoding="utf-8") as file:
        # A kill may have cut the last row short, so the last column decides.
        rows = [row for row in csv.DictReader(file) if row["validation_rank1"]]
    return {int(row["epoch"]): float(row["validation_map"]) for row in rows}

"""Ablation: what does each part of the network, each loss and each setting contribute?

Every row is trained and scored in a folder of its own. A row that is finished is never done again, one that was
killed goes on from its checkpoint, and rows of several tables that are the same training share one folder.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reid.data.batches import sorted_identities
from reid.data.catalogue import load_benchmark
from reid.data.holdout import hold_out
from reid.data.records import Benchmark
from reid.distributed import of_torchrun
from reid.errors import RecipeError
from reid.evaluate import Begin, EvaluationSettings
from reid.evaluation.pairing import SplitCheckpoint
from reid.evaluation.splits import score_splits
from reid.experiments.rows import AblationRow, Study
from reid.files import replacing, write_json
from reid.model.network import build
from reid.pictures.sweeps import draw_sweep
from reid.published import difference_in_points
from reid.tracklet_embedding import Viewing
from reid.train import train
from reid.training.compute import Compute
from reid.training.folder import TrainingFolder
from reid.training.job import TrainingJob
from reid.training.journal import TrainingStep
from reid.weights import Weights

DONE = "row.json"
"""What a finished row came to; written last."""
PAPERS = "ilids-vid"
"""The data set that the paper takes its network apart on."""


@dataclass(frozen=True)
class Result:
    """What a finished row came to."""

    parameters: int
    """Of the network, in training."""
    mean_ap: float
    """In percent, by plain cosine."""
    rank_1: float
    """In percent."""


@dataclass(frozen=True)
class Ablation:
    """Rows that differ in one thing each from one job."""

    job: TrainingJob
    folder: Path
    benchmark: Benchmark

    @classmethod
    def of(cls, job: TrainingJob, folder: Path) -> Ablation:
        """Look at the data that all rows share.

        Raises:
            ReidError: the data set is not usable, or torchrun started several processes.
        """
        if of_torchrun().size > 1:
            raise RecipeError(
                "rows are trained one after the other by one process; without torchrun, start several, each with its "
                "own --only and --device and the same --out"
            )
        for done in folder.glob(f"*/{DONE}"):
            TrainingFolder(done.parent).last.unlink(
                missing_ok=True
            )  # left by a kill just after `done` was written
        return cls(job, folder, load_benchmark(job.dataset, job.root, job.split))

    @property
    def identities(self) -> int:
        """How many identities are trained on."""
        recipe = self.job.recipe
        return len(sorted_identities(hold_out(self.benchmark, recipe.validation, recipe.seed).train))

    def place(self, row: AblationRow) -> TrainingFolder:
        """Name the folder of a row's training; rows that change nothing share one."""
        same = row.change(self.job) == self.job
        return TrainingFolder(self.folder / (self.job.design.variant if same else row.name))

    def result(self, row: AblationRow) -> Result | None:
        """Read what a row came to; None while it is not finished.

        Raises:
            RecipeError: it was finished under other settings.
        """
        done = self.place(row).path / DONE
        if not done.is_file():
            return None
        try:
            kept = json.loads(done.read_text(encoding="utf-8"))
            before, result = dict(kept["settings"]), Result(**kept["result"])
        except (ValueError, LookupError, TypeError) as error:
            raise RecipeError(f"{done}: damaged; delete this row's folder to do it again") from error
        now = self._settings(row)
        if changed := [name for name in now if before.get(name) != now[name]]:
            raise RecipeError(
                f"{done.parent} holds a finished row with other settings ({', '.join(changed)}); give the same ones, or "
                "another --out"
            )
        return result

    def results(self, rows: Sequence[AblationRow]) -> list[Result | None]:
        """Read what there is of a table; None for what is not finished under these settings."""
        found: list[Result | None] = []
        for row in rows:
            try:
                found.append(self.result(row))
            except RecipeError:  # said when the row itself is asked for
                found.append(None)
        return found

    def train(
        self,
        row: AblationRow,
        *,
        compute: Compute,
        command: str,
        report: Callable[[TrainingStep], None],
        warn: Callable[[str], None],
        say: Callable[[str], None],
    ) -> None:
        """Train a row's network, going on from what its folder holds; arguments as for `reid.train.train`.

        Raises:
            ReidError: the row cannot be trained.
        """
        train(
            row.change(self.job),
            self.place(row),
            compute=compute,
            command=command,
            overwrite=False,
            report=report,
            warn=warn,
            say=say,
        )

    def score(self, row: AblationRow, *, compute: Compute, command: str, begin: Begin) -> Result:
        """Score a row's trained network on the test, and write down that the row is finished.

        Its checkpoint to go on from is deleted, the one to use stays.

        Raises:
            ReidError: it cannot be scored.
        """
        job, place = row.change(self.job), self.place(row)
        report = score_splits(
            job.dataset,
            job.root,
            [SplitCheckpoint(job.split, place.best)],
            EvaluationSettings(Viewing(job.recipe.clip_length)),
            place.path,
            pictures=0,
            device=compute.device,
            half=False,
            workers=compute.workers,
            command=command,
            begin=begin,
        )
        figures = {entry.figure: entry.ours for entry in report.rows}
        result = Result(_parameters(report.splits[0].weights), figures["mAP"], figures["R-1"])
        write_json(place.path / DONE, {"settings": self._settings(row), "result": asdict(result)})
        place.last.unlink(missing_ok=True)
        return result

    def papers_lead(self, row: AblationRow, result: Result) -> float | None:
        """Subtract the paper's R-1 from ours, where both are of the same data set."""
        return difference_in_points(result.rank_1 / 100, row.paper) if self.job.dataset == PAPERS else None

    def write(self, study: Study, rows: Sequence[AblationRow], results: Sequence[Result | None]) -> None:
        """Write the finished rows of a table or figure as CSV, and of a figure each sweep as a picture.

        Raises:
            ReidError: a picture cannot be written.
        """
        self._write_csv(self.folder / f"{study}.csv", rows, results)
        for place, sweep in enumerate(dict.fromkeys(row.sweep for row in rows if row.sweep)):
            among = [(row, result) for row, result in zip(rows, results, strict=True) if row.sweep == sweep]
            draw_sweep(
                sweep,
                [row.name.lstrip("kpt") for row, _ in among],
                [result.rank_1 if result else np.nan for _, result in among],
                self.folder / f"{study}{'ab'[place]}.png",
                metric="R-1 (%)",
            )

    def _write_csv(self, path: Path, rows: Sequence[AblationRow], results: Sequence[Result | None]) -> None:
        with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("row", "parameters", "mAP", "R-1", "paper R-1 on iLIDS-VID", "difference"))
            for row, result in zip(rows, results, strict=True):
                if result:
                    shares = (f"{result.mean_ap:.4f}", f"{result.rank_1:.4f}")
                    lead = self.papers_lead(row, result)
                    writer.writerow((row.name, result.parameters, *shares, row.paper, lead))

    def _settings(self, row: AblationRow) -> dict[str, Any]:
        """Write down what decides a row's outcome, as JSON keeps it."""
        settings: dict[str, Any] = json.loads(json.dumps(row.change(self.job).settings(self.benchmark)))
        return settings


def _parameters(weights: Weights) -> int:
    assert weights.identities is not None  # written by a training
    return sum(parameter.numel() for parameter in build(weights.design, weights.identities).parameters())

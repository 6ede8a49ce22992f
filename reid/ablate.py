"""Ablation: the effect of each part of the network, each loss and each setting.

Every row is trained and scored in its own folder. A finished row is skipped, and a row that was killed resumes from its
checkpoint. Rows of several tables that are the same training share one folder.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reid.data.batches import sorted_identities
from reid.data.catalogue import load_benchmark
from reid.data.holdout import hold_out
from reid.data.records import Benchmark
from reid.distributed import group_from_torchrun
from reid.errors import RecipeError
from reid.evaluate import EvaluationSettings, StartProgress
from reid.evaluation.pairing import SplitCheckpoint
from reid.evaluation.splits import score_splits
from reid.experiments.rows import AblationRow, Study
from reid.files import replacing, write_json
from reid.model.network import build
from reid.pictures.sweeps import draw_sweep
from reid.published import difference_in_points
from reid.tracklet_embedding import Viewing
from reid.training.compute import Compute
from reid.training.folder import TrainingFolder
from reid.training.job import TrainingJob

RESULT_FILE = "row.json"
"""Result of a finished row; written last."""
PAPER_DATASET = "ilids-vid"
"""Data set of the paper's ablations."""


@dataclass(frozen=True)
class Result:
    """The result of a finished row."""

    parameters: int
    """Number of parameters of the network in training."""
    mean_ap: float
    """mAP in percent, by plain cosine similarity."""
    rank_1: float
    """R-1 in percent."""


@dataclass(frozen=True)
class Ablation:
    """Rows that each differ in one thing from the same job."""

    job: TrainingJob
    folder: Path
    benchmark: Benchmark

    @classmethod
    def of(cls, job: TrainingJob, folder: Path) -> Ablation:
        """Load the data that all rows share.

        Raises:
            ReidError: the data set is not usable, or torchrun started several processes.
        """
        if group_from_torchrun().size > 1:
            raise RecipeError(
                "rows are trained one at a time in one process; start several commands without torchrun instead, each "
                "with its own --only and --device and the same --out"
            )
        for finished in folder.glob(f"*/{RESULT_FILE}"):
            # A kill between writing the result and deleting the checkpoint leaves the checkpoint.
            TrainingFolder(finished.parent).last.unlink(missing_ok=True)
        return cls(job, folder, load_benchmark(job.dataset, job.root, job.split))

    @property
    def identities(self) -> int:
        """Number of training identities, without the held-out ones."""
        recipe = self.job.recipe
        return len(sorted_identities(hold_out(self.benchmark, recipe.validation, recipe.seed).train))

    def folder_of(self, row: AblationRow) -> TrainingFolder:
        """Return the folder of a row's training; rows that change nothing share one."""
        is_same = row.change(self.job) == self.job
        return TrainingFolder(self.folder / (self.job.design.variant if is_same else row.name))

    def result(self, row: AblationRow) -> Result | None:
        """Read the result of a row; None if it is not finished.

        Raises:
            RecipeError: the row was finished with other settings, or its result is damaged.
        """
        path = self.folder_of(row).path / RESULT_FILE
        if not path.is_file():
            return None
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            before, result = dict(content["settings"]), Result(**content["result"])
        except (ValueError, LookupError, TypeError) as error:
            raise RecipeError(f"{path}: damaged; delete the folder of this row to run it again") from error
        now = self._settings(row)
        if changed := [name for name in now if before.get(name) != now[name]]:
            raise RecipeError(
                f"{path.parent} contains a finished row with other settings ({', '.join(changed)}); use the same "
                "settings, or choose another --out"
            )
        return result

    def results(self, rows: Sequence[AblationRow]) -> list[Result | None]:
        """Read the results of rows; None for a row that is not finished with these settings."""
        results: list[Result | None] = []
        for row in rows:
            try:
                results.append(self.result(row))
            except RecipeError:  # reported when the row itself is run
                results.append(None)
        return results

    def score(
        self, row: AblationRow, *, compute: Compute, command: str, start_progress: StartProgress
    ) -> Result:
        """Score a row's trained network on the test split and write the result.

        The checkpoint to resume from is deleted; the checkpoint to use is kept.

        Raises:
            ReidError: the network cannot be scored.
        """
        job, folder = row.change(self.job), self.folder_of(row)
        report = score_splits(
            job.dataset,
            job.root,
            [SplitCheckpoint(job.split, folder.best)],
            EvaluationSettings(Viewing(job.recipe.clip_length)),
            folder.path,
            pictures=0,
            device=compute.device,
            half=False,
            workers=compute.workers,
            command=command,
            start_progress=start_progress,
        )
        scores = {entry.measure: entry.ours for entry in report.rows}
        weights = report.splits[0].weights
        assert weights.identities is not None  # a training wrote these weights
        network = build(weights.design, weights.identities)
        parameters = sum(parameter.numel() for parameter in network.parameters())
        result = Result(parameters, mean_ap=scores["mAP"], rank_1=scores["R-1"])
        write_json(folder.path / RESULT_FILE, {"settings": self._settings(row), "result": asdict(result)})
        folder.last.unlink(missing_ok=True)
        return result

    def difference_to_paper(self, row: AblationRow, result: Result) -> float | None:
        """Return our R-1 minus the paper's, in percentage points; None unless both are on the same data set."""
        paper = row.paper if self.job.dataset == PAPER_DATASET else None
        return difference_in_points(result.rank_1 / 100, paper)

    def write(self, study: Study, rows: Sequence[AblationRow], results: Sequence[Result | None]) -> None:
        """Write the finished rows of a table or figure as CSV, and each sweep of a figure as a plot.

        Raises:
            ReidError: a plot cannot be written.
        """
        self._write_csv(self.folder / f"{study}.csv", rows, results)
        sweeps = dict.fromkeys(row.sweep for row in rows if row.sweep)
        for letter, sweep in zip("ab", sweeps, strict=False):
            points = [(row, result) for row, result in zip(rows, results, strict=True) if row.sweep == sweep]
            draw_sweep(
                sweep,
                [row.name.lstrip("kpt") for row, _ in points],
                [result.rank_1 if result else np.nan for _, result in points],
                self.folder / f"{study}{letter}.png",
                metric="R-1 (%)",
            )

    def _write_csv(self, path: Path, rows: Sequence[AblationRow], results: Sequence[Result | None]) -> None:
        with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("row", "parameters", "mAP", "R-1", "paper R-1 on iLIDS-VID", "difference"))
            for row, result in zip(rows, results, strict=True):
                if result:
                    scores = (f"{result.mean_ap:.4f}", f"{result.rank_1:.4f}")
                    points = self.difference_to_paper(row, result)
                    writer.writerow((row.name, result.parameters, *scores, row.paper, points))

    def _settings(self, row: AblationRow) -> dict[str, Any]:
        """Return the settings that decide a row's result, as read back from JSON."""
        settings: dict[str, Any] = json.loads(json.dumps(row.change(self.job).settings(self.benchmark)))
        return settings

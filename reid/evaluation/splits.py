"""Scoring of checkpoints, each on its own split, with a report of the results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reid.data.catalogue import load_benchmark
from reid.data.counting import count_splits
from reid.data.records import Benchmark, fingerprint_tracklets
from reid.embedder import choose_device
from reid.errors import CheckpointError
from reid.evaluate import Evaluation, EvaluationSettings, StartProgress, evaluate
from reid.evaluation.illustration import illustrate
from reid.evaluation.pairing import SplitCheckpoint, check_unseen, trained_on
from reid.evaluation.report import Report, ScoredSplit
from reid.files import write_json
from reid.weights import Weights, resolve

REPORT = "report.json"


def score_splits(
    dataset: str,
    root: Path,
    checkpoints: Sequence[SplitCheckpoint],
    settings: EvaluationSettings,
    folder: Path,
    *,
    pictures: int,
    device: str | None,
    half: bool,
    workers: int | None,
    command: str,
    start_progress: StartProgress,
) -> Report:
    """Score each checkpoint on its split, and write the report and pictures of the first split.

    Args:
        dataset: key of the catalogue.
        root: folder of the data sets.
        checkpoints: one or more checkpoints.
        settings: how the checkpoints are scored.
        folder: where `report.json`, `ranked.png` and `attention.png` are written, replacing earlier ones; other files
            are kept.
        pictures: number of queries shown in the pictures; 0 draws none.
        device: as for `build_embedder`.
        half: as for `build_embedder`.
        workers: processes that read images; None: one fewer than there are cores.
        command: the command as typed, for the record.
        start_progress: shows the progress of embedding.

    Raises:
        ReidError: data, weights, device or settings are not usable, or a checkpoint was trained on people of the test.
        OSError: the folder cannot be written.
    """
    check_unseen(checkpoints, dataset, root)
    networks = [resolve(checkpoint.weights, seed=0) for checkpoint in checkpoints]
    _check_same_design(networks)
    folder.mkdir(parents=True, exist_ok=True)  # fails before the work if the folder cannot be written
    splits: list[ScoredSplit] = []
    first: Evaluation | None = None
    for checkpoint, weights in zip(checkpoints, networks, strict=True):
        benchmark = load_benchmark(dataset, root, checkpoint.split)
        evaluation = evaluate(
            benchmark,
            weights,
            settings,
            device=device,
            half=half,
            workers=workers,
            start_progress=start_progress,
        )
        first = first or evaluation  # embeddings of the other splits are not kept
        own = _was_trained_here(checkpoint, dataset, benchmark)
        counts = count_splits(benchmark)
        splits.append(ScoredSplit(checkpoint.split, weights, counts, evaluation.scores, own=own))
    report = Report(dataset, settings, tuple(splits), str(choose_device(device)), half)
    if first is not None:
        illustrate(first, folder, queries=pictures, device=device)
    write_json(folder / REPORT, report.content(command))
    return report


def _was_trained_here(checkpoint: SplitCheckpoint, dataset: str, benchmark: Benchmark) -> bool:
    """Return whether a checkpoint was trained on this data, not on other data of the same name."""
    about = trained_on(checkpoint.weights)
    if about is None or (about.dataset, about.split) != (dataset, checkpoint.split) or not about.data:
        return True
    return about.data == fingerprint_tracklets(benchmark.train)


def _check_same_design(networks: Sequence[Weights]) -> None:
    for network in networks[1:]:
        if network.design != networks[0].design:
            raise CheckpointError(
                f"{network.path}: has another network design than {networks[0].path}, so a mean of their scores is "
                "meaningless; name one of them"
            )

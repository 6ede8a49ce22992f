"""Splits: checkpoints scored one after the other, each on its own split, and what came of it written down."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reid.data.catalogue import load
from reid.data.counting import count
from reid.data.records import Benchmark
from reid.embedder import choose_device
from reid.errors import CheckpointError
from reid.evaluate import Begin, Evaluation, EvaluationSettings, evaluate
from reid.evaluation.illustration import illustrate
from reid.evaluation.pairing import Pair, check_unseen, trained_on
from reid.evaluation.report import Report, ScoredSplit
from reid.files import write_json
from reid.training.job import fingerprint
from reid.weights import Weights, resolve

REPORT = "report.json"


def score_splits(
    dataset: str,
    root: Path,
    pairs: Sequence[Pair],
    settings: EvaluationSettings,
    folder: Path,
    *,
    pictures: int,
    device: str | None,
    half: bool,
    workers: int | None,
    command: str,
    begin: Begin,
) -> Report:
    """Score each checkpoint on its split, and write the report and pictures of the first split.

    Args:
        dataset: key of the catalogue.
        root: where data sets lie.
        pairs: at least one.
        settings: how they are scored.
        folder: gets `report.json`, `ranked.png` and `attention.png` in place of earlier ones; nothing else in it
            is touched.
        pictures: queries shown in the pictures; 0 draws none.
        device: as for `build_embedder`.
        half: as for `build_embedder`.
        workers: processes that read pictures; None: one a core but one.
        command: what the operator typed, for the record.
        begin: told how far embedding has come.

    Raises:
        ReidError: data, weights, device or settings are not usable, or a checkpoint knows people of the test.
        OSError: the folder cannot be written.
    """
    check_unseen(pairs, dataset, root)
    networks = [resolve(one.weights, seed=0) for one in pairs]
    _check_alike(networks)
    folder.mkdir(parents=True, exist_ok=True)  # before the work, lest it be done for nothing
    done: list[ScoredSplit] = []
    shown: Evaluation | None = None
    for one, weights in zip(pairs, networks, strict=True):
        benchmark = load(dataset, root, one.split)
        evaluation = evaluate(
            benchmark, weights, settings, device=device, half=half, workers=workers, begin=begin
        )
        shown = shown or evaluation  # the others' embeddings are not kept
        own = _is_own(one, dataset, benchmark)
        done.append(ScoredSplit(one.split, weights, count(benchmark), evaluation.scores, own))
    report = Report(dataset, settings, tuple(done), str(choose_device(device)), half)
    if shown is not None:
        illustrate(shown, folder, queries=pictures, device=device)
    write_json(folder / REPORT, report.content(command))
    return report


def _is_own(one: Pair, dataset: str, benchmark: Benchmark) -> bool:
    """Tell whether a checkpoint was trained on what lies here, and not on something else of the same name."""
    about = trained_on(one.weights)
    if about is None or (about.dataset, about.split) != (dataset, one.split) or not about.data:
        return True
    return about.data == fingerprint(benchmark.train)


def _check_alike(networks: Sequence[Weights]) -> None:
    for other in networks[1:]:
        if other.design != networks[0].design:
            raise CheckpointError(
                f"{other.path}: is another network than {networks[0].path}, so that a mean over both says nothing; "
                "name one of them"
            )

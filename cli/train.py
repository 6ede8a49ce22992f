"""`reid-pipeline train`: from a labelled data set to a network, scored."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.epochs import say, show_epochs
from cli.jobs import with_job
from cli.progress import warn
from reid.losses.weights import LOSSES

if TYPE_CHECKING:  # heavy; imported when the command runs
    from reid.training.compute import Compute
    from reid.training.folder import TrainingFolder
    from reid.training.job import Job
    from reid.training.journal import Step


@click.command(short_help="Train a network on a data set, and score it.")
@with_job
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where everything is written.  [default: reid-train/DATASET]",
)
@click.option("--overwrite", is_flag=True, help="Delete what an earlier training left in DIR and begin anew.")
@click.option(
    "--split",
    default="0",
    show_default=True,
    metavar="N|all",
    help="Of data sets with ten splits: one of them, or all.",
)
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(LOSSES),
    help="Loss to leave out (Table 10); may be repeated.",
)
@click.option("--no-score", is_flag=True, help="Do not score the network on the test split afterwards.")
@click.option("--tensorboard", is_flag=True, help="Write events for TensorBoard too (extra `train`).")
def train(
    job: Job,
    compute: Compute,
    out: Path | None,
    overwrite: bool,
    split: str,
    without: tuple[str, ...],
    no_score: bool,
    tensorboard: bool,
) -> None:
    """Train a network on DATASET as the paper does, then score it beside the paper's figures.

    \b
    DATASET is mars, ilids-vid, prid-2011, market-1501, cuhk01-486, cuhk01-100, veri-776,
    vehicleid-800, vehicleid-1600, vehicleid-2400, or folder for pictures of your own.

    DIR then holds best.safetensors (for `match --weights` and `evaluate`), metrics.csv, curves.png and
    train.json. Give the same command again to go on after an interruption.
    """  # noqa: D301
    from reid.distributed import of_torchrun
    from reid.training.folder import TrainingFolder

    job = replace(job, recipe=replace(job.recipe, without=(*job.recipe.without, *without)))
    if job.recipe.epochs <= job.recipe.warm_up:
        warn(
            f"{job.recipe.epochs} epochs end before the learning rate is warm (warm_up is {job.recipe.warm_up}); "
            "for a short training give --set warm_up=0"
        )
    top = out or Path("reid-train") / job.dataset
    jobs = _by_split(job, split, top)
    for folder, each in jobs:
        _train(each, TrainingFolder(folder), compute, overwrite, tensorboard)
    if not of_torchrun().leads:
        return
    click.echo(f"weights: {jobs[0][0] if len(jobs) == 1 else top / 'split-N'}/best.safetensors")
    if no_score or not _has_test(job):
        return
    from cli.evaluate import score
    from reid.evaluate import EvaluationSettings
    from reid.evaluation.embedding import Viewing

    score(
        job.dataset,
        job.root,
        [(each.split, folder / "best.safetensors") for folder, each in jobs],
        top,
        compute.device,
        settings=EvaluationSettings(Viewing(job.recipe.clip_length)),
        workers=compute.workers,
    )


def _has_test(job: Job) -> bool:
    """Tell whether there is something to score on; a folder of one's own may have training pictures alone."""
    from reid.data.catalogue import load

    if load(job.dataset, job.root, job.split).query:
        return True
    click.echo("there is no query and gallery: the network is not scored")
    return False


def _by_split(job: Job, split: str, top: Path) -> list[tuple[Path, Job]]:
    """Give each split's job and folder; a single one has the whole folder."""
    from reid.data.catalogue import CATALOGUE

    trainings = CATALOGUE[job.dataset].trainings
    if split == "all" and trainings > 1:
        return [(top / f"split-{number}", replace(job, split=number)) for number in range(trainings)]
    if not split.isdecimal() or int(split) >= trainings:
        choice = f"0 to {trainings - 1}, or all" if trainings > 1 else "0"
        raise click.UsageError(f"{job.dataset} has no split {split!r} to train on; give {choice}")
    return [(top, replace(job, split=int(split)))]


def _train(job: Job, folder: TrainingFolder, compute: Compute, overwrite: bool, tensorboard: bool) -> None:
    """Train one network, showing how it goes."""
    from reid.train import train as run
    from reid.training.board import open_board

    board = open_board(folder.path / "tensorboard") if tensorboard else None
    task = f"{job.dataset}, split {job.split}" if "split-" in folder.path.name else job.dataset
    command = shlex.join(["reid-pipeline", *sys.argv[1:]])
    try:
        with show_epochs(task, job.recipe.epochs) as show:

            def report(step: Step) -> None:
                show(step)
                if board is not None:
                    board(step)

            run(
                job,
                folder,
                compute=compute,
                command=command,
                overwrite=overwrite,
                report=report,
                warn=warn,
                say=say,
            )
    except KeyboardInterrupt:
        click.echo(
            f"stopped; give the same command again to go on from the last checkpoint in {folder.path}",
            err=True,
        )
        raise click.exceptions.Exit(130) from None

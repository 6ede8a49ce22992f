"""`reid-pipeline train`: trains a network on a benchmark and scores it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.logs import say, warn
from cli.progress import show_epochs
from cli.score_tables import command_line, score_checkpoints
from cli.training_options import with_job

if TYPE_CHECKING:  # slow to import; --help does not need them
    from reid.training.compute import Compute
    from reid.training.folder import TrainingFolder
    from reid.training.job import TrainingJob
    from reid.training.journal import TrainingStep


@click.command("train", short_help="Train a network on a data set and score it.")
@with_job
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for all results.  [default: reid-train/DATASET]",
)
@click.option("--overwrite", is_flag=True, help="Delete an earlier training in DIR and start again.")
@click.option(
    "--split",
    default="0",
    show_default=True,
    metavar="N|all",
    help="Split to use, for data sets with ten splits; all trains one network per split.",
)
@click.option("--no-score", is_flag=True, help="Do not score the network on the test split afterwards.")
@click.option("--tensorboard", is_flag=True, help="Write events for TensorBoard too (extra `train`).")
def train_command(
    job: TrainingJob,
    compute: Compute,
    out: Path | None,
    overwrite: bool,
    split: str,
    no_score: bool,
    tensorboard: bool,
) -> None:
    """Train a network on DATASET as the paper does, then print its scores next to the paper's.

    \b
    DATASET is mars, ilids-vid, prid-2011, market-1501, cuhk01-486, cuhk01-100, veri-776,
    vehicleid-800, vehicleid-1600, vehicleid-2400, or folder for your own images.

    DIR then contains best.safetensors (for `match --weights` and `evaluate`), metrics.csv, curves.png and
    train.json. After an interruption, run the same command again to resume.
    """  # noqa: D301
    from reid.data.catalogue import load_benchmark
    from reid.distributed import group_from_torchrun
    from reid.training.folder import TrainingFolder

    if job.recipe.epochs <= job.recipe.warm_up:
        warn(
            f"training ends after {job.recipe.epochs} epochs, within the {job.recipe.warm_up} warm-up epochs of the "
            "learning rate. For a short training use --set warm_up=0."
        )
    top = out or Path("reid-train") / job.dataset
    jobs = _jobs_by_split(job, split, top)
    for folder, split_job in jobs:
        _train(split_job, TrainingFolder(folder), compute, overwrite=overwrite, tensorboard=tensorboard)
    if not group_from_torchrun().is_main:
        return
    click.echo(f"weights: {jobs[0][0] if len(jobs) == 1 else top / 'split-N'}/best.safetensors")
    if no_score:
        return
    if not load_benchmark(
        job.dataset, job.root, job.split
    ).query:  # for example, a user's own pictures without a test part
        click.echo("the data set has no query and gallery; the network is not scored")
        return
    from reid.evaluate import EvaluationSettings
    from reid.evaluation.pairing import SplitCheckpoint
    from reid.tracklet_embedding import Viewing

    checkpoints = [SplitCheckpoint(part.split, folder / "best.safetensors") for folder, part in jobs]
    score_checkpoints(
        job.dataset,
        root=job.root,
        checkpoints=checkpoints,
        folder=top,
        settings=EvaluationSettings(Viewing(job.recipe.clip_length)),
        device=compute.device,
        workers=compute.workers,
    )


def _jobs_by_split(job: TrainingJob, split: str, top: Path) -> list[tuple[Path, TrainingJob]]:
    """Return the folder and job of each split; with a single split, its folder is `top`."""
    from reid.data.catalogue import CATALOGUE

    trainings = CATALOGUE[job.dataset].trainings
    if split == "all" and trainings > 1:
        return [(top / f"split-{number}", replace(job, split=number)) for number in range(trainings)]
    if not split.isdecimal() or int(split) >= trainings:
        choice = f"0 to {trainings - 1}, or all" if trainings > 1 else "0"
        raise click.UsageError(f"{job.dataset} has no split {split!r} to train on; give {choice}")
    return [(top, replace(job, split=int(split)))]


def _train(
    job: TrainingJob, folder: TrainingFolder, compute: Compute, *, overwrite: bool, tensorboard: bool
) -> None:
    """Train one network and show its progress."""
    from reid.train import train
    from reid.training.tensorboard import open_tensorboard

    write_events = open_tensorboard(folder.path / "tensorboard") if tensorboard else None
    task = f"{job.dataset}, split {job.split}" if "split-" in folder.path.name else job.dataset
    try:
        with show_epochs(task, job.recipe.epochs) as show:

            def report(step: TrainingStep) -> None:
                show(step)
                if write_events is not None:
                    write_events(step)

            train(
                job,
                folder,
                compute=compute,
                command=command_line(),
                overwrite=overwrite,
                report=report,
                warn=warn,
                notify=say,
            )
    except KeyboardInterrupt:
        say(f"stopped; run the same command again to resume from the last checkpoint in {folder.path}")
        raise click.exceptions.Exit(130) from None

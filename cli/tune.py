"""`reid-pipeline tune`: searches for loss weights on held-out training identities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.logs import say, warn
from cli.progress import show_training
from cli.score_tables import command_line, print_table
from cli.training_options import ONE_SPLIT, out_option, with_job

if TYPE_CHECKING:  # slow to import; --help does not need them
    from reid.experiments.search import Trial
    from reid.training.compute import Compute
    from reid.training.job import TrainingJob
    from reid.tune import Search


@click.command(
    "tune", short_help="Search for the loss weights that are best on held-out training identities."
)
@with_job
@click.option(
    "--trials",
    default=120,
    show_default=True,
    type=click.IntRange(min=1),
    help="Total number of trainings; a later command may raise it.",
)
@ONE_SPLIT
@out_option("Folder for all results.  [default: reid-tune/DATASET]")
def tune_command(job: TrainingJob, compute: Compute, trials: int, split: int, out: Path | None) -> None:
    """Search for the loss weights with the highest mAP on held-out training identities of DATASET.

    Each trial trains with other weights on the remaining identities; the test split is not used. Trials that fall
    behind are stopped early. DIR then contains best.toml (for `train --recipe`), history.csv, history.png and the
    network of the best trial. After an interruption, run the same command again to resume.
    """
    from reid.tune import Search

    search = Search.of(replace(job, split=split), out or Path("reid-tune") / job.dataset)
    finished: Sequence[Trial] = ()
    try:
        for finished in search.run(
            trials, compute=compute, command=command_line(), watch=show_training, warn=warn
        ):
            trial = finished[-1]
            score = "" if math.isnan(trial.reached) else f", mAP {100 * trial.reached:.1f}"
            click.echo(f"trial {len(finished)}: {trial.outcome}{score}")
    except KeyboardInterrupt:
        say(f"stopped; run the same command again to resume in {search.folder.path}")
        raise click.exceptions.Exit(130) from None
    _print_best(search, finished)


def _print_best(search: Search, trials: Sequence[Trial]) -> None:
    """Print the settings of the best trial next to those of the recipe."""
    from reid.experiments.search import importances
    from reid.experiments.trials import best_of, values_of

    number = best_of(trials)
    if number is None:
        raise click.ClickException("no trial is complete; see the messages above, or raise --trials")
    best = trials[number - 1]
    shares = importances(trials, search.ranges)
    recipe_values = values_of(search.job.recipe, search.ranges)
    rows = []
    for name, value in best.values.items():
        importance = f"{100 * shares[name]:.0f} %" if shares else ""
        rows.append((name, f"{value:.4g}", f"{recipe_values[name]:.4g}", importance))
    remarks = [f"train with these settings: --recipe {search.folder.best_recipe}"]
    if not shares:
        remarks.insert(0, "importance needs 20 complete trials with different mAP")
    title = f"trial {number} of {len(trials)}: mAP {100 * best.reached:.1f} on held-out identities"
    print_table(title, ("setting", "best", "recipe", "importance"), [rows], remarks)

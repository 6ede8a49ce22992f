"""`reid-pipeline tune`: the loss weights searched for, on people held out of the training."""

from __future__ import annotations

import math
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.jobs import ONE_SPLIT, with_job
from cli.progress import show_training, warn

if TYPE_CHECKING:  # heavy; imported when the command runs
    from reid.experiments.search import Trial
    from reid.training.compute import Compute
    from reid.training.job import Job
    from reid.tune import Search


@click.command(short_help="Search for the loss weights that are best on people held out of the training.")
@with_job
@click.option(
    "--trials",
    default=120,
    show_default=True,
    type=click.IntRange(min=1),
    help="Trainings in all; more may be asked for later.",
)
@ONE_SPLIT
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where everything is written.  [default: reid-tune/DATASET]",
)
def tune(job: Job, compute: Compute, trials: int, split: int, out: Path | None) -> None:
    """Search for the weights of the losses on DATASET, as the paper's authors did, and never by its test.

    A share of the training identities is held out, and each trial trains on the others with other weights; what counts
    is the best mAP on those held out. Trials that fall behind are stopped early. DIR then holds best.toml (for
    `train --recipe`), history.csv, history.png and the best trial's network. Give the same command again to go on
    after an interruption.
    """
    from reid.tune import Search

    search = Search.of(replace(job, split=split), out or Path("reid-tune") / job.dataset)
    command = shlex.join(["reid-pipeline", *sys.argv[1:]])
    done: Sequence[Trial] = ()
    try:
        for done in search.run(trials, compute=compute, command=command, watch=show_training, warn=warn):
            click.echo(_told(done))
    except KeyboardInterrupt:
        click.echo(f"stopped; give the same command again to go on in {search.folder.path}", err=True)
        raise click.exceptions.Exit(130) from None
    _show(search, done)


def _told(trials: Sequence[Trial]) -> str:
    """Say what came of the last trial."""
    trial = trials[-1]
    reached = "" if math.isnan(trial.reached) else f", mAP {100 * trial.reached:.1f}"
    return f"trial {len(trials)}: {trial.outcome}{reached}"


def _show(search: Search, trials: Sequence[Trial]) -> None:
    """Print what the best trial set, beside the recipe."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from reid.experiments.search import importances
    from reid.experiments.trials import best_of, values_of

    best = best_of(trials)
    if best is None:
        raise click.ClickException("no trial came to its end; see above, or ask for more --trials")
    found = trials[best - 1]
    weights = importances(trials, search.ranges)
    own = values_of(search.job.recipe, search.ranges)
    table = Table(
        title=Text(f"trial {best} of {len(trials)}: mAP {100 * found.reached:.1f} on people held out"),
        title_justify="left",
    )
    table.add_column("setting")
    for column in ("best", "recipe", "importance"):
        table.add_column(column, justify="right")
    for name, value in found.values.items():
        importance = f"{100 * weights[name]:.0f} %" if weights else ""
        table.add_row(name, f"{value:.4g}", f"{own[name]:.4g}", importance)
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    if not weights:
        console.print("what mattered most can be told from 20 complete trials on, if they differ")
    console.print(Text(f"train with it: --recipe {search.folder.best_recipe}"))

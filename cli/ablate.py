"""`reid-pipeline ablate`: the network taken apart, as Tables 8 and 10 and Figures 8 and 9 of the paper do."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.epochs import say, show_epochs
from cli.jobs import ONE_SPLIT, with_job
from cli.progress import show_progress, warn
from reid.errors import ReidError

if TYPE_CHECKING:  # heavy; imported when the command runs
    from reid.ablate import Ablation, Result
    from reid.experiments.rows import Row, Study
    from reid.training.compute import Compute
    from reid.training.job import Job

FOUND = {
    "figure-8": "the paper's best: K = 4 at P = 32, and P = 28 at K = 5",
    "figure-9": "the paper's best: t from 3 to 5, and 220x150 or 250x150",
}
"""What the paper reads off its figures."""


@click.command(short_help="Take the network apart: train and score one network a row of the paper's tables.")
@with_job
@click.option(
    "--table",
    "tables",
    multiple=True,
    type=click.Choice(["8", "10"]),
    help="8: a part of the network left out a row; 10: a loss. May be repeated.",
)
@click.option(
    "--figure",
    "figures",
    multiple=True,
    type=click.Choice(["8", "9"]),
    help="8: clips an identity and identities a batch; 9: frames a clip and their size. May be repeated.",
)
@click.option("--only", multiple=True, metavar="ROW", help="Do this row only; may be repeated.")
@ONE_SPLIT
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where everything is written, a folder a row.  [default: reid-ablation/DATASET]",
)
def ablate(
    job: Job,
    compute: Compute,
    tables: tuple[str, ...],
    figures: tuple[str, ...],
    only: tuple[str, ...],
    split: int,
    out: Path | None,
) -> None:
    """Train and score one network on DATASET for each row of the paper's Tables 8 and 10 and Figures 8 and 9.

    Every row differs in one thing from the network and recipe given here. The rows are printed beside the paper's
    and written to DIR as table-8.csv, figure-8.csv and so on, with a picture of each sweep. Give the same command
    again to go on after an interruption; rows that are finished are not done again.
    """
    studies = [f"table-{number}" for number in tables] + [f"figure-{number}" for number in figures]
    if not studies:
        raise click.UsageError("say what to take apart: --table 8, --table 10, --figure 8, --figure 9")
    from reid.ablate import Ablation
    from reid.experiments.rows import rows_of

    ablation = Ablation.of(replace(job, split=split), out or Path("reid-ablation") / job.dataset)
    rows = {study: rows_of(study, ablation.job, ablation.identities) for study in dict.fromkeys(studies)}  # type: ignore[arg-type]  # click checked
    _check_known(only, [row.name for some in rows.values() for row in some])
    failed = [row.name for study, some in rows.items() for row in _do(ablation, study, some, only, compute)]  # type: ignore[arg-type]
    click.echo(f"everything is in {ablation.folder}")
    if failed:
        raise click.ClickException(f"not finished: {', '.join(failed)}; see above")


def _check_known(only: Sequence[str], names: Sequence[str]) -> None:
    for name in only:
        if name not in names:
            raise click.UsageError(f"there is no row {name!r}; rows are {', '.join(dict.fromkeys(names))}")


def _do(
    ablation: Ablation, study: Study, rows: Sequence[Row], only: Sequence[str], compute: Compute
) -> list[Row]:
    """Do the rows of one table or figure and print it; gives those that could not be done."""
    failed = []
    for row in rows:
        if only and row.name not in only:
            continue
        if row.lacks:
            click.echo(f"{row.name} is left out: {row.lacks}", err=True)
            continue
        try:
            _finish(ablation, row, compute)
        except ReidError as error:
            click.secho(f"{row.name}: {error}", fg="red", err=True)
            failed.append(row)
        ablation.write(study, rows, ablation.results(rows))
    _show(ablation, study, rows, ablation.results(rows))
    return failed


def _finish(ablation: Ablation, row: Row, compute: Compute) -> None:
    """Train and score a row that is not finished yet."""
    if ablation.result(row):
        return
    command = shlex.join(["reid-pipeline", *sys.argv[1:]])
    try:
        with show_epochs(row.name, row.change(ablation.job).recipe.epochs) as report:
            ablation.train(row, compute=compute, command=command, report=report, warn=warn, say=say)
        with show_progress() as begin:
            ablation.score(row, compute=compute, command=command, begin=begin)
    except KeyboardInterrupt:
        click.echo(
            f"stopped; give the same command again to go on from the last checkpoint in {ablation.folder}",
            err=True,
        )
        raise click.exceptions.Exit(130) from None


def _show(ablation: Ablation, study: Study, rows: Sequence[Row], results: Sequence[Result | None]) -> None:
    """Print the rows that are finished."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from reid.data.catalogue import CATALOGUE

    job = ablation.job
    table = Table(
        title=Text(f"{study.replace('-', ' ').capitalize()} on {CATALOGUE[job.dataset].title}, in percent"),
        title_justify="left",
    )
    columns = [
        "parameters",
        "mAP",
        "R-1",
        *(["paper's R-1", "difference"] if study.startswith("table") else []),
    ]
    table.add_column("row")
    for column in columns:
        table.add_column(column, justify="right")
    for row, result in zip(rows, results, strict=True):
        if result:
            table.add_row(*_cells(row, result, ablation.papers_lead(row, result))[: 1 + len(columns)])
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    for line in _remarks(job, study):
        console.print(Text(line))


def _cells(row: Row, result: Result, lead: float | None) -> tuple[str, ...]:
    return (
        row.name,
        f"{result.parameters:,}",
        f"{result.mean_ap:.1f}",
        f"{result.rank_1:.1f}",
        "" if row.paper is None else f"{row.paper:.1f}",
        "" if lead is None else f"{lead + 0.0:+.1f}",  # no minus before 0.0
    )


def _remarks(job: Job, study: Study) -> list[str]:
    """Say what else must be known to compare ours with the paper's."""
    from reid.ablate import PAPERS
    from reid.data.catalogue import CATALOGUE

    lines = [FOUND.get(study, "")]
    if study.startswith("table") and job.dataset != PAPERS:
        lines.append("the paper's R-1 is that on iLIDS-VID, so no difference is taken")
    if job.design.backbone != "resnet50":
        lines.append(
            f"the paper's networks have ResNet-50 backbones, ours {job.design.backbone}: other networks"
        )
    if CATALOGUE[job.dataset].splits > 1:
        lines.append(f"split {job.split} of {CATALOGUE[job.dataset].splits}; the paper gives means over all")
    return list(filter(None, lines))

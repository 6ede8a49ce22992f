"""`reid-pipeline ablate`: the ablations of Tables 8 and 10 and the sweeps of Figures 8 and 9 of the paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.logs import say, warn
from cli.progress import show_epochs, show_progress
from cli.score_tables import command_line, format_difference, print_table
from cli.training_options import ONE_SPLIT, out_option, with_job
from reid.errors import ReidError

if TYPE_CHECKING:  # slow to import; --help does not need them
    from reid.ablate import Ablation
    from reid.experiments.rows import AblationRow, Study
    from reid.training.compute import Compute
    from reid.training.job import TrainingJob

PAPER_RESULTS = {
    "figure-8": "best in the paper: K = 4 at P = 32, and P = 28 at K = 5",
    "figure-9": "best in the paper: t from 3 to 5, and 220x150 or 250x150",
}
"""Results that the paper's figures show."""


@click.command("ablate", short_help="Run the paper's ablations: train and score one network per table row.")
@with_job
@click.option(
    "--table",
    "tables",
    multiple=True,
    type=click.Choice(["8", "10"]),
    help="8: leave out parts of the network; 10: leave out losses. Repeatable.",
)
@click.option(
    "--figure",
    "figures",
    multiple=True,
    type=click.Choice(["8", "9"]),
    help="8: vary clips per identity and identities per batch; 9: vary frames per clip and their size. Repeatable.",
)
@click.option("--only", multiple=True, metavar="ROW", help="Run this row only. Repeatable.")
@ONE_SPLIT
@out_option("Folder for all results, with one folder per row.  [default: reid-ablation/DATASET]")
def ablate_command(
    job: TrainingJob,
    compute: Compute,
    tables: tuple[str, ...],
    figures: tuple[str, ...],
    only: tuple[str, ...],
    split: int,
    out: Path | None,
) -> None:
    """Train and score one network on DATASET for each row of the paper's Tables 8 and 10 and Figures 8 and 9.

    Each row changes one thing in the network and recipe given here. The rows are printed next to the paper's results
    and written to DIR as table-8.csv, figure-8.csv and so on, with a plot of each sweep. After an interruption, run
    the same command again to resume; finished rows are skipped.
    """
    studies = [f"table-{number}" for number in tables] + [f"figure-{number}" for number in figures]
    if not studies:
        raise click.UsageError("choose what to run: --table 8, --table 10, --figure 8 or --figure 9")
    from reid.ablate import Ablation
    from reid.experiments.rows import rows_of

    ablation = Ablation.of(replace(job, split=split), out or Path("reid-ablation") / job.dataset)
    rows = {study: rows_of(study, ablation.job, ablation.identities) for study in dict.fromkeys(studies)}  # type: ignore[arg-type]  # click checked
    names = dict.fromkeys(row.name for study_rows in rows.values() for row in study_rows)
    for name in only:
        if name not in names:
            raise click.UsageError(f"there is no row {name!r}; rows are {', '.join(names)}")
    failed: list[str] = []
    for study, study_rows in rows.items():
        failed += _run_study(ablation, study, study_rows, only, compute)  # type: ignore[arg-type]
    click.echo(f"results are in {ablation.folder}")
    if failed:
        raise click.ClickException(f"not finished: {', '.join(failed)}; see the messages above")


def _run_study(
    ablation: Ablation, study: Study, rows: Sequence[AblationRow], only: Sequence[str], compute: Compute
) -> list[str]:
    """Run the rows of one table or figure and print it; return the names of the rows that failed."""
    failed = []
    for row in rows:
        if only and row.name not in only:
            continue
        if row.skip_reason:
            say(f"{row.name} is skipped: {row.skip_reason}")
            continue
        try:
            _run_row(ablation, row, compute)
        except ReidError as error:
            click.secho(f"{row.name}: {error}", fg="red", err=True)
            failed.append(row.name)
        ablation.write(study, rows, ablation.results(rows))
    _print_study(ablation, study, rows)
    return failed


def _run_row(ablation: Ablation, row: AblationRow, compute: Compute) -> None:
    """Train and score a row unless it is finished."""
    from reid.train import train

    if ablation.result(row):
        return
    try:
        with show_epochs(row.name, row.change(ablation.job).recipe.epochs) as report:
            train(
                row.change(ablation.job),
                ablation.folder_of(row),
                compute=compute,
                command=command_line(),
                overwrite=False,
                report=report,
                warn=warn,
                notify=say,
            )
        with show_progress() as start_progress:
            ablation.score(row, compute=compute, command=command_line(), start_progress=start_progress)
    except KeyboardInterrupt:
        say(f"stopped; run the same command again to resume from the last checkpoint in {ablation.folder}")
        raise click.exceptions.Exit(130) from None


def _print_study(ablation: Ablation, study: Study, rows: Sequence[AblationRow]) -> None:
    """Print the finished rows, those of tables next to the paper's R-1."""
    from reid.data.catalogue import CATALOGUE

    is_table = study.startswith("table")
    columns = ["row", "parameters", "mAP", "R-1"]
    if is_table:
        columns += ["paper's R-1", "difference"]
    lines = []
    for row, result in zip(rows, ablation.results(rows), strict=True):
        if result is None:
            continue
        cells = [row.name, f"{result.parameters:,}", f"{result.mean_ap:.1f}", f"{result.rank_1:.1f}"]
        if is_table:
            cells.append("" if row.paper is None else f"{row.paper:.1f}")
            cells.append(format_difference(ablation.difference_to_paper(row, result)))
        lines.append(cells)
    title = f"{study.replace('-', ' ').capitalize()} on {CATALOGUE[ablation.job.dataset].title}, in percent"
    print_table(title, columns, [lines], _remarks(ablation.job, study))


def _remarks(job: TrainingJob, study: Study) -> list[str]:
    """Return what limits a comparison with the paper."""
    from reid.ablate import PAPER_DATASET
    from reid.data.catalogue import CATALOGUE

    remarks = [PAPER_RESULTS[study]] if study in PAPER_RESULTS else []
    if study.startswith("table") and job.dataset != PAPER_DATASET:
        remarks.append("no differences: the paper's R-1 is on iLIDS-VID")
    if job.design.backbone != "resnet50":
        remarks.append(
            f"not comparable: the paper uses ResNet-50 backbones, this network {job.design.backbone}"
        )
    if CATALOGUE[job.dataset].splits > 1:
        remarks.append(
            f"split {job.split} of {CATALOGUE[job.dataset].splits}; the paper reports means over all splits"
        )
    return remarks

"""Scoring of trained networks, and the tables of scores that commands print."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.logs import warn
from cli.progress import show_progress

if TYPE_CHECKING:  # slow to import; --help does not need them
    from reid.evaluate import EvaluationSettings
    from reid.evaluation.pairing import SplitCheckpoint
    from reid.evaluation.report import Report, ReportRow

EXTRAS = {"": "", "rerank": "re-ranked", "st": "with times", "st+rerank": "with times, re-ranked"}
"""What the table calls each way of ranking."""


def score_checkpoints(
    dataset: str,
    *,
    root: Path,
    checkpoints: Sequence[SplitCheckpoint],
    folder: Path,
    settings: EvaluationSettings,
    device: str | None,
    pictures: int = 8,
    half: bool = False,
    workers: int | None = None,
) -> None:
    """Score checkpoints on their splits, write the report and `pictures` of some queries to a folder, and print it."""
    from reid.evaluation.pairing import trained_on
    from reid.evaluation.splits import score_splits

    for checkpoint in checkpoints:
        if trained_on(checkpoint.weights) is None:
            warn(
                f"{checkpoint.weights} does not say what it was trained on. If it was trained on people of this test, "
                "its scores mean nothing."
            )
    with show_progress() as start_progress:
        report = score_splits(
            dataset,
            root,
            checkpoints,
            settings,
            folder,
            pictures=pictures,
            device=device,
            half=half,
            workers=workers,
            command=command_line(),
            start_progress=start_progress,
        )
    print_report(report)
    click.echo(f"report.json {'and pictures of some queries are' if pictures else 'is'} in {folder}")


def command_line() -> str:
    """Return the command as typed, for the record."""
    return shlex.join(["reid-pipeline", *sys.argv[1:]])


def print_report(report: Report) -> None:
    """Print each score next to the paper's, in percent."""
    from reid.data.catalogue import CATALOGUE

    groups = [[_cells(row) for row in rows] for _, rows in groupby(report.rows, key=lambda row: row.extra)]
    print_table(
        f"{report.design.variant} on {CATALOGUE[report.dataset].title}, in percent",
        ("measure", "ours", "paper", "difference"),
        groups,
        (report.manner, *report.remarks),
    )


def print_table(
    title: str, columns: Sequence[str], groups: Sequence[Sequence[Sequence[str]]], remarks: Sequence[str]
) -> None:
    """Print a table of groups of rows, and remarks below it; a row is a name and its numbers."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left")
    table.add_column(columns[0], overflow="fold")
    for column in columns[1:]:
        table.add_column(column, justify="right", no_wrap=True)
    for rows in groups:
        for name, *numbers in rows:
            table.add_row(Text(name), *numbers)
        table.add_section()
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    for remark in remarks:
        console.print(Text(remark))


def format_difference(points: float | None) -> str:
    """Write a difference in percentage points with its sign; empty for None.

    >>> format_difference(2.0), format_difference(-0.0), format_difference(None)
    ('+2.0', '+0.0', '')
    """
    return "" if points is None else f"{points + 0.0:+.1f}"  # adding 0.0 turns -0.0 into 0.0


def _cells(row: ReportRow) -> tuple[str, str, str, str]:
    """Return the cells of a row, in percent with one decimal as in the paper."""
    spread = "" if row.deviation is None else f" ± {row.deviation:.1f}"
    return (
        ", ".join(filter(None, (row.measure, EXTRAS[row.extra]))),
        f"{row.ours:.1f}{spread}",
        "" if row.paper is None else f"{row.paper:.1f}",
        format_difference(row.difference),
    )

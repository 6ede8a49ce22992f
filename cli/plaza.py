"""`reid-pipeline evaluate plaza`: networks and a colour histogram on the benchmark that the program draws itself."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.progress import show_progress, warn

if TYPE_CHECKING:  # heavy; imported when the command runs
    from reid.evaluate import EvaluationSettings
    from reid.evaluation.plaza import PlazaRow
    from reid.weights import Weights

LIKE = "mars"
"""The data set in whose layout the plaza lies."""


def find_networks(given: Sequence[Path]) -> list[tuple[str, Weights]]:
    """Find the networks to score, each with a name: those given, else the one that comes with the program."""
    from reid.evaluation.pairing import pair
    from reid.weights import resolve, shipped

    if not given:
        own = shipped("people", seed=0)
        return [] if own is None else [(f"{own.design.variant} (shipped)", own)]
    checkpoints = [pair(path, LIKE, None)[0].weights for path in given]
    found = [resolve(path, seed=0) for path in checkpoints]
    return [(f"{one.design.variant} ({_short(path)})", one) for one, path in zip(found, given, strict=True)]


def _short(path: Path) -> str:
    """Name a checkpoint by its training's folder, or by itself."""
    from reid.evaluation.pairing import BEST

    return path.parent.name if path.name == BEST else path.stem


def evaluate_plaza(
    data_root: Path,
    networks: Sequence[tuple[str, Weights]],
    settings: EvaluationSettings,
    folder: Path,
    *,
    pictures: int,
    device: str | None,
    half: bool,
    workers: int | None,
) -> None:
    """Score networks and a histogram, write the report, and print it."""
    from reid.evaluation.plaza import score_plaza

    if not networks:
        warn("no trained network came with this program; name checkpoints with --weights")
    with show_progress() as begin:
        rows = score_plaza(
            data_root,
            networks,
            settings,
            folder,
            pictures=pictures,
            device=device,
            half=half,
            workers=workers,
            command=shlex.join(["reid-pipeline", *sys.argv[1:]]),
            begin=begin,
        )
    show_rows(rows)
    click.echo(f"report.json is in {folder}")


def show_rows(rows: Sequence[PlazaRow]) -> None:
    """Print mAP and R-1 of each subset, in percent."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    subsets = list(rows[0].scores)
    table = Table(title="Unseen people of the plaza, in percent", title_justify="left")
    table.add_column("", overflow="fold")
    for subset in subsets:
        for figure in ("mAP", "R-1"):
            table.add_column(f"{subset}\n{figure}", justify="right", no_wrap=True)
    for row in rows:
        shares = [
            share for subset in subsets for share in (row.scores[subset].mean_ap, row.scores[subset].rank(1))
        ]
        table.add_row(Text(row.name), *(f"{100 * share:.1f}" for share in shares))
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    counts = ", ".join(f"{subset} {rows[0].scores[subset].queries}" for subset in subsets)
    console.print(Text(f"queries: {counts}"))

"""`reid-pipeline evaluate plaza`: networks and a colour histogram on the benchmark that the program draws itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from cli.evaluate import command_line, show_figures
from cli.progress import show_progress, warn
from reid.evaluate import EvaluationSettings
from reid.evaluation.pairing import BEST, pair
from reid.evaluation.plaza import PlazaRow, score_plaza
from reid.weights import Weights, resolve, shipped

LIKE = "mars"
"""The data set in whose layout the plaza lies."""


def find_networks(given: Sequence[Path]) -> list[tuple[str, Weights]]:
    """Find the networks to score, each with a name: those given, else the one that comes with the program."""
    if not given:
        own = shipped("people", seed=0)
        return [] if own is None else [(f"{own.design.variant} (shipped)", own)]
    found = [resolve(pair(path, LIKE, None)[0].weights, seed=0) for path in given]
    return [(f"{one.design.variant} ({_short(path)})", one) for one, path in zip(found, given, strict=True)]


def _short(path: Path) -> str:
    """Name a checkpoint by its training's folder, or by itself."""
    return path.parent.name if path.name == BEST else path.stem


def score_all(
    networks: Sequence[tuple[str, Weights]],
    root: Path,
    folder: Path,
    device: str | None,
    *,
    settings: EvaluationSettings,
    pictures: int,
    half: bool,
    workers: int | None,
) -> None:
    """Score networks and a histogram, write the report, and print it."""
    if not networks:
        warn("no trained network came with this program; name checkpoints with --weights")
    with show_progress() as begin:
        rows = score_plaza(
            root,
            networks,
            settings,
            folder,
            pictures=pictures,
            device=device,
            half=half,
            workers=workers,
            command=command_line(),
            begin=begin,
        )
    show_rows(rows)
    click.echo(f"report.json is in {folder}")


def show_rows(rows: Sequence[PlazaRow]) -> None:
    """Print mAP and R-1 of each subset, in percent."""
    subsets = list(rows[0].scores)
    columns = [f"{subset}\n{figure}" for subset in subsets for figure in ("mAP", "R-1")]
    cells = [(row.name, *(f"{100 * share:.1f}" for share in _shares(row))) for row in rows]
    counts = ", ".join(f"{subset} {rows[0].scores[subset].queries}" for subset in subsets)
    show_figures("Unseen people of the plaza, in percent", ["", *columns], [cells], [f"queries: {counts}"])


def _shares(row: PlazaRow) -> list[float]:
    """Give mAP and R-1 of each subset."""
    return [share for scores in row.scores.values() for share in (scores.mean_ap, scores.rank(1))]

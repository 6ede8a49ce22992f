"""`reid-pipeline evaluate plaza`: scores of networks and of a colour histogram on the project's own benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from cli.logs import warn
from cli.progress import show_progress
from cli.score_tables import command_line, print_table
from reid.evaluate import EvaluationSettings
from reid.evaluation.pairing import BEST, pair_checkpoints
from reid.evaluation.plaza import PlazaRow, score_plaza
from reid.weights import Weights, resolve, shipped

LAYOUT = "mars"
"""Data set whose folder layout the plaza uses."""


def networks_to_score(paths: Sequence[Path]) -> list[tuple[str, Weights]]:
    """Return the networks at `paths`, or else the one that comes with the program, each with a name."""
    if not paths:
        weights = shipped("people", seed=0)
        return [] if weights is None else [(f"{weights.design.variant} (shipped)", weights)]
    networks = []
    for path in paths:
        weights = resolve(pair_checkpoints(path, LAYOUT, None)[0].weights, seed=0)
        training = path.parent.name if path.name == BEST else path.stem
        networks.append((f"{weights.design.variant} ({training})", weights))
    return networks


def score_networks(
    networks: Sequence[tuple[str, Weights]],
    *,
    root: Path,
    folder: Path,
    device: str | None,
    settings: EvaluationSettings,
    pictures: int,
    half: bool,
    workers: int | None,
) -> None:
    """Score networks and a histogram, write the report and print it."""
    if not networks:
        warn("no trained network comes with this program. Name checkpoints with --weights.")
    with show_progress() as start_progress:
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
            start_progress=start_progress,
        )
    _print_rows(rows)
    click.echo(f"report.json is in {folder}")


def _print_rows(rows: Sequence[PlazaRow]) -> None:
    """Print mAP and R-1 of each subset, in percent."""
    subsets = list(rows[0].scores)
    columns = [f"{subset}\n{measure}" for subset in subsets for measure in ("mAP", "R-1")]
    cells = []
    for row in rows:
        shares = [share for scores in row.scores.values() for share in (scores.mean_ap, scores.rank(1))]
        cells.append((row.name, *(f"{100 * share:.1f}" for share in shares)))
    counts = ", ".join(f"{subset} {rows[0].scores[subset].queries}" for subset in subsets)
    print_table("Plaza test, in percent", ["", *columns], [cells], [f"queries: {counts}"])

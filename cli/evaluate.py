"""`reid-pipeline evaluate`: how good a network is, beside the paper's."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.jobs import DATA_ROOT
from cli.progress import show_progress, warn

if TYPE_CHECKING:  # heavy; imported when the command runs
    from reid.evaluate import EvaluationSettings
    from reid.evaluation.pairing import Choice
    from reid.evaluation.report import Report, Row
    from reid.published import Extra

EXTRAS = {"": "", "rerank": "re-ranked", "st": "with times", "st+rerank": "with times, re-ranked"}
"""How figures are called by what was done to the ranking."""


@click.command(short_help="Score a network on a data set's test, beside the paper's figures.")
@click.argument("dataset")
@DATA_ROOT
@click.option(
    "--weights",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="FILE|DIR",
    help="Checkpoint, or folder that `train` wrote; of `train --split all`, each split's is scored on its own. On "
    "plaza it may be repeated or left out.",
)
@click.option(
    "--split",
    metavar="N|all",
    help="Of data sets with ten splits.  [default: those the checkpoints were trained for]",
)
@click.option("--rerank", is_flag=True, help="Also with k-reciprocal re-ranking.")
@click.option(
    "--spacetime",
    is_flag=True,
    help="Also with statistics of who is seen where how much later (market-1501, veri-776).",
)
@click.option("--flip", is_flag=True, help="Average each picture with its mirror image.")
@click.option(
    "--clips", default=32, show_default=True, type=click.IntRange(min=1), help="Most clips of a tracklet."
)
@click.option(
    "--clip-length",
    type=click.IntRange(min=1),
    help="Frames a clip.  [default: as it was trained, or the paper's]",
)
@click.option(
    "--average-precision",
    default="standard",
    show_default=True,
    type=click.Choice(["standard", "trapezoid"]),
    help="The mean precision at the matches, or the area under the line that joins them.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where report.json, ranked.png and attention.png are written.  [default: reid-evaluation/DATASET]",
)
@click.option("--overwrite", is_flag=True, help="Replace what an earlier evaluation left in DIR.")
@click.option(
    "--pictures",
    default=8,
    show_default=True,
    type=click.IntRange(0, 100),
    help="Queries shown in the pictures.",
)
@click.option("--device", metavar="DEVICE", help="cpu, 0, cuda:0, mps.  [default: a GPU if there is one]")
@click.option("--half", is_flag=True, help="Half precision, on a GPU.")
@click.option(
    "--workers", type=click.IntRange(min=0), help="Processes that read pictures.  [default: cores - 1]"
)
def evaluate(
    dataset: str,
    data_root: Path,
    weights: tuple[Path, ...],
    split: str | None,
    rerank: bool,
    spacetime: bool,
    flip: bool,
    clips: int,
    clip_length: int | None,
    average_precision: str,
    out: Path | None,
    overwrite: bool,
    pictures: int,
    device: str | None,
    half: bool,
    workers: int | None,
) -> None:
    """Score a network on the test of DATASET, and print its figures beside the paper's.

    \b
    DATASET is mars, ilids-vid, prid-2011, market-1501, cuhk01-486, cuhk01-100, veri-776,
    vehicleid-800, vehicleid-1600, vehicleid-2400, folder for pictures of your own,
    or plaza, which `python -m samples.world tracklets` draws.

    A network is not scored on people whom its file says it was trained on. DIR then holds the figures (report.json),
    the best answers to some queries, from the worst found to the best (ranked.png), and where the network looked
    in these (attention.png). On plaza, networks stand beside a colour histogram, on people with and without twins in
    the same clothes.
    """  # noqa: D301
    from reid.data.catalogue import find
    from reid.evaluate import EvaluationSettings
    from reid.evaluation.embedding import Viewing
    from reid.evaluation.pairing import pair
    from reid.evaluation.splits import REPORT

    def settings_for(key: str, checkpoint: Path | None) -> EvaluationSettings:
        own = None if checkpoint is None else _own_clip_length(checkpoint)
        return EvaluationSettings(
            Viewing(clip_length or own or paper_clip_length(key), clips, "flipped" if flip else "plain"),
            extras_of(rerank, spacetime),
            average_precision,  # type: ignore[arg-type]  # click checked
        )

    if dataset.lower() == "plaza":
        from cli.plaza import LIKE, find_networks, score_all

        if rerank or spacetime or split is not None:
            raise click.UsageError(
                "plaza has one split and plain figures; leave out --split, --rerank and --spacetime"
            )
        networks = find_networks(weights)
        key, settings = "plaza", settings_for(LIKE, networks[0][1].path if networks else None)
        work = partial(score_all, networks)
    else:
        key, _ = find(dataset)
        if len(weights) != 1:
            raise click.UsageError(
                f"{key} scores one checkpoint, or folder of checkpoints; name it with --weights"
            )
        pairs = pair(weights[0], key, _choice(split))
        settings = settings_for(key, pairs[0].weights)
        work = partial(score, key, checkpoints=pairs)
    folder = out or Path("reid-evaluation") / key
    if (folder / REPORT).exists() and not overwrite:
        raise click.UsageError(
            f"{folder} holds the results of an earlier evaluation ({REPORT}); give another --out, or --overwrite to "
            "replace them"
        )
    work(
        root=data_root,
        folder=folder,
        device=device,
        settings=settings,
        pictures=pictures,
        half=half,
        workers=workers,
    )


def score(
    dataset: str,
    root: Path,
    checkpoints: Sequence[tuple[int, Path]],
    folder: Path,
    device: str | None,
    *,
    settings: EvaluationSettings | None = None,
    pictures: int = 8,
    half: bool = False,
    workers: int | None = None,
) -> None:
    """Score checkpoints on their splits, write the report, and print it.

    Args:
        dataset: key of the catalogue.
        root: where data sets lie.
        checkpoints: split and file of each.
        folder: where the report and its pictures are written.
        device: as for `match`.
        settings: how they are scored; by default plainly, with the paper's clips.
        pictures: queries shown in the pictures.
        half: compute in half precision on a GPU.
        workers: processes that read pictures; None: one a core but one.
    """
    from reid.evaluate import EvaluationSettings
    from reid.evaluation.embedding import Viewing
    from reid.evaluation.pairing import Pair, trained_on
    from reid.evaluation.splits import score_splits

    pairs = [Pair(*one) for one in checkpoints]
    for one in pairs:
        if trained_on(one.weights) is None:
            warn(
                f"{one.weights} does not say what it was trained on; if on people of this test, its figures mean nothing"
            )
    with show_progress() as begin:
        report = score_splits(
            dataset,
            root,
            pairs,
            settings or EvaluationSettings(Viewing(paper_clip_length(dataset))),
            folder,
            pictures=pictures,
            device=device,
            half=half,
            workers=workers,
            command=command_line(),
            begin=begin,
        )
    show_report(report)
    click.echo(f"report.json is in {folder}" + (", with pictures of some queries" if pictures else ""))


def command_line() -> str:
    """Say what the operator typed, for the record."""
    return shlex.join(["reid-pipeline", *sys.argv[1:]])


def show_report(report: Report) -> None:
    """Print each figure beside the paper's, in percent."""
    from reid.data.catalogue import CATALOGUE

    groups = [[_cells(row) for row in rows] for _, rows in groupby(report.rows, key=lambda row: row.extra)]
    title = f"{report.design.variant} on {CATALOGUE[report.dataset].title}, in percent"
    columns = ("figure", "ours", "paper", "difference")
    show_figures(title, columns, groups, (report.manner, *report.remarks))


def show_figures(
    title: str,
    columns: Sequence[str],
    groups: Sequence[Sequence[Sequence[str]]],
    remarks: Sequence[str],
) -> None:
    """Print a table of groups of rows, a name and figures in each, and what is to be said of it."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left")
    table.add_column(columns[0], overflow="fold")
    for column in columns[1:]:
        table.add_column(column, justify="right", no_wrap=True)
    for rows in groups:
        for name, *figures in rows:
            table.add_row(Text(name), *figures)
        table.add_section()
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    for line in remarks:
        console.print(Text(line))


def _own_clip_length(checkpoint: Path) -> int | None:
    """Give the frames a clip that the network was trained with, if its file says so."""
    from reid.evaluation.pairing import trained_on

    about = trained_on(checkpoint)
    return None if about is None else about.clip_length


def paper_clip_length(dataset: str) -> int:
    """Give the frames a clip that the paper uses for a data set."""
    from reid.data.catalogue import CATALOGUE
    from reid.recipes import recipe_for

    return recipe_for(dataset, CATALOGUE[dataset].kind).clip_length


def extras_of(rerank: bool, spacetime: bool) -> tuple[Extra, ...]:
    """Name the rows of figures that are asked for.

    >>> extras_of(rerank=True, spacetime=True)
    ('', 'rerank', 'st', 'st+rerank')
    """
    wanted: dict[Extra, bool] = {
        "": True,
        "rerank": rerank,
        "st": spacetime,
        "st+rerank": rerank and spacetime,
    }
    return tuple(extra for extra, asked in wanted.items() if asked)


def _choice(split: str | None) -> Choice:
    if split is None:
        return None
    if split == "all":
        return "all"
    if not split.isdecimal():
        raise click.UsageError(f"--split is {split!r}; give a number from 0, or all")
    return int(split)


def _cells(row: Row) -> tuple[str, str, str, str]:
    """Write one row in percent to one decimal, as the paper does."""
    spread = "" if row.deviation is None else f" ± {row.deviation:.1f}"
    return (
        ", ".join(filter(None, (row.figure, EXTRAS[row.extra]))),
        f"{row.ours:.1f}{spread}",
        "" if row.paper is None else f"{row.paper:.1f}",
        "" if row.difference is None else f"{row.difference + 0.0:+.1f}",  # no minus before 0.0
    )

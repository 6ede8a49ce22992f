"""`reid-pipeline data`: checks whether a data set is complete and usable."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.logs import warn
from cli.progress import show_progress
from cli.training_options import DATA_ROOT

if TYPE_CHECKING:  # slow to import; --help does not need them
    from reid.data.counting import Count
    from reid.data.records import Benchmark

COUNTED = ("identities", "tracklets", "images", "cameras")
CHUNK = 256
"""Images opened between two updates of the progress bar."""


@click.group("data", short_help="Check data sets before training on them.")
def data_command() -> None:
    """Check data sets before training on them."""


@data_command.command("check", short_help="Count a data set and compare it with the paper's Table 1.")
@click.argument("name")
@DATA_ROOT
@click.option(
    "--split", default=0, show_default=True, help="Split to count, for data sets with several splits."
)
@click.option("--images", is_flag=True, help="Open every image and list the damaged ones.")
def check_command(name: str, data_root: Path, split: int, images: bool) -> None:
    """Count data set NAME and compare it with Table 1 of the paper.

    \b
    NAME is mars, ilids-vid, prid-2011, market-1501, cuhk01-486, cuhk01-100, veri-776,
    vehicleid-800, vehicleid-1600, vehicleid-2400, or folder for your own images.

    If a file is missing, the message names it, the source of the data set and the expected layout. Exit status 1: the
    data set cannot be used for training or scoring. A copy that only differs from Table 1 is usable and gives a
    warning.
    """  # noqa: D301
    from reid.data.catalogue import find_benchmark, load_benchmark
    from reid.data.counting import count_differences, count_splits
    from reid.data.holdout import hold_out
    from reid.data.usable import find_faults
    from reid.errors import DatasetError
    from reid.recipes import Recipe

    benchmark = load_benchmark(name, data_root, split)
    key, dataset = find_benchmark(name)
    counts = count_splits(benchmark)
    paper_counts = dataset.counts or {}
    title = f"{dataset.title}, split {split}" if dataset.splits > 1 else dataset.title
    _print_counts(title, counts, paper_counts)
    if dataset.remark:
        click.echo(dataset.remark)
    if differing := count_differences(counts, paper_counts):
        warn(
            f"{key} differs from Table 1, so this is another release or an incomplete copy: {'; '.join(differing)}. "
            "It can be used, but its scores are not comparable with the paper's; get the full data set "
            f"{dataset.layout.source}."
        )
    if problems := find_faults(benchmark):
        raise DatasetError(f"{key} cannot be used: {'; '.join(problems)}")
    if benchmark.train:
        try:
            hold_out(benchmark, Recipe.validation, Recipe.seed)
        except DatasetError as error:
            warn(str(error))
    if images:
        _open_images(benchmark)


def _print_counts(title: str, counts: Mapping[str, Count], paper_counts: Mapping[str, Count]) -> None:
    """Print one line per split, with the numbers of Table 1 in brackets."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from reid.data.counting import Count

    title += " (in brackets: the paper's Table 1)" if paper_counts else ""
    table = Table(title=Text(title), title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("split")
    for name in COUNTED:
        table.add_column(name, justify="right")
    for split, count in counts.items():
        paper_count = paper_counts.get(split, Count())
        table.add_row(split, *(_cell(getattr(count, name), getattr(paper_count, name)) for name in COUNTED))
    Console(highlight=False, soft_wrap=True).print(table)


def _cell(ours: int, paper: int | None) -> str:
    """Write our number, with the paper's in brackets if it has one.

    >>> _cell(12, 625), _cell(12, None)
    ('12 (625)', '12')
    """
    return f"{ours}" if paper is None else f"{ours} ({paper})"


def _open_images(benchmark: Benchmark) -> None:
    """Open every image once; raise `DatasetError` if one is missing or damaged."""
    from concurrent.futures import ThreadPoolExecutor

    from reid.errors import DatasetError

    entries = (*benchmark.train, *benchmark.query, *benchmark.gallery)
    paths = list(dict.fromkeys(path for entry in entries for path in entry.images))
    faults: list[str] = []
    with show_progress() as start_progress, ThreadPoolExecutor() as pool:
        report = start_progress("images")
        for start in range(0, len(paths), CHUNK):
            faults += filter(None, pool.map(_fault, paths[start : start + CHUNK]))
            report(min(start + CHUNK, len(paths)), len(paths))
    for fault in faults:
        click.echo(fault)
    if faults:
        raise DatasetError(
            f"{len(faults)} of {len(paths)} images are missing or damaged; they are listed above"
        )
    click.echo(f"all {len(paths)} images can be read")


def _fault(path: str) -> str | None:
    """Return what is wrong with an image; None if nothing is."""
    from reid.data.frames import read_image
    from reid.errors import DatasetError

    try:
        read_image(path)
    except DatasetError as error:
        return str(error)
    return None

"""`reid-pipeline data`: is a data set complete, and where is it obtained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.jobs import DATA_ROOT
from cli.progress import show_progress, warn

if TYPE_CHECKING:  # heavy; imported when a command runs
    from reid.data.counting import Count
    from reid.data.records import Benchmark

COUNTED = ("identities", "tracklets", "images", "cameras")
AT_ONCE = 256  # pictures, between two steps of the progress line


@click.group(short_help="Look over data sets before training on them.")
def data() -> None:
    """Look over data sets before training on them."""


@data.command(short_help="Count a data set beside the paper's Table 1.")
@click.argument("name")
@DATA_ROOT
@click.option(
    "--split", default=0, show_default=True, help="Of data sets with several splits, counted from 0."
)
@click.option("--images", is_flag=True, help="Open every picture, and name the damaged ones.")
def check(name: str, data_root: Path, split: int, images: bool) -> None:
    """Count what data set NAME holds beside Table 1 of the paper.

    \b
    NAME is mars, ilids-vid, prid-2011, market-1501, cuhk01-486, cuhk01-100, veri-776,
    vehicleid-800, vehicleid-1600, vehicleid-2400, or folder for pictures of your own.

    A file that is missing is named, with where the data set is obtained and what is expected. Exit status 1: nothing
    can be trained on it or scored; a copy that only differs from Table 1 can be used, and gives a warning.
    """  # noqa: D301
    from reid.data.catalogue import find, load
    from reid.data.counting import count, differences
    from reid.data.holdout import hold_out
    from reid.data.use import faults
    from reid.errors import DatasetError
    from reid.recipes import Recipe

    benchmark = load(name, data_root, split)
    key, dataset = find(name)
    found = count(benchmark)
    counts = dataset.counts or {}
    _show(f"{dataset.title}, split {split}" if dataset.splits > 1 else dataset.title, found, counts)
    if dataset.remark:
        click.echo(dataset.remark)
    if differs := differences(found, counts):
        warn(
            f"{key} differs from Table 1, so this is another release or an incomplete copy: {'; '.join(differs)}; it can "
            f"be used, but its figures are not the paper's; all of it is obtained {dataset.source}"
        )
    if wrong := faults(benchmark):
        raise DatasetError(f"{key} cannot be used: {'; '.join(wrong)}")
    if benchmark.train:
        try:
            hold_out(benchmark, Recipe.validation, Recipe.seed)
        except DatasetError as error:
            warn(str(error))
    if images:
        _open_all(benchmark)


def _show(title: str, found: dict[str, Count], counts: Mapping[str, Count]) -> None:
    """Print a line a split, Table 1's number in brackets where there is one."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from reid.data.counting import Count

    title += " (in brackets: the paper's Table 1)" if counts else ""
    table = Table(title=Text(title), title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("split")
    for name in COUNTED:
        table.add_column(name, justify="right")
    for split, count in found.items():
        told = counts.get(split, Count())
        table.add_row(split, *(_cell(getattr(count, name), getattr(told, name)) for name in COUNTED))
    Console(highlight=False, soft_wrap=True).print(table)


def _cell(found: int, told: int | None) -> str:
    """Write what was found, and what the paper has.

    >>> _cell(12, 625), _cell(12, None)
    ('12 (625)', '12')
    """
    return f"{found}" if told is None else f"{found} ({told})"


def _open_all(benchmark: Benchmark) -> None:
    """Open every picture once."""
    from concurrent.futures import ThreadPoolExecutor

    from reid.errors import DatasetError

    entries = (*benchmark.train, *benchmark.query, *benchmark.gallery)
    paths = list(dict.fromkeys(path for entry in entries for path in entry.images))
    faults: list[str] = []
    with show_progress() as begin, ThreadPoolExecutor() as pool:
        report = begin("pictures")
        for start in range(0, len(paths), AT_ONCE):
            faults += filter(None, pool.map(_fault, paths[start : start + AT_ONCE]))
            report(min(start + AT_ONCE, len(paths)), len(paths))
    for fault in faults:
        click.echo(fault)
    if faults:
        raise DatasetError(
            f"{len(faults)} of {len(paths)} pictures are missing or damaged; they are named above"
        )
    click.echo(f"all {len(paths)} pictures can be read")


def _fault(path: str) -> str | None:
    """Say what is wrong with a picture, if anything is."""
    from reid.data.frames import read_image
    from reid.errors import DatasetError

    try:
        read_image(path)
    except DatasetError as error:
        return str(error)
    return None

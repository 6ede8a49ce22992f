"""`reid-pipeline report`: a finished run as one page to look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

if TYPE_CHECKING:  # what it imports takes longer than --help may
    from pipeline.report.pictures import Blur

SAID: dict[Literal["none", "faces", "people"], str] = {
    "none": "people can be recognised in it",
    "faces": "heads are blurred",
    "people": "people are blurred",
}


@click.command(short_help="Show a run as one page for the browser.")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write; must not be there yet.  [default: RUN/report.html, replaced]",
)
@click.option(
    "--blur",
    type=click.Choice(list(SAID)),
    help="Whom nobody shall recognise: faces blurs the upper fifth of each person's picture, people all of it.  "
    "[default: none inside RUN, faces elsewhere]",
)
def report(run: Path, out: Path | None, blur: Blur | None) -> None:
    """Write the finished RUN as one HTML file that needs nothing else.

    It shows identities with their best pictures from each camera and why they are one, a timeline of who was
    where, close calls with the runner-up beside them, and cameras, settings and warnings. It never asks any other
    computer for anything.
    """
    from pipeline.report.write import default_blur, write_report

    if out is not None and out.exists():
        raise click.UsageError(f"{out}: is there already; choose another --out")
    target = out or run / "report.html"
    chosen = blur or default_blur(run, target)
    write_report(run, target, blur=chosen)
    click.echo(f"{target}: {target.stat().st_size / 1e6:.1f} MB, {SAID[chosen]}")

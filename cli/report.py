"""`reid-pipeline report`: a finished run as one page to look at."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from cli.progress import show_progress

if TYPE_CHECKING:  # what it imports takes longer than --help may
    from pipeline.results.pictures import Blur

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
    help="Whom nobody shall recognise: faces blurs the upper fifth of each person's picture or more, people all of it.  "
    "[default: none inside RUN, faces elsewhere]",
)
@click.option(
    "--attention",
    is_flag=True,
    help="Let the page show where the network looked in each picture, at the key a; computed now, with the run's weights.",
)
@click.option(
    "--weights",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Where the run's ReID weights are by now, for --attention.  [default: where the run had them]",
)
@click.option("--device", help="Where --attention is computed: cpu, cuda:0.  [default: the best there is]")
def report(
    run: Path, out: Path | None, blur: Blur | None, attention: bool, weights: Path | None, device: str | None
) -> None:
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
    if (weights or device) and not attention:
        raise click.UsageError("--weights and --device are for --attention; add it or leave them out")
    if attention:
        from pipeline.report.attention import draw_overlays

        with show_progress() as begin:
            overlays = partial(draw_overlays, run, weights=weights, device=device, begin=begin)
            write_report(run, target, blur=chosen, overlays=overlays)
    else:
        write_report(run, target, blur=chosen)
    click.echo(f"{target}: {target.stat().st_size / 1e6:.1f} MB, {SAID[chosen]}")

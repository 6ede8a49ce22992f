"""`reid-pipeline report`: write a finished run as one HTML page."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import BLUR, BLUR_RESULTS, DEVICE, RUN, NetworkFile, NewPath, refuse_overwriting
from cli.progress import show_progress

if TYPE_CHECKING:  # slow to import; --help must be fast
    from pipeline.results.pictures import Blur


@click.command("report", short_help="Write a run as one HTML page.")
@RUN
@click.option(
    "--out",
    type=NewPath(),
    metavar="FILE",
    help="File to write; must not exist.  [default: RUN/report.html, replaced]",
)
@BLUR
@click.option(
    "--attention",
    is_flag=True,
    help="Compute the network's attention on each picture with the run's weights; the page shows it with the key a.",
)
@click.option(
    "--weights",
    type=NetworkFile(),
    metavar="FILE|DIR",
    help="Weights of the run's network for --attention, if they were moved.  [default: the file that the run recorded]",
)
@DEVICE
def report_command(
    run: Path, out: Path | None, blur: Blur | None, attention: bool, weights: Path | None, device: str | None
) -> None:
    """Write the finished RUN as one HTML file that needs no other file and no network connection.

    It shows each identity with its best pictures from each camera and the reasons for its links, a timeline, close
    calls with their runner-up, and the cameras, settings and warnings of the run. --device is for --attention.
    """
    refuse_overwriting(out, run)
    if (weights or device) and not attention:
        raise click.UsageError("--weights and --device need --attention; add it, or omit them")
    from pipeline.report.write import write_report
    from pipeline.results.pictures import default_blur
    from pipeline.results.records import read_run

    finished = read_run(run)
    path = out or run / "report.html"
    if blur is None:
        blur = default_blur(run, path)
    if attention:
        from pipeline.report.attention import draw_overlays

        with show_progress() as start_progress:
            overlays = partial(
                draw_overlays, finished, weights=weights, device=device, start_progress=start_progress
            )
            write_report(finished, path, blur=blur, overlays=overlays)
    else:
        write_report(finished, path, blur=blur)
    click.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB; {BLUR_RESULTS[blur]}")

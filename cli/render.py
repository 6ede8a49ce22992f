"""`reid-pipeline render`: a finished run as annotated videos."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import FiniteRange
from cli.report import SAID

if TYPE_CHECKING:  # what it imports takes longer than --help may
    from pipeline.results.pictures import Blur


@click.command(short_help="Draw a run into its footage, as videos.")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Where to write.  [default: RUN/videos]",
)
@click.option(
    "--blur",
    type=click.Choice(list(SAID)),
    help="Whom nobody shall recognise: faces blurs the heads of all people that were detected, people all of them.  "
    "[default: none inside RUN, faces elsewhere]",
)
@click.option(
    "--cameras",
    metavar="NAME,NAME",
    multiple=True,
    help="Draw only these; may be repeated, for names with commas.",
)
@click.option(
    "--identity", "identities", type=int, multiple=True, help="Draw only this one; may be repeated."
)
@click.option(
    "--start", type=FiniteRange(), metavar="SECONDS", help="Leave out what is before, on the shared timeline."
)
@click.option("--end", type=FiniteRange(), metavar="SECONDS", help="Leave out what is after.")
@click.option("--grid/--no-grid", default=True, show_default=True, help="Show all cameras side by side, too.")
@click.option(
    "--footage", "moved", metavar="NAME=FILE", multiple=True, help="Where a camera's footage is now."
)
@click.option("--overwrite", is_flag=True, help="Draw again what is there already.")
def render(
    run: Path,
    out: Path | None,
    blur: Blur | None,
    cameras: tuple[str, ...],
    identities: tuple[int, ...],
    start: float | None,
    end: float | None,
    grid: bool,
    moved: tuple[str, ...],
    overwrite: bool,
) -> None:
    """Draw the finished RUN into its footage: an MP4 a camera, and all cameras side by side with the clock.

    Each identity has one colour and one number in all cameras; tracklets without identity are thin and grey.
    """
    from pipeline.results.reading import cameras_of

    from cli.progress import show_progress
    from pipeline.render.videos import Request, render_run
    from pipeline.report.write import default_blur

    folder = out or run / "videos"
    chosen = blur or default_blur(run, folder)
    known = cameras_of(run)
    names = tuple(name for given in cameras for name in ([given] if given in known else given.split(",")))
    request = Request(chosen, names, tuple(sorted(identities)), start, end, grid, overwrite)
    with show_progress() as begin:
        drawn = render_run(run, folder, request, moved=dict(map(_moved, moved)), begin=begin)
    for path in drawn.films:
        told = "was there already" if path in drawn.kept else f"{path.stat().st_size / 1e6:.1f} MB"
        click.echo(f"{path}: {told}, {SAID[chosen]}")
    if drawn.failures:
        raise click.ClickException("; ".join(drawn.failures))


def _moved(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not equals:
        raise click.UsageError(f"--footage {text}: expected NAME=FILE")
    return name, Path(path)

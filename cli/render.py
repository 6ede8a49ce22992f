"""`reid-pipeline render`: draw a finished run into its footage, as videos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import BLUR, BLUR_RESULTS, RUN, SECONDS, refuse_overwriting
from cli.progress import show_progress

if TYPE_CHECKING:  # slow to import; --help must be fast
    from pipeline.results.pictures import Blur


@click.command("render", short_help="Draw a run into its footage, as videos.")
@RUN
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Folder to write to.  [default: RUN/videos]",
)
@BLUR
@click.option(
    "--cameras",
    metavar="NAME,NAME",
    multiple=True,
    help="Draw only these cameras; may be repeated, for names with commas.",
)
@click.option(
    "--identity", "identities", type=int, multiple=True, help="Draw only this identity; may be repeated."
)
@click.option(
    "--start", type=SECONDS, metavar="SECONDS", help="Skip footage before this time on the shared timeline."
)
@click.option("--end", type=SECONDS, metavar="SECONDS", help="Skip footage from this time on.")
@click.option("--grid/--no-grid", default=True, show_default=True, help="Also draw all cameras side by side.")
@click.option(
    "--footage",
    "moved",
    metavar="NAME=FILE",
    multiple=True,
    help="Recording of a camera, if it was moved; may be repeated.",
)
@click.option("--overwrite", is_flag=True, help="Replace existing files.")
def render_command(
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
    """Draw the finished RUN into its footage: one MP4 per camera, and one of all cameras side by side with a clock.

    An identity has the same colour and number in all cameras. Tracklets without identity are thin and grey. Videos
    that are up to date are skipped.
    """
    from pipeline.render.videos import RenderRequest, render_run
    from pipeline.results.pictures import default_blur
    from pipeline.results.records import read_run

    refuse_overwriting(out, run)
    finished = read_run(run)
    folder = out or run / "videos"
    if blur is None:
        blur = default_blur(run, folder)
    request = RenderRequest(
        blur=blur,
        cameras=_camera_names(cameras, finished.cameras),
        identities=tuple(sorted(identities)),
        start=start,
        end=end,
        grid=grid,
        overwrite=overwrite,
    )
    with show_progress() as start_progress:
        result = render_run(
            finished, folder, request, moved=_moved_footage(moved), start_progress=start_progress
        )
    for path in result.videos:
        state = "is up to date" if path in result.skipped else f"{path.stat().st_size / 1e6:.1f} MB"
        click.echo(f"{path}: {state}; {BLUR_RESULTS[blur]}")
    if result.failures:
        raise click.ClickException("; ".join(result.failures))


def _camera_names(values: Sequence[str], cameras: Sequence[str]) -> tuple[str, ...]:
    """Return the names in the values of --cameras; a comma separates names unless a camera's own name has it.

    >>> _camera_names(["gate,yard", "hall, west"], ["gate", "hall, west", "yard"])
    ('gate', 'yard', 'hall, west')
    """
    names: list[str] = []
    for value in values:
        names += [value] if value in cameras else value.split(",")
    return tuple(names)


def _moved_footage(values: Sequence[str]) -> dict[str, Path]:
    """Return the file of each camera in the values of --footage."""
    files = {}
    for value in values:
        name, equals, path = value.partition("=")
        if not equals:
            raise click.UsageError(f"--footage {value}: expected NAME=FILE")
        files[name] = Path(path)
    return files

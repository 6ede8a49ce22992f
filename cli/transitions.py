"""`reid-pipeline transitions`: how long people and vehicles take from camera to camera."""

from __future__ import annotations

from pathlib import Path

import click

from cli.options import refuse_overwriting


@click.command(short_help="Learn travel times between cameras from a run.")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--truth",
    "truths",
    multiple=True,
    metavar="[NAME=]PATH",
    help="Who is who in the recordings, as for `score`.  [default: the run's own links]",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="TOML file to write; must not be there yet.",
)
@click.option("--plot", type=click.Path(path_type=Path), metavar="PNG", help="Picture to draw, replaced.")
def transitions(run: Path, truths: tuple[str, ...], out: Path, plot: Path | None) -> None:
    """Learn from RUN how long people and vehicles take from each camera to each other.

    With --truth, from whom each tracklet really shows; without, from what the run itself linked, if that is
    15 gaps or more. Each visit and the next one of the same person or vehicle count once.
    """
    refuse_overwriting(plot, [run, *truths])
    if out.exists():
        raise click.UsageError(f"{out}: is there already; choose another --out")
    from pipeline.matching.travel.from_own_links import ENOUGH
    from pipeline.matching.travel.travel_times import fit_labelled
    from pipeline.plots.travel_times import draw_statistics
    from pipeline.results.travel_file import read_visits, summary, write_statistics

    visits = read_visits(run)
    labels = _labels(run, truths) if truths else visits.identities
    statistics = fit_labelled(visits, labels)
    source = f"identities of {', '.join(truths)}" if truths else "links of the run itself"
    least = 1 if truths else ENOUGH
    if len(statistics) < least:
        raise click.ClickException(
            f"{run}: {len(statistics)} gaps between cameras are known from {source}, and {least} are needed"
        )
    write_statistics(out, statistics)
    click.echo(f"{len(statistics)} gaps, learnt from {source}, are in {out}")
    for (group, first, other), gaps in statistics.gaps.items():
        click.echo(f"{group}, {first} to {other}: {summary(gaps)}")
    if plot is not None:
        draw_statistics(statistics, plot)
        click.echo(f"drawn in {plot}")


def _labels(run: Path, truths: tuple[str, ...]) -> dict[tuple[str, int], int | None]:
    """Find whom each tracklet really shows."""
    from pipeline.results.reading import cameras_of

    from pipeline.scoring.labels import label_tracklets
    from pipeline.scoring.truth import read_truths

    return label_tracklets(run, read_truths(truths, cameras_of(run)))

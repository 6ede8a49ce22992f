"""`reid-pipeline transitions`: learn travel times between cameras from a run."""

from __future__ import annotations

from pathlib import Path

import click

from cli.options import RUN, NewPath, refuse_overwriting, truth_option
from reid.files import real_path


@click.command("transitions", short_help="Learn travel times between cameras from a run.")
@RUN
@truth_option(required=False, default="the links of the run")
@click.option(
    "--out",
    required=True,
    type=NewPath(),
    metavar="FILE",
    help="TOML file to write; must not exist.",
)
@click.option("--plot", type=click.Path(path_type=Path), metavar="PNG", help="Plot to write; replaced.")
def transitions_command(run: Path, truths: tuple[str, ...], out: Path, plot: Path | None) -> None:
    """Learn from the finished RUN how long people and vehicles take from camera to camera.

    With --truth, uses the true identities of the tracklets. Without it, uses the links of the run, if they give at
    least 15 gaps. Each visit of an identity and its next visit give one gap.
    """
    for target in (out, plot):
        refuse_overwriting(target, run, truths)
    if plot is not None and real_path(plot) == real_path(out):
        raise click.UsageError(f"{plot}: --out and --plot name the same file; choose two files")
    from pipeline.matching.travel.from_own_links import ENOUGH
    from pipeline.matching.travel.travel_times import fit_labelled
    from pipeline.plots.travel_times import draw_statistics
    from pipeline.results.records import read_run
    from pipeline.results.travel_file import summarise_gaps, visits_of, write_statistics
    from pipeline.scoring.labels import label_tracklets
    from pipeline.scoring.truth import read_truths

    finished = read_run(run)
    visits = visits_of(finished)
    labels, source, needed = visits.identities, "the links of the run", ENOUGH
    if truths:
        labels = label_tracklets(finished, read_truths(truths, finished.cameras))
        source, needed = f"the identities of {', '.join(truths)}", 1
    statistics = fit_labelled(visits, labels)
    if len(statistics) < needed:
        raise click.ClickException(
            f"{run}: {source} give {len(statistics)} gaps between cameras, and at least {needed} are needed"
        )
    write_statistics(out, statistics)
    click.echo(f"wrote {len(statistics)} gaps from {source} to {out}")
    for (group, first, second), gaps in statistics.gaps.items():
        click.echo(f"{group}, {first} to {second}: {summarise_gaps(gaps)}")
    if plot is not None:
        draw_statistics(statistics, plot)
        click.echo(f"drew {plot}")

"""`reid-pipeline calibrate`: thresholds that suit a run, measured by the truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import FiniteRange, refuse_overwriting

if TYPE_CHECKING:  # what it imports takes longer than --help may
    from pipeline.matching.thresholds.calibration import Calibrated


@click.command(short_help="Measure the thresholds that suit a run, by the truth.")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--truth",
    "truths",
    multiple=True,
    required=True,
    metavar="[NAME=]PATH",
    help="Who was really where, as for `score`.",
)
@click.option(
    "--false-match-rate",
    "rate",
    default=0.01,
    show_default=True,
    type=FiniteRange(0, 1, min_open=True, max_open=True),
    help="Share of pairs of two objects in two cameras that may be taken for one.",
)
@click.option(
    "--out",
    default="calibration.toml",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File to write, for `match --calibration`; replaced.",
)
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PNG",
    help="Picture of the scores to draw; replaced.",
)
def calibrate(run: Path, truths: tuple[str, ...], rate: float, out: Path, plot: Path | None) -> None:
    """Measure on the finished RUN which thresholds keep the rate of false matches.

    Told from pairs of tracklets of two cameras whose people, or vehicles, the truth names. Printed is also what
    other rates would cost: the threshold that keeps each, and the share of true pairs under it.
    """
    from pipeline.results.reading import cameras_of

    from pipeline.plots.calibration import draw_calibrations
    from pipeline.results.thresholds_file import write_calibrations
    from pipeline.scoring.calibrate import calibrate_run
    from pipeline.scoring.labels import label_tracklets
    from pipeline.scoring.truth import read_truths

    for target in (out, plot):
        refuse_overwriting(target, [run, *truths])
    if plot is not None and plot.resolve() == out.resolve():
        raise click.UsageError(f"{plot}: --out and --plot name one file; give each its own")
    labels = label_tracklets(run, read_truths(truths, cameras_of(run)))
    found, left_out = calibrate_run(run, labels, rate=rate)
    for classes, (made, _) in found.items():
        _show(classes, made)
    for reason in left_out:
        click.echo(f"left out: {reason}")
    write_calibrations(out, {classes: (made.calibration, scale) for classes, (made, scale) in found.items()})
    click.echo(f"written to {out}")
    if plot is not None:
        draw_calibrations({classes: made for classes, (made, _) in found.items()}, plot)
        click.echo(f"drawn in {plot}")


def _show(classes: str, made: Calibrated) -> None:
    """Print a calibration and both error curves."""
    from pipeline.matching.thresholds.calibration import error_curves

    calibration = made.calibration
    click.echo(f"{classes}: {calibration.sentence}")
    click.echo(f"  within one camera: {calibration.stitch_threshold:.3f}")
    click.echo("  false matches  threshold  false non-matches")
    for rate, cut, missed in error_curves(made):
        click.echo(f"  {rate:13.2%}  {cut:9.3f}  {'-' if missed is None else f'{missed:.1%}':>17}")

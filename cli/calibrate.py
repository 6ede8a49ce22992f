"""`reid-pipeline calibrate`: measure thresholds on a run with ground truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import RUN, FiniteRange, refuse_overwriting, truth_option
from reid.files import real_path

if TYPE_CHECKING:  # slow to import; --help must be fast
    from pipeline.matching.thresholds.calibration import Calibrated


@click.command("calibrate", short_help="Measure thresholds on a run with ground truth.")
@RUN
@truth_option(required=True)
@click.option(
    "--false-match-rate",
    "rate",
    default=0.01,
    show_default=True,
    type=FiniteRange(0, 1, min_open=True, max_open=True),
    help="Share of pairs of different objects in two cameras that may reach the threshold.",
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
    help="Plot of the scores to write; replaced.",
)
def calibrate_command(run: Path, truths: tuple[str, ...], rate: float, out: Path, plot: Path | None) -> None:
    """Measure which thresholds keep the false match rate on the finished RUN.

    Uses the pairs of tracklets of two cameras that the ground truth identifies. Also prints the thresholds for other
    rates, and the share of true pairs below each.
    """
    from pipeline.plots.calibration import draw_calibrations
    from pipeline.results.records import read_run
    from pipeline.results.thresholds_file import write_thresholds
    from pipeline.scoring.calibrate import calibrate_run
    from pipeline.scoring.labels import label_tracklets
    from pipeline.scoring.truth import read_truths

    for target in (out, plot):
        refuse_overwriting(target, run, truths)
    if plot is not None and real_path(plot) == real_path(out):
        raise click.UsageError(f"{plot}: --out and --plot name the same file; choose two files")
    finished = read_run(run)
    labels = label_tracklets(finished, read_truths(truths, finished.cameras))
    calibrations, skipped = calibrate_run(finished, labels, rate=rate)
    for classes, (calibrated, _) in calibrations.items():
        _print_calibration(classes, calibrated)
    for reason in skipped:
        click.echo(f"skipped: {reason}")
    write_thresholds(
        out,
        {classes: (calibrated.calibration, scale) for classes, (calibrated, scale) in calibrations.items()},
    )
    click.echo(f"wrote {out}")
    if plot is not None:
        draw_calibrations({classes: calibrated for classes, (calibrated, _) in calibrations.items()}, plot)
        click.echo(f"drew {plot}")


def _print_calibration(classes: str, calibrated: Calibrated) -> None:
    """Print a calibration and its error curves."""
    from pipeline.matching.thresholds.calibration import error_curves

    calibration = calibrated.calibration
    click.echo(f"{classes}: {calibration.sentence}")
    click.echo(f"  within one camera: {calibration.stitch_threshold:.3f}")
    click.echo("  false matches  threshold  false non-matches")
    for rate, threshold, missed in error_curves(calibrated):
        click.echo(f"  {rate:13.2%}  {threshold:9.3f}  {'-' if missed is None else f'{missed:.1%}':>17}")

"""Calibration of a finished run with ground truth: from its galleries and labels to thresholds."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.errors import PipelineError
from pipeline.matching.pairs.appearance import score_gallery
from pipeline.matching.thresholds.calibration import Calibrated, calibrate_labelled
from pipeline.results.records import FinishedRun
from pipeline.results.thresholds_file import scale_of
from pipeline.tracking.tracklets import Key


def calibrate_run(
    run: FinishedRun, labels: Mapping[Key, int | None], *, rate: float
) -> tuple[dict[str, tuple[Calibrated, str]], list[str]]:
    """Choose the thresholds of a run's networks from labels.

    Args:
        run: the finished run.
        labels: true identity of each tracklet.
        rate: share of pairs of different objects that may reach a threshold.

    Returns:
        The calibration and the scale of the scores by the classes that a network embeds, and a sentence for each
        network that was skipped.

    Raises:
        RunError: a file of the run is missing or damaged.
        PipelineError: no network has enough labelled pairs.
    """
    calibrated: dict[str, tuple[Calibrated, str]] = {}
    skipped = []
    for saved in run.galleries:
        classes, gallery = saved.network.classes, saved.gallery
        if not len(gallery):
            continue
        config = run.record.matching[classes]
        try:
            result = calibrate_labelled(gallery, score_gallery(gallery, config), labels, rate=rate)
        except PipelineError as error:
            skipped.append(f"{classes}: {error}")
            continue
        calibrated[classes] = result, scale_of(gallery, config, saved.network.sha256)
    if not calibrated:
        raise PipelineError("; ".join(skipped) or f"{run.folder}: has no matched tracklets to calibrate on")
    return calibrated, skipped

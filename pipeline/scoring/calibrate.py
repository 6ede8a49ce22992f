"""Calibration of a finished run by the truth: its galleries, labelled, to thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError, RunError
from pipeline.matching.config import MatchingConfig
from pipeline.matching.pairs.appearance import score_gallery
from pipeline.matching.thresholds.calibration import Calibrated, calibrate_labelled
from pipeline.results.galleries import read_galleries
from pipeline.results.reading import run_record
from pipeline.results.thresholds_file import scale_of
from pipeline.tracking.tracklets import Key


def calibrate_run(
    run: Path, labels: Mapping[Key, int | None], *, rate: float
) -> tuple[dict[str, tuple[Calibrated, str]], list[str]]:
    """Choose thresholds for a run's networks by labels.

    Args:
        run: folder of a finished run.
        labels: true identity of each tracklet.
        rate: share of pairs of two objects that may reach a threshold.

    Returns:
        By what the network embeds its calibration and the scale of its scores, and what was left out and why.

    Raises:
        RunError: a file of the run is missing or damaged.
        PipelineError: no network's labelled pairs suffice.
    """
    found, left_out = {}, []
    for saved in read_galleries(run):
        if not len(saved.gallery):
            continue
        classes, config = saved.network.classes, matching_of(run, saved.network.classes)
        try:
            made = calibrate_labelled(saved.gallery, score_gallery(saved.gallery, config), labels, rate=rate)
        except PipelineError as error:
            left_out.append(f"{classes}: {error}")
            continue
        found[classes] = made, scale_of(saved.gallery, config, saved.network.sha256)
    if not found:
        raise PipelineError("; ".join(left_out) or f"{run}: holds no tracklets to calibrate by")
    return found, left_out


def matching_of(run: Path, classes: str, record: Mapping[str, Any] | None = None) -> MatchingConfig:
    """Read how a run linked what one of its networks embedded.

    Args:
        run: its folder.
        classes: what the network embeds.
        record: its run.json, if that was read before.

    Raises:
        RunError: run.json is missing or damaged.
    """
    known = run_record(run) if record is None else record
    try:
        told: Any = known["matching"]
        own = told[classes]
        return MatchingConfig(**{one.name: own[one.name]["value"] for one in fields(MatchingConfig)})
    except (KeyError, TypeError) as error:
        raise RunError(
            f"{run / 'run.json'}: does not tell how {classes} were matched; give the command of its match again"
        ) from error

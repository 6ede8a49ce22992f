"""Calibrations on disk and on paper: a TOML file that `match --calibration` takes up, and a picture of the scores."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from pipeline.embedding.networks import Classes
from pipeline.errors import PipelineError
from pipeline.folder.atomic import whole_file
from pipeline.folder.toml_files import read_toml
from pipeline.matching.config import MatchingConfig
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.thresholds.calibration import Calibration

if TYPE_CHECKING:
    pass
HEAD = "# Thresholds measured by `reid-pipeline calibrate`; `match --calibration FILE` links by them.\n"
NUMBERS = ("threshold", "stitch_threshold")
"""What a reader needs of a section."""


@dataclass(frozen=True)
class SavedThresholds:
    """What a file says of the tracklets that one network embeds."""

    threshold: float
    stitch_threshold: float
    scale: str
    """What its scores are of: thresholds serve for scores of the same scale alone."""


def scale_of(gallery: Gallery, config: MatchingConfig, network: str | None) -> str:
    """Say what the scores of a gallery are of: which network, and what was taken out of its embeddings.

    Args:
        gallery: n tracklets.
        config: as it is matched.
        network: SHA-256 of its weights; None if untrained.
    """
    centred = []
    for group in np.unique(gallery.groups).tolist():
        counts = np.unique(gallery.cameras[gallery.groups == group], return_counts=True)[1]
        enough = config.centring_minimum is not None and counts.min() >= config.centring_minimum
        centred += [group] if enough else []
    words = [f"network {network or 'untrained'}", f"statistics of the {config.statistics}"]
    return ", ".join([*words, f"centred {' and '.join(centred) or 'nothing'}"])


def write_calibrations(path: Path, found: Mapping[str, tuple[Calibration, str]]) -> None:
    """Write calibrations and the scale of their scores, by what their networks embed (people, vehicles, everything)."""
    with whole_file(path) as file:
        file.write(HEAD)
        for classes, (calibration, scale) in found.items():
            file.write(f"\n[{classes}]\n# {calibration.sentence}\n")
            for name in NUMBERS:
                file.write(f"{name} = {getattr(calibration, name):.4f}\n")
            file.write(f"scale = {json.dumps(scale)}\n")


def read_calibrations(path: Path) -> dict[str, SavedThresholds]:
    """Read the thresholds of a file, by what the networks embed.

    Raises:
        PipelineError: it cannot be read, or is no file of calibrations.
    """
    tables = read_toml(path)
    if not tables:
        raise PipelineError(f"{path}: holds no thresholds; let `calibrate` write it again")
    return {classes: _thresholds(path, classes, table) for classes, table in tables.items()}


def _thresholds(path: Path, classes: str, table: Any) -> SavedThresholds:
    """Understand one section."""
    if not isinstance(table, dict) or set(table) != {*NUMBERS, "scale"}:
        raise PipelineError(
            f"{path}: [{classes}] must hold {', '.join(NUMBERS)} and scale alone; let `calibrate` write it again"
        )
    for name in NUMBERS:
        value = table[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not -1 <= value <= 1:
            raise PipelineError(f"{path}: {name} of [{classes}] is {value!r}; a cosine lies between -1 and 1")
    if classes not in get_args(Classes):
        raise PipelineError(
            f"{path}: [{classes}] is none of {', '.join(get_args(Classes))}; let `calibrate` write it again"
        )
    return SavedThresholds(float(table[NUMBERS[0]]), float(table[NUMBERS[1]]), str(table["scale"]))

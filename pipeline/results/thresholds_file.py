"""The file of thresholds that `calibrate` writes and `match --calibration` reads.

[people]
# threshold 0.640, chosen from 512 labelled pairs
threshold = 0.6400
stitch_threshold = 0.9500
scale = "network 03473358…, statistics of the network, centred nothing"
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np

from pipeline.errors import PipelineError
from pipeline.folder.atomic import whole_file
from pipeline.folder.toml_files import read_toml
from pipeline.matching.config import Chosen, MatchingConfig
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.thresholds.calibration import Calibration

HEADER = "# Thresholds that `reid-pipeline calibrate` measured; `match --calibration FILE` uses them.\n"
THRESHOLDS = ("threshold", "stitch_threshold")
Cosine = Annotated[float, msgspec.Meta(ge=-1, le=1)]


@dataclass(frozen=True)
class SavedThresholds:
    """The thresholds of a file for the tracklets of one network."""

    threshold: float
    stitch_threshold: float
    scale: str
    """Description of the scores; the thresholds apply to scores with the same description only."""
    file: Path


def scale_of(gallery: Gallery, config: MatchingConfig, network: str | None) -> str:
    """Describe the scores of a gallery: which network made them, and how its embeddings are adapted.

    `network` is the SHA-256 of the network's weights; None if untrained.
    """
    centred = []
    if config.centring_minimum is not None:
        for group in np.unique(gallery.groups).tolist():
            counts = np.unique(gallery.cameras[gallery.groups == group], return_counts=True)[1]
            if counts.min() >= config.centring_minimum:
                centred.append(group)
    names = " and ".join(centred) or "nothing"
    return f"network {network or 'untrained'}, statistics of the {config.statistics}, centred {names}"


def write_thresholds(path: Path, calibrations: Mapping[str, tuple[Calibration, str]]) -> None:
    """Write a file of thresholds: calibrations and the scale of their scores, by the classes of each network."""
    with whole_file(path) as file:
        file.write(HEADER)
        for classes, (calibration, scale) in calibrations.items():
            file.write(f"\n[{classes}]\n# {calibration.sentence}\n")
            for name in THRESHOLDS:
                file.write(f"{name} = {getattr(calibration, name):.4f}\n")
            file.write(f"scale = {json.dumps(scale)}\n")


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    """Thresholds of one network."""

    threshold: Cosine
    stitch_threshold: Cosine
    scale: str


class _ThresholdsFile(msgspec.Struct, forbid_unknown_fields=True):
    """Tables by the classes of the networks."""

    everything: _Table | None = None
    people: _Table | None = None
    vehicles: _Table | None = None


def read_thresholds(path: Path) -> dict[str, SavedThresholds]:
    """Read a file of thresholds, by the classes that the networks embed.

    Raises:
        PipelineError: the file cannot be read, or is not a file of thresholds.
    """
    tables = msgspec.structs.asdict(read_toml(path, _ThresholdsFile))
    saved = {
        classes: SavedThresholds(table.threshold, table.stitch_threshold, table.scale, path)
        for classes, table in tables.items()
        if table is not None
    }
    if not saved:
        raise PipelineError(f"{path}: holds no thresholds; write it again with `calibrate`")
    return saved


def apply_thresholds(
    config: MatchingConfig, measured: SavedThresholds, gallery: Gallery, network: str | None
) -> MatchingConfig:
    """Return a matching configuration with the thresholds measured for the gallery's network, given by its SHA-256.

    Raises:
        PipelineError: the thresholds were measured on other scores.
    """
    scale = scale_of(gallery, config, network)
    if measured.scale != scale:
        raise PipelineError(
            f"{measured.file}: was measured on other scores ({measured.scale}) than those of this run ({scale}); "
            "calibrate on a run with the same settings"
        )
    return replace(
        config,
        threshold=Chosen(measured.threshold, "calibration"),
        stitch_threshold=Chosen(measured.stitch_threshold, "calibration"),
    )

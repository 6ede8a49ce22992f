"""Plot of the scores of known pairs, with the thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.matching.thresholds.calibration import Calibrated, Compared

if TYPE_CHECKING:  # importing matplotlib takes long
    from matplotlib.axes import Axes

LINE_STYLES = ("-", "--", ":", "-.")


def draw_scores(axes: Axes, compared: Compared, thresholds: Mapping[str, float]) -> None:
    """Draw histograms of the scores of pairs of one object and of different objects, and lines for thresholds.

    Args:
        axes: axes to draw into.
        compared: scores of both kinds of pairs; they may be empty.
        thresholds: scores by name.
    """
    from reid.pictures.canvas import BLUE, ORANGE  # importing matplotlib takes long

    bins = np.linspace(-1, 1, 101).tolist()
    kinds = (("same object", compared.genuine, BLUE), ("different objects", compared.impostors, ORANGE))
    for name, scores, colour in kinds:
        if len(scores):
            shares = np.full(len(scores), 1 / len(scores))
            label = f"{name} ({len(scores)} pairs)"
            axes.hist(scores, bins=bins, weights=shares, color=colour, alpha=0.6, label=label)
    for number, (name, threshold) in enumerate(thresholds.items()):
        style = LINE_STYLES[number % len(LINE_STYLES)]
        axes.axvline(threshold, color="black", linestyle=style, linewidth=1, label=f"{name} {threshold:.3f}")
    values = np.concatenate([compared.genuine, compared.impostors, list(thresholds.values())])
    if len(values):
        axes.set_xlim(max(-1.0, float(values.min()) - 0.05), min(1.0, float(values.max()) + 0.05))
    axes.set_xlabel("score of a pair (cosine)")
    axes.set_ylabel("share of pairs")
    axes.legend(fontsize="small")


def draw_calibrations(calibrated: Mapping[str, Calibrated], picture: Path) -> None:
    """Draw the scores of the known pairs of each network as a PNG file, one panel for each network.

    Args:
        calibrated: calibrations by the classes that the networks embed.
        picture: file to write.

    Raises:
        ReidError: the picture cannot be written.
    """
    from reid.pictures.canvas import new_figure, save_figure  # importing matplotlib takes long

    figure = new_figure(6, 3.5 * len(calibrated))
    panels = figure.subplots(len(calibrated), 1, squeeze=False).ravel()
    for panel, (classes, result) in zip(panels, calibrated.items(), strict=True):
        thresholds = {
            "threshold between cameras": result.calibration.threshold,
            "threshold within a camera": result.calibration.stitch_threshold,
        }
        draw_scores(panel, result.compared, thresholds)
        panel.set_title(f"{classes}: scores of pairs known to be the same or different", fontsize=10)
    save_figure(figure, picture)

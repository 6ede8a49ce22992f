"""Plot of scores and thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.folder.atomic import atomic_path
from pipeline.matching.thresholds.calibration import Calibrated, Compared

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_scores(axes: Axes, compared: Compared, thresholds: Mapping[str, float]) -> None:
    """Draw how alike pairs of one object and of two look, and where thresholds cut.

    Args:
        axes: drawn into.
        compared: scores of both kinds of pairs; there may be none.
        thresholds: scores by name.
    """
    kinds = (("one object", compared.genuine, "#0072B2"), ("two objects", compared.impostors, "#D55E00"))
    bins = np.linspace(-1, 1, 101)
    for words, scores, colour in kinds:
        if len(scores):
            label = f"{words} ({len(scores)} pairs)"
            weights = np.full(len(scores), 1 / len(scores))
            axes.hist(scores, bins=bins.tolist(), weights=weights, color=colour, alpha=0.6, label=label)
    for style, (name, cut) in zip(("-", "--", ":", "-.") * len(thresholds), thresholds.items(), strict=False):
        axes.axvline(cut, color="black", linestyle=style, linewidth=1, label=f"{name} {cut:.3f}")
    everything = np.concatenate([compared.genuine, compared.impostors, list(thresholds.values())])
    if len(everything):
        axes.set_xlim(max(-1.0, float(everything.min()) - 0.05), min(1.0, float(everything.max()) + 0.05))
    axes.set_xlabel("score")
    axes.set_ylabel("share of pairs")
    axes.legend(fontsize="small")


def draw_calibrations(found: Mapping[str, Calibrated], plot: Path) -> None:
    """Draw the scores of each network's pairs, a panel each."""
    from matplotlib.figure import Figure  # takes longer than matching may

    figure = Figure(figsize=(6, 3.5 * len(found)), layout="constrained")
    panels = figure.subplots(len(found), 1, squeeze=False).ravel()
    for panel, (classes, made) in zip(panels, found.items(), strict=True):
        calibration = made.calibration
        cuts = {"between cameras": calibration.threshold, "within one camera": calibration.stitch_threshold}
        draw_scores(panel, made.compared, cuts)
        panel.set_title(classes)
    with atomic_path(plot) as temporary:
        figure.savefig(temporary, format="png", dpi=100, metadata={"Software": None})

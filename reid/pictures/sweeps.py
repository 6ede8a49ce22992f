"""Sweeps: which value of a setting is best? (Figures 8 and 9 of FGReID, and a search's history)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from reid.pictures.canvas import BLUE, GREY, ORANGE, OVER, blank, notice, save


def draw_sweep(
    name: str, values: Sequence[str], ours: Sequence[float], picture: Path, *, metric: str
) -> None:
    """Draw a metric over the values of one setting, the best marked, as a PNG file.

    Args:
        name: the setting, as "clips an identity (K)".
        values: what it was set to, left to right.
        ours: the metric at each; NaN where it was not measured.
        picture: where to draw it.
        metric: what was measured, as "R-1 (%)".

    Raises:
        ReidError: the picture cannot be written.
    """
    save(
        _sweep(name, values, ours, metric) if np.isfinite(ours).any() else notice(f"{name}: no runs yet"),
        picture,
    )


def draw_history(values: Sequence[float], picture: Path) -> None:
    """Draw each trial of a search and the best until then, as a PNG file.

    Args:
        values: what each trial reached, higher being better; NaN where it failed.
        picture: where to draw it.

    Raises:
        ReidError: the picture cannot be written.
    """
    save(_history(values) if np.isfinite(values).any() else notice("no trials yet"), picture)


def _sweep(name: str, values: Sequence[str], ours: Sequence[float], metric: str) -> Figure:
    figure = blank(max(4, 0.8 * len(values)), 3)
    axes, places = figure.add_subplot(), np.arange(len(values))
    best = int(np.nanargmax(ours))
    axes.plot(places, ours, color=BLUE, marker="o")
    axes.plot(
        best, ours[best], color=ORANGE, marker="*", markersize=14, linestyle="", label=f"best: {values[best]}"
    )
    for place, value in zip(places, ours, strict=True):
        if np.isfinite(value):
            label = axes.annotate(
                f"{value:#.3g}".rstrip("."), (place, value), (0, 10), textcoords="offset points", fontsize=8
            )
            label.set(ha="center", bbox=OVER)
    axes.set_xticks(places, values)
    axes.margins(x=0.08, y=0.3)
    _label(axes, name, metric)
    return figure


def _history(values: Sequence[float]) -> Figure:
    figure = blank(6, 3)
    axes, trials = figure.add_subplot(), np.arange(1, len(values) + 1)
    axes.plot(trials, values, color=GREY, marker="o", markersize=4, linestyle="", label="trial")
    axes.step(trials, np.fmax.accumulate(values), color=BLUE, where="post", label="best so far")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    _label(axes, "trial", "value reached")
    return figure


def _label(axes: Axes, across: str, up: str) -> None:
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)

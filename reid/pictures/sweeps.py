"""Plots of a score over a setting (Figures 8 and 9 of FGReID), and of the trials of a search."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from reid.pictures.canvas import BLUE, GREY, ORANGE, TEXT_BOX, new_figure, notice_figure, save_figure


def draw_sweep(
    name: str, values: Sequence[str], scores: Sequence[float], picture: Path, *, metric: str
) -> None:
    """Draw a score over the values of one setting, with the best marked, as a PNG file.

    Args:
        name: the setting, such as "clips per identity (K)".
        values: the values of the setting, from left to right.
        scores: the score at each value; NaN if it was not measured.
        picture: file to write.
        metric: the score and its unit, such as "R-1 (%)".

    Raises:
        ReidError: the picture cannot be written.
    """
    figure = notice_figure(f"No results yet for {name}")
    if np.isfinite(scores).any():
        figure = _draw_sweep(name, values, scores, metric)
    save_figure(figure, picture)


def draw_history(scores: Sequence[float], picture: Path) -> None:
    """Draw the mAP of each trial of a search (NaN if it failed) and the best mAP so far as a PNG file.

    Raises:
        ReidError: the picture cannot be written.
    """
    figure = _draw_history(scores) if np.isfinite(scores).any() else notice_figure("No trials yet")
    save_figure(figure, picture)


def _draw_sweep(name: str, values: Sequence[str], scores: Sequence[float], metric: str) -> Figure:
    figure = new_figure(max(4, 0.8 * len(values)), 3)
    axes, places = figure.add_subplot(), np.arange(len(values))
    best = int(np.nanargmax(scores))
    axes.plot(places, scores, color=BLUE, marker="o")
    (star,) = axes.plot(best, scores[best], color=ORANGE, linestyle="", label=f"best: {values[best]}")
    star.set(marker="*", markersize=14)
    for place, score in zip(places, scores, strict=True):
        if np.isfinite(score):
            text = f"{score:#.3g}".rstrip(".")
            label = axes.annotate(text, (place, score), (0, 10), textcoords="offset points", fontsize=8)
            label.set(ha="center", bbox=TEXT_BOX)
    axes.set_xticks(places, values)
    axes.margins(x=0.08, y=0.3)
    _label(axes, f"Test {metric.partition(' ')[0]} by {name}", name, metric)
    return figure


def _draw_history(scores: Sequence[float]) -> Figure:
    figure = new_figure(6, 3)
    axes, trials = figure.add_subplot(), np.arange(1, len(scores) + 1)
    axes.plot(trials, scores, color=GREY, marker="o", markersize=4, linestyle="", label="trial")
    axes.step(trials, np.fmax.accumulate(scores), color=BLUE, where="post", label="best so far")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    _label(axes, "mAP on held-out identities by trial", "trial", "mAP")
    return figure


def _label(axes: Axes, title: str, x_label: str, y_label: str) -> None:
    axes.set_title(title, fontsize=10)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)

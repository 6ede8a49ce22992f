"""Curves of a training: is every loss falling, and does the network recognise people better?"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reid.errors import ReidError
from reid.losses.weights import LOSSES
from reid.pictures.canvas import BLUE, ORANGE, OVER, blank, notice, save

Columns = dict[str, NDArray[np.float64]]
"""A column by name, (n,) values a step; NaN where a cell is empty."""

SMOOTH = ("total", *LOSSES)
"""Columns with a panel each, drawn with their running mean."""
PANELS: dict[str, dict[str, str]] = {
    "learning rate": {"rate": "rate"},
    "attention": {"attention_low": "lowest", "attention_high": "highest"},
    "validation": {"validation_map": "mAP", "validation_rank1": "R-1"},
}
"""Panels without smoothing: the columns that each shows, and what it calls them."""
STRETCHES = 50
"""The running mean is over a training's steps divided by this."""
FEW = 60
"""Below so many values each gets a mark."""


def draw_curves(metrics: Path, picture: Path) -> None:
    """Draw what a training measured, a panel a loss, as a PNG file.

    Args:
        metrics: CSV file with a column `step` and any of those in `SMOOTH` and `PANELS`; columns that are not
            there get no panel, cells may be empty.
        picture: where to draw it.

    Raises:
        ReidError: the metrics are missing or damaged, or the picture cannot be written.
    """
    columns = _read(metrics)
    shown = [name for name in (*SMOOTH, *PANELS) if _measured(columns, PANELS.get(name, {name: name}))]
    save(_panels(columns, shown) if shown else notice("no training steps yet"), picture)


def _read(metrics: Path) -> Columns:
    try:
        with metrics.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
        names = lines[0] if lines else []
        for number, cells in enumerate(lines, start=1):
            if len(cells) != len(names):
                raise ValueError(f"line {number} has {len(cells)} cells, the first {len(names)}")
        values = np.array([[float(cell or "nan") for cell in cells] for cells in lines[1:]])
    except (OSError, ValueError, csv.Error) as error:
        raise ReidError(f"{metrics}: cannot read the measurements of this training ({error})") from error
    if "step" not in names:
        raise ReidError(f"{metrics}: not the measurements of a training; there is no column step")
    return dict(zip(names, values.reshape(-1, len(names)).T, strict=True))


def _measured(columns: Columns, wanted: dict[str, str]) -> bool:
    return any(np.isfinite(columns[name]).any() for name in wanted if name in columns)


def _panels(columns: Columns, shown: Sequence[str]) -> Figure:
    wide = min(len(shown), 4)
    high = -(-len(shown) // wide)
    figure = blank(3.2 * wide, 2.4 * high)
    for place, name in enumerate(shown, start=1):
        axes = figure.add_subplot(high, wide, place, title=name)
        _style(axes)
        if name in PANELS:
            _draw_lines(axes, columns, PANELS[name])
        else:
            _draw_loss(axes, columns["step"], columns[name])
    figure.supxlabel("step", fontsize=9)
    return figure


def _style(axes: Axes) -> None:
    """Make the writing small enough for a small panel."""
    axes.title.set_fontsize(10)
    axes.tick_params(labelsize=7)
    axes.ticklabel_format(scilimits=(-3, 4))
    for axis in (axes.xaxis, axes.yaxis):
        axis.get_offset_text().set_fontsize(7)
    axes.grid(alpha=0.3)
    axes.margins(x=0.02)


def _draw_loss(axes: Axes, steps: NDArray[np.float64], values: NDArray[np.float64]) -> None:
    """Draw each step's loss faintly, and the mean of the steps up to it firmly."""
    span = max(1, len(values) // STRETCHES)
    means = np.convolve(values, np.full(span, 1 / span), "valid")  # (n - span + 1,)
    axes.plot(steps, values, color=BLUE, alpha=0.25, linewidth=0.7)
    axes.plot(steps[span - 1 :], means, color=BLUE, linewidth=1.5)
    last = axes.text(
        0.97, 0.94, f"{means[-1]:.4g}", transform=axes.transAxes, ha="right", va="top", fontsize=8
    )
    last.set_bbox(OVER)


def _draw_lines(axes: Axes, columns: Columns, wanted: dict[str, str]) -> None:
    """Draw columns as they are, with a legend if there are several."""
    for (name, label), colour, marker in zip(wanted.items(), (BLUE, ORANGE), "os", strict=False):
        values = columns.get(name, np.full_like(columns["step"], np.nan))
        there = np.isfinite(values)
        sign = marker if there.sum() < FEW else ""
        axes.plot(columns["step"][there], values[there], color=colour, marker=sign, markersize=4, label=label)
    if len(wanted) > 1:
        axes.legend(fontsize=7)

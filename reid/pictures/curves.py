"""Curves of a training: losses, learning rate, attention range and validation scores by step."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reid.errors import ReidError
from reid.losses.loss_weights import LOSSES
from reid.pictures.canvas import BLUE, ORANGE, TEXT_BOX, new_figure, notice_figure, save_figure

Columns = dict[str, NDArray[np.float64]]
"""(n,) values by column name, one per step; NaN for an empty cell."""

LOSS_PANELS = {
    "total": "Training loss, sum of all terms",
    **{name: f"Training loss: {name}" for name in LOSSES},
}
"""Columns with one panel each, drawn with their running mean, and the titles of these panels."""
LINE_PANELS: dict[str, dict[str, str]] = {
    "Learning rate": {"rate": "learning rate"},
    "Range of the attention maps": {"attention_low": "lowest value", "attention_high": "highest value"},
    "Scores on held-out identities": {"validation_map": "mAP", "validation_rank1": "R-1"},
}
"""Panels without a running mean, by title: their columns and the names of these."""
WINDOWS = 50
"""The running mean spans the number of steps divided by this."""
FEW = 60
"""Lines with fewer values have markers."""


def draw_curves(metrics: Path, picture: Path) -> None:
    """Draw the journal of a training as a PNG file with one panel per loss or measurement.

    Args:
        metrics: CSV file with a column `step` and any columns of `LOSS_PANELS` and `LINE_PANELS`. Missing columns get
            no panel; cells may be empty.
        picture: file to write.

    Raises:
        ReidError: the metrics are missing or damaged, or the picture cannot be written.
    """
    columns = _read_columns(metrics)
    losses = [name for name in LOSS_PANELS if _has_values(columns, [name])]
    lines = [title for title, labels in LINE_PANELS.items() if _has_values(columns, labels)]
    has_panels = losses or lines
    figure = _draw_panels(columns, losses, lines) if has_panels else notice_figure("No training steps yet")
    save_figure(figure, picture)


def _read_columns(metrics: Path) -> Columns:
    try:
        with metrics.open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
        names = lines[0] if lines else []
        for number, cells in enumerate(lines, start=1):
            if len(cells) != len(names):
                raise ValueError(f"line {number} has {len(cells)} cells, the first {len(names)}")
        values = np.array([[float(cell or "nan") for cell in cells] for cells in lines[1:]])
    except (OSError, ValueError, csv.Error) as error:
        raise ReidError(f"{metrics}: cannot read the journal of this training ({error})") from error
    if "step" not in names:
        raise ReidError(f"{metrics}: not the journal of a training; it has no column step")
    return dict(zip(names, values.reshape(-1, len(names)).T, strict=True))


def _has_values(columns: Columns, names: Sequence[str] | Mapping[str, str]) -> bool:
    return any(np.isfinite(columns[name]).any() for name in names if name in columns)


def _draw_panels(columns: Columns, losses: Sequence[str], lines: Sequence[str]) -> Figure:
    count = len(losses) + len(lines)
    width = min(count, 4)
    height = -(-count // width)
    figure = new_figure(3.2 * width, 2.4 * height)
    for place, name in enumerate(losses, start=1):
        axes = _add_panel(figure, height, width, place, LOSS_PANELS[name])
        _draw_loss(axes, columns["step"], columns[name])
    for place, title in enumerate(lines, start=len(losses) + 1):
        axes = _add_panel(figure, height, width, place, title)
        _draw_lines(axes, columns, LINE_PANELS[title])
    figure.supxlabel("training step", fontsize=9)
    return figure


def _add_panel(figure: Figure, rows: int, columns: int, place: int, title: str) -> Axes:
    """Add a panel with text small enough for its size."""
    axes = figure.add_subplot(rows, columns, place)
    axes.set_title(title, fontsize=9)
    axes.tick_params(labelsize=7)
    axes.ticklabel_format(scilimits=(-3, 4))
    for axis in (axes.xaxis, axes.yaxis):
        axis.get_offset_text().set_fontsize(7)
    axes.grid(alpha=0.3)
    axes.margins(x=0.02)
    return axes


def _draw_loss(axes: Axes, steps: NDArray[np.float64], values: NDArray[np.float64]) -> None:
    """Draw the loss of each step as a faint line and its running mean as a strong one; write the last mean."""
    window = max(1, len(values) // WINDOWS)
    means = np.convolve(values, np.full(window, 1 / window), "valid")  # (n - window + 1,)
    axes.plot(steps, values, color=BLUE, alpha=0.25, linewidth=0.7)
    axes.plot(steps[window - 1 :], means, color=BLUE, linewidth=1.5)
    last = f"{means[-1]:.4g}"
    text = axes.text(0.97, 0.94, last, transform=axes.transAxes, ha="right", va="top", fontsize=8)
    text.set_bbox(TEXT_BOX)
    axes.set_ylabel("weighted loss", fontsize=7)


def _draw_lines(axes: Axes, columns: Columns, labels: Mapping[str, str]) -> None:
    """Draw columns as lines; several columns get a legend, a single one a label of the y axis."""
    for (name, label), colour, marker in zip(labels.items(), (BLUE, ORANGE), "os", strict=False):
        values = columns.get(name, np.full_like(columns["step"], np.nan))
        measured = np.isfinite(values)
        (line,) = axes.plot(columns["step"][measured], values[measured], color=colour, label=label)
        if measured.sum() < FEW:
            line.set(marker=marker, markersize=4)
    if len(labels) > 1:
        axes.legend(fontsize=7)
    else:
        axes.set_ylabel(next(iter(labels.values())), fontsize=7)

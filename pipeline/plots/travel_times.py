"""Plot of travel times between cameras."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.matching.travel.travel_times import TravelStatistics, Way

if TYPE_CHECKING:  # it costs the import of matplotlib
    from matplotlib.axes import Axes


def draw_statistics(statistics: TravelStatistics, picture: Path) -> None:
    """Draw the gaps of each way and their smoothed density, a panel a way, as a PNG file.

    Raises:
        ReidError: the picture cannot be written.
    """
    from reid.pictures.canvas import new_figure, notice_figure, save_figure  # matplotlib takes longer than matching may

    if not statistics.gaps:
        return save_figure(notice_figure("no gap between two cameras is known"), picture)
    wide = min(len(statistics.gaps), 3)
    high = -(-len(statistics.gaps) // wide)
    figure = new_figure(3.4 * wide, 2.6 * high)
    for place, way in enumerate(statistics.gaps, start=1):
        _draw_way(figure.add_subplot(high, wide, place), statistics, way)
    figure.supxlabel(
        "seconds from leaving the one to entering the other (left of 0: in both at once)", fontsize=9
    )
    figure.supylabel("density, per second", fontsize=9)
    return save_figure(figure, picture)


def _draw_way(axes: Axes, statistics: TravelStatistics, way: Way) -> None:
    """Draw the gaps as ticks under their density."""
    from reid.pictures.canvas import BLUE, ORANGE

    gaps = np.array(statistics.gaps[way])
    seconds, density = statistics.density(gaps)
    axes.fill_between(seconds, density, color=BLUE, alpha=0.25, linewidth=0)
    axes.plot(seconds, density, color=BLUE, linewidth=1.2)
    axes.plot(gaps, np.zeros_like(gaps), "|", color=ORANGE, markersize=9)
    axes.set_title(
        f"{way[0]}: {way[1]} → {way[2]}\n{len(gaps)} gaps, median {np.median(gaps):.1f} s", fontsize=9
    )
    axes.set_ylim(bottom=-0.04 * density.max())
    axes.tick_params(labelsize=7)
    axes.grid(alpha=0.3)

"""Plot of the travel times between cameras."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.matching.travel.travel_times import Route, TravelStatistics

if TYPE_CHECKING:  # importing matplotlib takes long
    from matplotlib.axes import Axes


def draw_statistics(statistics: TravelStatistics, picture: Path) -> None:
    """Draw the travel times of each route and their smoothed density as a PNG file, one panel for each route.

    Raises:
        ReidError: the picture cannot be written.
    """
    from reid.pictures.canvas import new_figure, notice_figure, save_figure  # importing matplotlib takes long

    if not statistics.gaps:
        save_figure(notice_figure("No travel times between cameras are known"), picture)
        return
    columns = min(len(statistics.gaps), 3)
    rows = -(-len(statistics.gaps) // columns)
    figure = new_figure(3.4 * columns, 2.6 * rows)
    for place, route in enumerate(statistics.gaps, start=1):
        _draw_route(figure.add_subplot(rows, columns, place), statistics, route)
    figure.supxlabel(
        "seconds from leaving one camera to entering\nthe next (negative: seen by both at once)", fontsize=9
    )
    figure.supylabel("density (per second)", fontsize=9)
    save_figure(figure, picture)


def _draw_route(axes: Axes, statistics: TravelStatistics, route: Route) -> None:
    """Draw the density of the travel times of a route, and a tick for each of them."""
    from reid.pictures.canvas import BLUE, ORANGE

    group, first, second = route
    gaps = np.array(statistics.gaps[route])
    seconds, density = statistics.density(gaps)
    axes.fill_between(seconds, density, color=BLUE, alpha=0.25, linewidth=0)
    axes.plot(seconds, density, color=BLUE, linewidth=1.2)
    axes.plot(gaps, np.zeros_like(gaps), "|", color=ORANGE, markersize=9)
    axes.set_title(
        f"{group}: travel time {first} → {second}\n{len(gaps)} passages, median {np.median(gaps):.1f} s",
        fontsize=9,
        parse_math=False,
    )
    axes.set_ylim(bottom=-0.04 * density.max())
    axes.tick_params(labelsize=7)
    axes.grid(alpha=0.3)

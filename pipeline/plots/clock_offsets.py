"""Plot of the time lags between cameras, from which clock offsets are estimated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.matching.travel.clock_offsets import Proposal, Vote

if TYPE_CHECKING:  # importing matplotlib takes long
    from matplotlib.axes import Axes


def draw_offsets(proposal: Proposal, picture: Path) -> None:
    """Draw the lags of the links of each pair of cameras as a PNG file, one panel for each pair.

    Raises:
        ReidError: the picture cannot be written.
    """
    from reid.pictures.canvas import new_figure, notice_figure, save_figure  # importing matplotlib takes long

    votes = [vote for vote in proposal.votes if len(vote.forth.lags) + len(vote.back.lags)]
    if not votes:
        save_figure(notice_figure("No links between cameras with unknown clocks"), picture)
        return
    columns = min(len(votes), 3)
    rows = -(-len(votes) // columns)
    figure = new_figure(max(3.6 * columns, 4.5), 2.8 * rows)
    for place, vote in enumerate(votes, start=1):
        _draw_vote(figure.add_subplot(rows, columns, place), vote)
    figure.suptitle("Time between linked visits, by direction of movement", fontsize=10)
    figure.supxlabel("seconds from the first camera to the second, by their clocks", fontsize=9)
    figure.supylabel("number of links", fontsize=9)
    save_figure(figure, picture)


def _draw_vote(axes: Axes, vote: Vote) -> None:
    """Draw the lags of both directions, and the difference of the clocks if it is known."""
    from reid.pictures.canvas import BLUE, GREY, ORANGE

    lags = [vote.forth.lags, vote.back.lags]
    axes.hist(lags, bins=30, stacked=True, color=[BLUE, ORANGE], label=["one way", "other way"])
    a, b = vote.cameras
    if vote.offset is None:
        title = f"{a} → {b}: offset unknown"
    else:
        title = f"{a} → {b}: add {vote.offset:.2f} s to {b}"
        axes.axvline(-vote.offset, color=GREY, linestyle="--", label="difference of clocks")
    axes.set_title(title, fontsize=9, parse_math=False)
    axes.legend(fontsize=7)
    axes.tick_params(labelsize=7)

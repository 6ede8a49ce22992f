"""Plot of the clock offsets between cameras."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.matching.travel.clock_offsets import Proposal, Vote

if TYPE_CHECKING:  # it costs the import of matplotlib
    from matplotlib.axes import Axes


def draw_offsets(proposal: Proposal, picture: Path) -> None:
    """Draw the lags of each pair of cameras by direction, a panel a pair, as a PNG file.

    Raises:
        ReidError: the picture cannot be written.
    """
    from reid.pictures.canvas import new_figure, notice_figure, save_figure  # matplotlib takes longer than matching may

    shown = [vote for vote in proposal.votes if len(vote.forth.lags) + len(vote.back.lags)]
    if not shown:
        return save_figure(notice_figure("no links between cameras of unknown clocks"), picture)
    wide = min(len(shown), 3)
    high = -(-len(shown) // wide)
    figure = new_figure(max(3.6 * wide, 4.5), 2.8 * high)
    for place, vote in enumerate(shown, start=1):
        _draw_vote(figure.add_subplot(high, wide, place), vote)
    figure.supxlabel("lag of the second camera's visit, in seconds as the clocks say", fontsize=9)
    figure.supylabel("links", fontsize=9)
    return save_figure(figure, picture)


def _draw_vote(axes: Axes, vote: Vote) -> None:
    """Draw both directions' lags and where the clocks would agree."""
    from reid.pictures.canvas import BLUE, GREY, ORANGE

    lags = [vote.forth.lags, vote.back.lags]
    axes.hist(lags, bins=30, stacked=True, color=[BLUE, ORANGE], label=["one way", "the other"])
    if vote.offset is not None:
        axes.axvline(-vote.offset, color=GREY, linestyle="--", label="both clocks equal")
    said = "cannot be known" if vote.offset is None else f"add {vote.offset:.2f} s to {vote.cameras[1]}"
    axes.set_title(f"{' → '.join(vote.cameras)}: {said}", fontsize=9, parse_math=False)
    axes.legend(fontsize=7)
    axes.tick_params(labelsize=7)

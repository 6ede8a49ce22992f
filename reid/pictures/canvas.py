"""Figures, colours and PNG files that all pictures share."""

from __future__ import annotations

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from reid.errors import ReidError
from reid.files import replacing

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#8C8C8C"
"""Colours of lines; blue and vermilion of Okabe and Ito's palette for colour-blind readers."""
GREEN, RED = "#00A050", "#D01C1C"
"""Colours of right and wrong; they also differ in brightness and always come with a sign."""
TEXT_BOX = {"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 1}
"""Box behind text that may lie over a line."""
DOTS_PER_INCH = 100


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of `width` x `height` inches, whose parts are laid out without overlap."""
    figure = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def notice_figure(text: str) -> Figure:
    """Return a small figure that says why nothing is drawn."""
    figure = new_figure(6, 1.5)
    figure.text(0.5, 0.5, text, ha="center", va="center", color=GREY, fontsize=12)
    return figure


def save_figure(figure: Figure, picture: Path) -> None:
    """Write a figure as PNG; the same figure gives the same bytes.

    Raises:
        ReidError: the file cannot be written.
    """
    try:
        with replacing(picture) as partial:
            figure.savefig(partial, format="png", metadata={"Software": None})
    except OSError as error:
        raise ReidError(
            f"{picture}: cannot write this picture ({error}); is there enough space in that folder?"
        ) from error

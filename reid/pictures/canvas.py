"""How a picture comes into being: colours everybody can tell apart, and a PNG file that is there whole or not at all."""

from __future__ import annotations

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from reid.errors import ReidError
from reid.files import replacing

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#8C8C8C"
"""For lines; blue and vermilion of Okabe and Ito's palette for the colour-blind."""
GREEN, RED = "#00A050", "#D01C1C"
"""For right and wrong; unlike in brightness, too, and never without a sign beside them."""
OVER = {"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 1}
"""Box for writing that may lie over a line."""
DOTS_PER_INCH = 100


def blank(width: float, height: float) -> Figure:
    """Make an empty figure, `width` x `height` inches, that arranges its parts so that nothing overlaps."""
    figure = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def notice(text: str) -> Figure:
    """Make a small figure that says why there is nothing to see."""
    figure = blank(6, 1.5)
    figure.text(0.5, 0.5, text, ha="center", va="center", color=GREY, fontsize=12)
    return figure


def save(figure: Figure, picture: Path) -> None:
    """Write a figure as PNG; the same figure gives the same bytes.

    Raises:
        ReidError: the file cannot be written.
    """
    try:
        with replacing(picture) as partial:
            figure.savefig(partial, format="png", metadata={"Software": None})
    except OSError as error:
        raise ReidError(
            f"{picture}: cannot write this picture ({error}); is there room in that folder?"
        ) from error

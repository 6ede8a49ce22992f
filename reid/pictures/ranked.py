"""Ranked lists: whom does the network take for the query, and where is it wrong? (Figure 6 of FGReID)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reid.pictures.canvas import GREEN, GREY, RED, blank, notice, save

BEST = 10
"""Entries shown a query."""
ROWS = 100
"""Most queries in a picture."""
LABEL = 16
"""Characters of a label that fit under a picture."""


@dataclass(frozen=True, eq=False)
class RankedEntry:
    """One gallery tracklet or image, as the network ranked it."""

    pixels: NDArray[np.uint8]
    """(h, w, 3) RGB."""
    score: float
    """Dot product of the unit embeddings."""
    correct: bool
    """Whether it shows the query's identity."""
    label: str
    """What stands under it."""

    def __post_init__(self) -> None:
        _check_pixels(self.pixels, self.label)
        if not math.isfinite(self.score):
            raise ValueError(f"ranked entry {self.label}: the score is {self.score}, expected a number")


@dataclass(frozen=True, eq=False)
class RankedList:
    """A query and what the network ranked, best first."""

    query: NDArray[np.uint8]
    """(h, w, 3) RGB."""
    query_label: str
    entries: tuple[RankedEntry, ...]

    def __post_init__(self) -> None:
        _check_pixels(self.query, self.query_label)


def draw_ranked_lists(rows: Sequence[RankedList], picture: Path) -> None:
    """Draw each query with its ten best right of it, as a PNG file.

    Right ones have a green frame and a tick, wrong ones a red frame and a cross, with the dot product
    beside the sign.

    Args:
        rows: at most `ROWS` queries, top to bottom.
        picture: where to draw it.

    Raises:
        ReidError: the picture cannot be written.
        ValueError: there are too many rows.
    """
    if len(rows) > ROWS:
        raise ValueError(f"{len(rows)} ranked lists do not fit in a picture; draw at most {ROWS}")
    save(_table(rows) if rows else notice("no queries to show"), picture)


def _check_pixels(pixels: NDArray[np.uint8], label: str) -> None:
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or pixels.size == 0:
        raise ValueError(f"{label}: expected (h, w, 3) uint8 pixels, got {pixels.shape} {pixels.dtype}")


def _table(rows: Sequence[RankedList]) -> Figure:
    high, wide = rows[0].query.shape[:2]
    figure = blank(1.25 * (BEST + 1), (0.95 * min(max(high / wide, 0.5), 2.5) + 0.6) * len(rows) + 0.3)
    figure.suptitle(
        "queries from the worst to the best, and the ten most alike in the gallery: cosine, identity, camera",
        fontsize=10,
    )
    grid = figure.add_gridspec(len(rows), BEST + 2, width_ratios=[1, 0.12, *[1] * BEST])
    for place, row in enumerate(rows):
        _draw(figure.add_subplot(grid[place, 0]), row.query, "query", row.query_label, GREY)
        for column, entry in enumerate(row.entries[:BEST], start=2):
            sign, colour = ("✓", GREEN) if entry.correct else ("✗", RED)
            title = f"{sign} {entry.score:.3f}"
            _draw(figure.add_subplot(grid[place, column]), entry.pixels, title, entry.label, colour)
    return figure


def _draw(axes: Axes, pixels: NDArray[np.uint8], title: str, label: str, colour: str) -> None:
    """Draw one picture in a frame, with a title and a label below."""
    axes.imshow(pixels)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(color=colour, linewidth=4)
    lines = [_shortened(line) for line in label.split("\n")]
    axes.set_xlabel("\n".join([title, *lines]), fontsize=9)


def _shortened(label: str) -> str:
    """Cut a label that would run into its neighbour."""
    return label if len(label) <= LABEL else f"{label[: LABEL - 1]}…"

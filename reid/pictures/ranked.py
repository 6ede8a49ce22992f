"""Ranked lists: the most similar gallery entries of queries, right and wrong ones marked (Figure 6 of FGReID)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reid.pictures.canvas import GREEN, GREY, RED, new_figure, notice_figure, save_figure

BEST = 10
"""Number of gallery entries per query."""
ROWS = 100
"""Maximum number of queries in a picture."""
LABEL = 16
"""Number of characters of a label that fit under an image."""


@dataclass(frozen=True, eq=False)
class RankedEntry:
    """A gallery tracklet or image in a ranked list."""

    pixels: NDArray[np.uint8]
    """(h, w, 3) RGB."""
    score: float
    """Cosine similarity with the query."""
    correct: bool
    """Whether the entry has the query's identity."""
    label: str
    """Text under the image."""

    def __post_init__(self) -> None:
        _check_pixels(self.pixels, self.label)
        if not math.isfinite(self.score):
            raise ValueError(f"ranked entry {self.label}: the score is {self.score}, expected a number")


@dataclass(frozen=True, eq=False)
class RankedList:
    """A query and its most similar gallery entries, the most similar first."""

    query: NDArray[np.uint8]
    """(h, w, 3) RGB."""
    query_label: str
    entries: tuple[RankedEntry, ...]

    def __post_init__(self) -> None:
        _check_pixels(self.query, self.query_label)


def draw_ranked_lists(rows: Sequence[RankedList], picture: Path) -> None:
    """Draw each query with its ten most similar gallery entries as a PNG file.

    Right entries have a green frame and a tick, wrong ones a red frame and a cross; the similarity is next to the sign.

    Args:
        rows: at most `ROWS` queries, from top to bottom.
        picture: file to write.

    Raises:
        ReidError: the picture cannot be written.
        ValueError: there are too many rows.
    """
    if len(rows) > ROWS:
        raise ValueError(f"{len(rows)} ranked lists do not fit in a picture; draw at most {ROWS}")
    save_figure(_draw_rows(rows) if rows else notice_figure("No queries to draw"), picture)


def _check_pixels(pixels: NDArray[np.uint8], label: str) -> None:
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or pixels.size == 0:
        raise ValueError(f"{label}: expected (h, w, 3) uint8 pixels, got {pixels.shape} {pixels.dtype}")


def _draw_rows(rows: Sequence[RankedList]) -> Figure:
    height, width = rows[0].query.shape[:2]
    row_height = 0.95 * min(max(height / width, 0.5), 2.5) + 0.6
    figure = new_figure(1.25 * (BEST + 1), row_height * len(rows) + 0.3)
    figure.suptitle(
        "Queries from the worst to the best, each with its ten most similar gallery entries: cosine similarity, "
        "identity and camera",
        fontsize=10,
    )
    grid = figure.add_gridspec(len(rows), BEST + 2, width_ratios=[1, 0.12, *[1] * BEST])
    for place, row in enumerate(rows):
        _draw_image(figure.add_subplot(grid[place, 0]), row.query, "query", row.query_label, GREY)
        for column, entry in enumerate(row.entries[:BEST], start=2):
            sign, colour = ("✓", GREEN) if entry.correct else ("✗", RED)
            title = f"{sign} {entry.score:.3f}"
            _draw_image(figure.add_subplot(grid[place, column]), entry.pixels, title, entry.label, colour)
    return figure


def _draw_image(axes: Axes, pixels: NDArray[np.uint8], title: str, label: str, colour: str) -> None:
    """Draw an image in a coloured frame, with a title and a label below."""
    axes.imshow(pixels)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(color=colour, linewidth=4)
    lines = [line if len(line) <= LABEL else f"{line[: LABEL - 1]}…" for line in label.split("\n")]
    axes.set_xlabel("\n".join([title, *lines]), fontsize=9)

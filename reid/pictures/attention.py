"""Attention: where in each frame does the coarse branch tell the fine branch to look? (Figure 7 of FGReID)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reid.pictures.canvas import blank, notice, save

Maps = NDArray[np.float32] | NDArray[np.float64]
PAIRS = 4
"""Frames a row, each with its map beside it."""


def draw_attention(frames: NDArray[np.uint8], maps: Maps, picture: Path) -> None:
    """Draw each frame beside its attention map laid over it, as a PNG file.

    The colours span the range of each map by itself, which stands below it: FGReID's maps are nearly saturated, and
    on a common scale all would look the same.

    Args:
        frames: (n, h, w, 3) RGB.
        maps: (n, gh, gw) attention, over the whole of each frame.
        picture: where to draw it.

    Raises:
        ReidError: the picture cannot be written.
        ValueError: frames and maps do not belong together.
    """
    if frames.ndim != 4 or frames.shape[3] != 3 or maps.ndim != 3 or len(frames) != len(maps):
        raise ValueError(
            f"expected (n, h, w, 3) frames and (n, gh, gw) maps, got {frames.shape} and {maps.shape}"
        )
    save(_pairs(frames, maps) if len(frames) else notice("no frames to show"), picture)


def _pairs(frames: NDArray[np.uint8], maps: Maps) -> Figure:
    wide, tall = min(len(frames), PAIRS), -(-len(frames) // PAIRS)
    aspect = frames.shape[1] / frames.shape[2]
    figure = blank(max(2.6 * wide, 5), (1.25 * min(max(aspect, 0.5), 3) + 0.25) * tall + 0.5)
    figure.suptitle(
        "where the fine branch is told to look, dark to bright on each map's own scale; below, its range",
        fontsize=10,
    )
    edges = (0, frames.shape[2], frames.shape[1], 0)  # left, right, bottom, top in pixels
    for place, (frame, attention) in enumerate(zip(frames, maps, strict=True)):
        plain = figure.add_subplot(tall, 2 * wide, 2 * place + 1)
        covered = figure.add_subplot(tall, 2 * wide, 2 * place + 2)
        low, high = float(attention.min()), float(attention.max())
        plain.imshow(frame, extent=edges)
        covered.imshow(frame.mean(axis=2), extent=edges, cmap="gray", vmin=0, vmax=255)
        covered.imshow(
            attention,
            extent=edges,
            cmap="inferno",
            norm=Normalize(low, high),
            alpha=0.6,
            interpolation="bilinear",
        )
        covered.set_title(f"{low:.6f} to {high:.6f}", y=-0.09, fontsize=8)
        plain.set_axis_off()
        covered.set_axis_off()
    return figure

"""Attention maps drawn over their frames (Figure 7 of FGReID)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from reid.pictures.canvas import new_figure, notice_figure, save_figure

Maps = NDArray[np.float32] | NDArray[np.float64]
PAIRS = 4
"""Number of frames per row; each is followed by its map."""


def draw_attention(frames: NDArray[np.uint8], maps: Maps, picture: Path) -> None:
    """Draw each frame next to its attention map as a PNG file.

    The colours of a map span its own range, which is written below it: the maps of FGReID are nearly saturated, and on
    a common scale all would look the same.

    Args:
        frames: (n, h, w, 3) RGB frames.
        maps: (n, gh, gw) attention; each map covers its whole frame.
        picture: file to write.

    Raises:
        ReidError: the picture cannot be written.
        ValueError: frames and maps do not match.
    """
    if frames.ndim != 4 or frames.shape[3] != 3 or maps.ndim != 3 or len(frames) != len(maps):
        raise ValueError(
            f"expected (n, h, w, 3) frames and (n, gh, gw) maps, got {frames.shape} and {maps.shape}"
        )
    save_figure(_draw_pairs(frames, maps) if len(frames) else notice_figure("No frames to draw"), picture)


def _draw_pairs(frames: NDArray[np.uint8], maps: Maps) -> Figure:
    columns, rows = min(len(frames), PAIRS), -(-len(frames) // PAIRS)
    aspect = frames.shape[1] / frames.shape[2]
    height = (1.25 * min(max(aspect, 0.5), 3) + 0.25) * rows + 0.5
    figure = new_figure(max(2.6 * columns, 5), height)
    title = "Attention maps, from dark (low) to bright (high); the range is below each map"
    figure.suptitle(title, fontsize=10)
    edges = (0, frames.shape[2], frames.shape[1], 0)  # left, right, bottom, top in pixels
    for pair, (frame, attention) in enumerate(zip(frames, maps, strict=True)):
        frame_axes = figure.add_subplot(rows, 2 * columns, 2 * pair + 1)
        map_axes = figure.add_subplot(rows, 2 * columns, 2 * pair + 2)
        low, high = float(attention.min()), float(attention.max())
        frame_axes.imshow(frame, extent=edges)
        map_axes.imshow(frame.mean(axis=2), extent=edges, cmap="gray", vmin=0, vmax=255)
        overlay = map_axes.imshow(
            attention, extent=edges, cmap="inferno", norm=Normalize(low, high), alpha=0.6
        )
        overlay.set_interpolation("bilinear")
        map_axes.set_title(f"{low:.6f} to {high:.6f}", y=-0.09, fontsize=8)
        frame_axes.set_axis_off()
        map_axes.set_axis_off()
    return figure

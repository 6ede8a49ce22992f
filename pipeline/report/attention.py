"""Where the network looked: its attention laid over the pictures that a report shows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.embedding.clips import resize_crop
from pipeline.errors import RunError
from pipeline.page.document import Sighting
from pipeline.protocols import StartProgress
from pipeline.results.galleries import SavedNetwork
from pipeline.results.pictures import Blur, best_pictures, blur_of, small
from pipeline.search.runs import SearchedRun, read_run, weights_of
from reid.attention_maps import compute_attention
from reid.checkpoints import load_network
from reid.embedder import choose_device
from reid.model.network import Network

GREY = 0.45
"""Share of the picture itself in what is shown, without its colours; the rest is the map."""


def draw_overlays(
    run: Path,
    tracklets: Sequence[Sighting],
    blur: Blur,
    *,
    weights: Path | None,
    device: str | None,
    begin: StartProgress,
) -> list[list[bytes]]:
    """Lay the network's attention over the pictures of each tracklet that was matched.

    The pictures of a tracklet are shown to the network as one clip: they are spread over it as those of a
    clip that it was embedded by.

    Args:
        run: folder of a finished run.
        tracklets: of that run; those without an identity get no pictures.
        blur: what of people is made unrecognisable.
        weights: file of the run's weights; None: where the run had them.
        device: where to compute; None: the best there is.
        begin: shows progress.

    Returns:
        WebP files of each tracklet, by time, as many as `pictures` gives; none of those whose network has no attention.

    Raises:
        RunError: the run is not finished, its weights are not to be had, or no network of it has attention.
        ReidError: the weights or the device cannot be used.
    """
    searched, where = read_run(run), choose_device(device)
    network = cache(lambda saved: _network(searched, saved, weights, where))
    found: list[list[bytes]] = [[] for _ in tracklets]
    if not any(network(searched.gallery(one.kind).network) for one in tracklets if one.identity is not None):
        raise RunError(f"{run}: no network that embedded anybody has attention to show")
    progress, total = begin("attention"), sum(one.identity is not None for one in tracklets)
    done = 0
    for place, shown in best_pictures(run, tracklets, blur):
        one = tracklets[place]
        if one.identity is None or not shown:
            continue
        drawing = network(searched.gallery(one.kind).network)
        if drawing is None:
            continue
        made, size = drawing
        maps = compute_attention(
            made, np.array([resize_crop(picture, size) for picture in shown], np.uint8), where
        )
        own = blur_of(one.kind, blur)
        found[place] = [small(overlay(*pair), own) for pair in zip(shown, maps, strict=True)]
        progress(done := done + 1, total)
    return found


def _network(
    run: SearchedRun, saved: SavedNetwork, given: Path | None, device: torch.device
) -> tuple[Network, tuple[int, int]] | None:
    """Load a network of the run, and tell the height and width of what it sees; None if it has no attention."""
    weights = weights_of(run, saved, given)
    return (load_network(weights).to(device), weights.size) if weights.design.draws_maps else None


def overlay(picture: NDArray[np.uint8], attention: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Colour a picture, dark to bright, by a map of attention on the scale of its own range.

    FGReID's maps are nearly saturated: on a common scale all would look the same.

    Args:
        picture: (h, w, 3) RGB.
        attention: (gh, gw), over the whole picture.

    Returns:
        (h, w, 3) RGB.
    """
    low, high = float(attention.min()), float(attention.max())
    height, width = picture.shape[:2]
    share = np.asarray((attention - low) / max(high - low, np.finfo(float).tiny) * 255, np.uint8)
    smooth = cv2.resize(share, (width, height), interpolation=cv2.INTER_LINEAR)
    colours = cv2.cvtColor(cv2.applyColorMap(smooth, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[:, :, None]  # (h, w, 1)
    return np.asarray(np.rint(GREY * grey + (1 - GREY) * colours), np.uint8)

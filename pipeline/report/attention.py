"""The network's attention, laid over the pictures of a report."""

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
from pipeline.protocols import StartProgress
from pipeline.results.galleries import SavedNetwork
from pipeline.results.networks import gallery_of, weights_of
from pipeline.results.pictures import Blur, best_pictures, blur_of, encode_small
from pipeline.results.records import FinishedRun, TrackletRecord
from reid.attention_maps import compute_attention
from reid.checkpoints import load_network
from reid.embedder import choose_device
from reid.model.network import Network

GREY = 0.45
"""Share of the picture, without its colours, in the overlay; the rest is the attention map."""


def draw_overlays(
    run: FinishedRun,
    tracklets: Sequence[TrackletRecord],
    blur: Blur,
    *,
    weights: Path | None,
    device: str | None,
    start_progress: StartProgress,
) -> list[list[bytes]]:
    """Lay the network's attention over the pictures of each matched tracklet.

    The network sees the pictures of a tracklet as one clip: they are spread over it like those of an embedded clip.

    Args:
        run: the run.
        tracklets: tracklets of the run; those without identity get no overlays.
        blur: which parts of people are blurred.
        weights: file of the run's weights; None: the path that the run recorded.
        device: device to compute on; None: the best one.
        start_progress: shows the progress.

    Returns:
        WebP files of each tracklet, by time, as many as `tracklet_pictures` returns; none for a network without
        attention.

    Raises:
        RunError: the weights cannot be found, or no network of the run has attention.
        ReidError: the weights or the device cannot be used.
    """
    target = choose_device(device)
    network_of = cache(lambda saved: _load(run, saved, weights, target))
    matched = [tracklet for tracklet in tracklets if tracklet.identity is not None]
    if not any(network_of(gallery_of(run, tracklet.kind).network) for tracklet in matched):
        raise RunError(f"{run.folder}: no network that embedded a tracklet has attention to show")
    progress, done = start_progress("attention"), 0
    overlays: list[list[bytes]] = [[] for _ in tracklets]
    for place, pictures in best_pictures(run, tracklets, blur):
        tracklet = tracklets[place]
        if tracklet.identity is None or not pictures:
            continue
        loaded = network_of(gallery_of(run, tracklet.kind).network)
        if loaded is None:
            continue
        network, size = loaded
        clip = np.array([resize_crop(picture, size) for picture in pictures], np.uint8)  # (t, h, w, 3)
        maps = compute_attention(network, clip, target)
        own_blur = blur_of(tracklet.kind, blur)
        overlays[place] = [
            encode_small(overlay(picture, attention), own_blur)
            for picture, attention in zip(pictures, maps, strict=True)
        ]
        done += 1
        progress(done, len(matched))
    return overlays


def _load(
    run: FinishedRun, saved: SavedNetwork, path: Path | None, device: torch.device
) -> tuple[Network, tuple[int, int]] | None:
    """Return a network of the run and its input height and width; None if it has no attention."""
    weights = weights_of(run, saved, path)
    return (load_network(weights).to(device), weights.size) if weights.design.draws_maps else None


def overlay(picture: NDArray[np.uint8], attention: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Colour a picture by an attention map, from dark to bright, scaled to the map's own range.

    FGReID's maps are nearly saturated: on a common scale all would look the same.

    Args:
        picture: (h, w, 3) RGB.
        attention: (gh, gw), covers the whole picture.

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

"""Attention maps of a network in the frames of a clip, for display."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from reid.model.backbone import tokens
from reid.model.network import Network


def compute_attention(network: Network, clip: NDArray[np.uint8], device: torch.device) -> NDArray[np.float64]:
    """Return the attention in one clip, computed with equations 1 to 3 in double precision.

    Trained maps are nearly saturated: in single precision, most of them have only a few different values.

    Args:
        network: a network on the device whose design draws maps.
        clip: (t, h, w, 3) RGB frames of the network's size.
        device: device of the network.

    Returns:
        (t, gh, gw) attention in [0.5, 1], covering the entire frame.
    """
    with torch.inference_mode():
        frames = network.standardise(torch.from_numpy(clip)[None].to(device))[0]  # (t, 3, h, w)
        grid = network.coarse_reduction(network.coarse_backbone(frames))  # (t, c, gh, gw)
        maps = network.maps(tokens(grid.cpu(), 1).double())  # (1, t, gh * gw); some GPUs have no doubles
    return maps.view(-1, *grid.shape[2:]).numpy()

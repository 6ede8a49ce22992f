"""Where a network looks in a clip."""

from __future__ import annotations

import numpy as np
import torch

from reid.attention_maps import compute_attention
from reid.model.design import VARIANTS, with_backbone
from reid.model.network import Network, build


def drawn() -> tuple[Network, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    network = build(with_backbone(VARIANTS["fgreid-lite"], "test_resnet"), 1).eval()
    clip = np.random.default_rng(0).integers(0, 256, (3, 256, 128, 3), np.uint8)
    return network, clip


def test_it_is_the_attention_that_the_network_pays() -> None:
    network, clip = drawn()
    maps = compute_attention(network, clip, torch.device("cpu"))
    with torch.inference_mode():
        paid = network(network.standardise(torch.from_numpy(clip)[None])).range
    assert maps.shape[0] == 3
    assert maps.shape[1] == 2 * maps.shape[2]
    np.testing.assert_allclose([maps.min(), maps.max()], paid.numpy(), atol=1e-6)
    assert np.ptp(maps) > 1e-4


def test_saturated_attention_still_differs_from_place_to_place() -> None:
    network, clip = drawn()
    with torch.no_grad():
        for parameter in network.coarse_reduction.parameters():
            parameter.mul_(30)
    maps = compute_attention(network, clip, torch.device("cpu"))
    assert set(maps.astype(np.float32).flat) == {1.0}
    assert len(np.unique(maps)) == maps.size

"""Recomputation: the same training in less memory."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn

from reid.model.design import VARIANTS, with_backbone
from reid.model.network import Network, build


def step(network: Network, clips: Tensor) -> tuple[dict[str, Tensor], int]:
    """Train on clips once; everything that came of it, and the bytes kept for the backward pass."""
    kept: list[int] = []

    def keep(tensor: Tensor) -> Tensor:
        kept.append(tensor.nbytes)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = network(clips).embedding.square().sum()
    loss.backward()
    gradients = {name: tensor.grad for name, tensor in network.named_parameters() if tensor.grad is not None}
    return {**network.state_dict(), **gradients}, sum(kept)


@pytest.mark.parametrize("backbone", ["resnet50", "efficientnet-lite0", "resnet18"])
def test_gradients_and_statistics_are_the_same_and_less_is_kept(backbone: str) -> None:
    plain = build(with_backbone(VARIANTS["global-only"], backbone), 3).train()
    saving = deepcopy(plain)
    saving.recompute = True
    clips = torch.randn(3, 2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    (expected, much), (found, little) = step(plain, clips), step(saving, clips)
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        assert torch.equal(found[name], tensor), name
    assert little < 0.5 * much
    momenta = {module.momentum for module in saving.modules() if isinstance(module, nn.BatchNorm2d)}
    assert momenta == {0.1}

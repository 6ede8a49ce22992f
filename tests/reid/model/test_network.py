"""The network: what it computes, and what must not change it."""

from __future__ import annotations

import math
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from reid.model.design import VARIANTS
from reid.model.network import Network, Output


@pytest.fixture(scope="module")
def network() -> Any:
    """A network in which every part matters: no weight is zero, no attention saturated."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        network: Any = Network(VARIANTS["fgreid"], identities=5)
        with torch.no_grad():
            coarse, fine = network.coarse_reduction.weight, network.fine_reduction.weight
            coarse.copy_(0.1 * coarse[:1] + 0.01 * coarse)  # channels that agree draw maps from .6 to .9
            fine *= 0.01
            network.fine_reduction.bias.normal_(std=0.3)
            network.nonlocal_block.out.weight.normal_(std=0.3)
            for norm in (network.coarse_norm, network.fine_norm):
                norm.running_mean.normal_()
                norm.running_var.uniform_(0.5, 2)
                norm.weight.uniform_(0.5, 2)
                norm.bias.normal_()
    return network.eval()


@pytest.fixture(scope="module")
def clips() -> Tensor:
    return torch.randn(2, 3, 3, 64, 32, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
@torch.no_grad()
def whole(network: Any, clips: Tensor) -> Output:
    out: Output = network(clips)
    return out


@torch.no_grad()
def by_the_formulas(network: Any, clip: Tensor) -> Tensor:
    """Embed one (t, 3, H, W) clip as fgreid.md writes it: position by position, nothing clever."""

    def reduced(backbone: nn.Module, convolution: nn.Conv2d) -> Tensor:
        assert convolution.bias is not None
        weighted = torch.einsum("oc,tchw->tohw", convolution.weight[:, :, 0, 0], backbone(clip))
        return weighted + convolution.bias[:, None, None]

    def normalised(feature: Tensor, norm: nn.BatchNorm1d) -> Tensor:
        assert norm.running_mean is not None
        assert norm.running_var is not None
        return (feature - norm.running_mean) / (norm.running_var + 1e-5).sqrt() * norm.weight + norm.bias

    coarse = reduced(network.coarse_backbone, network.coarse_reduction)  # (t, c, h, w)
    fine = reduced(network.fine_backbone, network.fine_reduction)
    t, _, h, w = coarse.shape
    gap = coarse.sum(dim=(2, 3)) / (h * w)
    channel = gap.exp() / gap.exp().sum(dim=1, keepdim=True)  # equation 1
    positive = coarse - coarse.min()  # equation 2
    maps = 1 / (1 + (-(channel[:, :, None, None] * positive).sum(dim=1)).exp())  # equation 3, (t, h, w)
    attended = fine * maps[:, None]  # equation 4
    places = [(f, y, x) for f in range(t) for y in range(h) for x in range(w)]
    block = network.nonlocal_block
    keys, values = [], []
    for f, y, x in places:
        key = (block.key.weight @ attended[f, :, y, x]).clamp(min=0)
        keys.append(key / max(float(key.norm()), 1e-12))  # equation 5
        values.append((block.value.weight @ attended[f, :, y, x]).clamp(min=0))  # equation 6
    refined = attended.clone()
    for (f, y, x), query in zip(places, keys, strict=True):
        weights = [math.exp(float(query @ key)) for key in keys]  # equation 7
        mean = sum((weight * value for weight, value in zip(weights, values, strict=True)), torch.zeros(256))
        refined[f, :, y, x] += block.out.weight @ (mean / sum(weights))  # equations 8 and 9
    pooled = refined.sum(dim=(2, 3)) / maps.sum(dim=(1, 2))[:, None]  # equation 10
    halves = normalised(gap.mean(0), network.coarse_norm), normalised(pooled.mean(0), network.fine_norm)
    return torch.cat(halves)


@torch.no_grad()
def test_it_computes_what_the_paper_writes(network: Any, clips: Tensor, whole: Output) -> None:
    expected = torch.stack([by_the_formulas(network, clip) for clip in clips])
    assert (whole.embedding - expected).abs().max() < 1e-5
    torch.testing.assert_close(whole.coarse, expected[:, :1024] @ network.classifier.weight.T)
    torch.testing.assert_close(whole.fine, expected[:, 1024:] @ network.classifier.weight.T)


@torch.no_grad()
@pytest.mark.parametrize("part", ["coarse_reduction", "nonlocal_block.key", "nonlocal_block.out"])
def test_each_part_has_a_say_in_the_fine_half(network: Any, clips: Tensor, whole: Output, part: str) -> None:
    """Comparing with the formulas would prove nothing about a part that changes nothing."""
    without = deepcopy(network)
    without.get_submodule(part).weight.zero_()
    change = (whole.embedding - without(clips).embedding)[:, 1024:].abs().max()
    assert change > 1e-3


def test_the_range_of_the_attention_is_wide(whole: Output) -> None:
    assert whole.range is not None
    low, high = whole.range.tolist()
    assert 0.5 <= low < high - 0.05 < 0.95


@torch.no_grad()
def test_the_order_of_frames_does_not_matter(network: Any, clips: Tensor, whole: Output) -> None:
    assert (network(clips[:, [2, 0, 1]]).embedding - whole.embedding).abs().max() < 1e-5


@torch.no_grad()
def test_an_image_is_a_clip_that_stands_still(network: Any, clips: Tensor) -> None:
    image = clips[:, :1]
    still = image.expand(-1, 4, -1, -1, -1)
    assert (network(image).embedding - network(still).embedding).abs().max() < 1e-5


@torch.no_grad()
def test_a_clip_alone_equals_the_clip_in_a_batch(network: Any, clips: Tensor, whole: Output) -> None:
    for clip, embedding in zip(clips, whole.embedding, strict=True):
        assert (network(clip[None]).embedding - embedding).abs().max() < 1e-5


@torch.no_grad()
def test_as_the_papers_code_has_it_a_clip_depends_on_its_batch(
    network: Any, clips: Tensor, whole: Output
) -> None:
    as_published = deepcopy(network)
    as_published.design = replace(network.design, min_scope="batch")
    change = (as_published(clips).embedding - whole.embedding).abs().amax(dim=1)
    assert change.min() < 1e-5  # the clip that holds the batch's minimum
    assert change.max() > 1e-3


@pytest.mark.parametrize(
    ("identities", "parameters"),
    [
        pytest.param(89, 52_094_080, id="PRID-2011"),
        pytest.param(150, 52_156_544, id="iLIDS-VID"),
        pytest.param(485, 52_499_584, id="CUHK01-486"),
        pytest.param(576, 52_592_768, id="VeRi-776"),
        pytest.param(625, 52_642_944, id="MARS-as-in-table-9"),
        pytest.param(751, 52_771_968, id="Market-1501"),
        pytest.param(871, 52_894_848, id="CUHK01-100"),
        pytest.param(13164, 65_482_880, id="VehicleID"),
    ],
)
def test_it_has_the_papers_size(identities: int, parameters: int) -> None:
    with torch.device("meta"):
        network = Network(VARIANTS["fgreid"], identities)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters


@pytest.mark.parametrize(
    ("logits", "reached"),
    [
        pytest.param("coarse", {"coarse_backbone"}, id="coarse-logits-teach-the-coarse-backbone"),
        pytest.param(
            "fine", {"coarse_backbone", "fine_backbone"}, id="fine-logits-teach-both-through-the-maps"
        ),
    ],
)
def test_gradient_reaches(network: Any, clips: Tensor, logits: str, reached: set[str]) -> None:
    learner = deepcopy(network).train()
    getattr(learner(clips), logits)[:, 0].square().sum().backward()
    taught = {
        name for name in ("coarse_backbone", "fine_backbone") if _gradient(learner.get_submodule(name)) > 0
    }
    assert taught == reached


def _gradient(module: nn.Module) -> float:
    """Size of the gradient at the backbone's very first layer."""
    first = next(module.parameters()).grad
    return 0.0 if first is None else float(first.norm())

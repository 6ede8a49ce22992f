"""Variants: how each row of Table 8 differs from FGReID, and where it must not."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn

from reid.model.design import VARIANTS, with_backbone
from reid.model.network import Network, Output, build

LITE = "efficientnet-lite0"
RESNET50, REDUCTION, NORM, PROJECTION = 23_508_032, 2048 * 1024 + 1024, 2 * 1024, 1024 * 256
LITE_BACKBONE = 4_652_008 - 1280 * 1000 - 1000  # timm's whole classifier, less its last layer
LITE_FGREID = 2 * LITE_BACKBONE + 2 * (1280 * 1024 + 1024) + 2 * NORM + 3 * PROJECTION
BLOCK, C = 3 * PROJECTION, 625
FGREID = 2 * RESNET50 + 2 * REDUCTION + 2 * NORM + BLOCK + C * 1024


def light(variant: str, seed: int = 0) -> Network:
    """The variant on a light backbone, in evaluation mode."""
    return build(with_backbone(VARIANTS[variant], LITE), 5, seed=seed).eval()


@pytest.fixture(scope="module")
def fgreid() -> Network:
    """FGReID in which every part has a say."""
    network = light("fgreid")
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        network.get_submodule("nonlocal_block.out").weight.normal_(std=0.3, generator=generator)  # type: ignore[operator]
        for module in network.modules():
            if isinstance(module, nn.BatchNorm1d):
                assert module.running_mean is not None
                module.running_mean.normal_(generator=generator)
                module.bias.normal_(generator=generator)
    return network


def without(fgreid: Network, variant: str) -> Network:
    """The variant with all the weights it shares with FGReID."""
    network = light(variant, seed=9)
    network.load_state_dict(fgreid.state_dict(), strict=False)
    return network


@pytest.fixture(scope="module")
def features() -> tuple[Tensor, Tensor]:
    """Reduced (2, 3, 8, 1024) features of both branches; channels agree enough for maps that vary."""
    generator = torch.Generator().manual_seed(2)
    shared = torch.randn(2, 3, 8, 1, generator=generator)
    coarse = 0.5 * shared + 0.2 * torch.randn(2, 3, 8, 1024, generator=generator)
    return coarse, torch.randn(2, 3, 8, 1024, generator=generator)


@pytest.mark.parametrize(
    ("variant", "parameters"),
    [
        pytest.param("fgreid", FGREID, id="fgreid"),
        pytest.param("fgreid-lite", LITE_FGREID + C * 1024, id="fgreid-lite"),
        pytest.param("baseline", FGREID, id="baseline-differs-only-in-where-it-starts"),
        pytest.param("baseline-1r", FGREID - RESNET50, id="one-backbone-less"),
        pytest.param("no-channel-weights", FGREID, id="channel-weights-are-no-parameters"),
        pytest.param("no-nonlocal", FGREID - BLOCK, id="without-key-value-and-out"),
        pytest.param("kqv", FGREID + PROJECTION, id="queries-of-their-own"),
        pytest.param("global-only", RESNET50 + REDUCTION + NORM + C * 1024, id="the-coarse-branch-alone"),
        pytest.param("no-global", FGREID - NORM, id="the-coarse-branch-only-draws-maps"),
        pytest.param("no-attention", FGREID, id="attention-is-no-parameter"),
        pytest.param("temporal-pooling", RESNET50 + 2 * 2048 + C * 2048, id="backbone-norm-classifier"),
    ],
)
def test_parameters_are_what_arithmetic_says(variant: str, parameters: int) -> None:
    with torch.device("meta"):
        network = build(VARIANTS[variant], C)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters


def test_fgreid_lite_has_about_ten_million_parameters_and_the_classifier() -> None:
    assert LITE_FGREID == 10_156_032


@torch.no_grad()
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_embeds_clips_whatever_the_order_of_their_frames(variant: str) -> None:
    network = light(variant)
    clips = torch.randn(2, 3, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    out, shuffled = network(clips), network(clips[:, [2, 0, 1]])
    assert out.embedding.shape == (2, network.dimensions)
    assert (out.embedding - shuffled.embedding).abs().max() < 1e-4
    heads = {"coarse": out.coarse, "fine": out.fine}
    present = {name for name, logits in heads.items() if logits is not None}
    assert present == ({"coarse", "fine"} if network.design.heads == "both" else {network.design.heads})
    assert all(logits.shape == (2, 5) for logits in heads.values() if logits is not None)
    assert (out.range is None) == (not network.design.draws_maps)


def halves(out: Output) -> tuple[Tensor, Tensor]:
    coarse, fine = out.embedding.chunk(2, dim=1)
    return coarse, fine


@torch.no_grad()
@pytest.mark.parametrize("variant", ["no-channel-weights", "no-nonlocal", "kqv", "no-attention"])
def test_what_is_left_out_changes_the_fine_half_alone(
    fgreid: Network, features: tuple[Tensor, Tensor], variant: str
) -> None:
    (coarse, fine), (whole_coarse, whole_fine) = (
        halves(network.pool(*features)) for network in (without(fgreid, variant), fgreid)
    )
    assert torch.equal(coarse, whole_coarse)
    assert (fine - whole_fine).abs().max() > 1e-4  # rounding would be a hundred times less


@torch.no_grad()
@pytest.mark.parametrize("variant", ["no-nonlocal", "kqv"])
def test_untrained_the_non_local_block_makes_no_difference(
    features: tuple[Tensor, Tensor], variant: str
) -> None:
    network = light("fgreid")
    assert torch.equal(network.pool(*features).embedding, without(network, variant).pool(*features).embedding)


@torch.no_grad()
def test_where_channels_agree_their_weights_make_no_difference(
    fgreid: Network, features: tuple[Tensor, Tensor]
) -> None:
    coarse = features[0][..., :1].expand(-1, -1, -1, 1024)
    whole = fgreid.pool(coarse, features[1]).embedding
    uniform = without(fgreid, "no-channel-weights").pool(coarse, features[1]).embedding
    torch.testing.assert_close(uniform, whole)


@torch.no_grad()
def test_where_all_looks_alike_attention_makes_no_difference(
    fgreid: Network, features: tuple[Tensor, Tensor]
) -> None:
    """Maps of sigmoid(0) = 1/2 everywhere cancel in equation 10; the non-local block would see them."""
    coarse = torch.ones_like(features[0])
    seeing, blind = without(fgreid, "no-nonlocal"), without(fgreid, "no-attention")
    blind.nonlocal_block = None
    out = seeing.pool(coarse, features[1])
    assert out.range is not None
    assert out.range.tolist() == [0.5, 0.5]
    torch.testing.assert_close(blind.pool(coarse, features[1]).embedding, out.embedding)


@torch.no_grad()
def test_without_attention_and_block_the_fine_half_is_a_plain_mean(
    fgreid: Network, features: tuple[Tensor, Tensor]
) -> None:
    blind = without(fgreid, "no-attention")
    blind.nonlocal_block = None
    mean = features[1].mean(dim=(1, 2))
    assert blind.fine_norm is not None
    torch.testing.assert_close(halves(blind.pool(*features))[1], blind.fine_norm(mean))


@torch.no_grad()
def test_one_branch_alone_gives_its_half_of_fgreid(fgreid: Network, features: tuple[Tensor, Tensor]) -> None:
    coarse, fine = halves(fgreid.pool(*features))
    assert torch.equal(without(fgreid, "global-only").pool(features[0], None).embedding, coarse)
    assert torch.equal(without(fgreid, "no-global").pool(*features).embedding, fine)


@torch.no_grad()
def test_one_shared_backbone_is_two_equal_ones(fgreid: Network) -> None:
    two = deepcopy(fgreid)
    two.backbones()["fine"].load_state_dict(two.backbones()["coarse"].state_dict())
    clips = torch.randn(2, 2, 3, 32, 32, generator=torch.Generator().manual_seed(3))
    shared = without(two, "baseline-1r")
    assert list(shared.backbones()) == ["coarse"]
    torch.testing.assert_close(shared(clips).embedding, two(clips).embedding)


@torch.no_grad()
def test_temporal_pooling_is_two_means_and_a_norm() -> None:
    network = light("temporal-pooling")
    clips = torch.randn(2, 3, 3, 32, 32, generator=torch.Generator().manual_seed(4))
    frames = torch.stack(
        [network.backbones()["coarse"](clip).mean(dim=(2, 3)) for clip in clips]
    )  # (b, t, c)
    expected = frames.mean(dim=1) / (1 + 1e-5) ** 0.5  # the norm has seen nothing: mean 0, variance 1
    torch.testing.assert_close(network(clips).embedding, expected)


def test_the_same_seed_gives_the_same_network_and_leaves_other_randomness_alone() -> None:
    state = torch.random.get_rng_state()
    first, again, other = (light("global-only", seed).classifier.weight for seed in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.random.get_rng_state(), state)

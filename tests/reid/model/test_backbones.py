"""Backbones: their grids, what they expect of pixels, and folding that changes no number."""

from __future__ import annotations

import subprocess
import sys
from copy import deepcopy

import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d, pad

from reid.errors import RecipeError
from reid.imagenet import imagenet_state
from reid.model.backbone import fold_batch_norms, make_backbone
from reid.model.design import VARIANTS
from reid.model.network import build

LITE = "efficientnet-lite0"


@pytest.fixture(scope="module")
def lite() -> nn.Module:
    """EfficientNet-Lite0 as ImageNet taught it."""
    layers = make_backbone(LITE).layers
    state, _ = imagenet_state(LITE)
    layers.load_state_dict({name: tensor for name, tensor in state.items() if "classifier" not in name})
    return layers.eval()


@pytest.mark.parametrize(
    ("name", "size", "shape"),
    [
        pytest.param("resnet50", (256, 150), (1, 2048, 16, 10), id="as-the-paper-has-it"),
        pytest.param("resnet50", (250, 150), (1, 2048, 16, 10), id="as-the-paper-writes-it"),
        pytest.param(LITE, (256, 150), (1, 1280, 16, 10), id="lite-has-the-same-grid"),
        pytest.param(LITE, (256, 128), (1, 1280, 16, 8), id="lite-upright"),
        pytest.param("resnet18", (256, 128), (1, 512, 8, 4), id="timm-as-timm-has-it"),
        pytest.param("mobilenetv3_small_100", (64, 64), (1, 1024, 2, 2), id="timm-with-a-head-of-its-own"),
    ],
)
def test_crops_become_a_grid(name: str, size: tuple[int, int], shape: tuple[int, ...]) -> None:
    with torch.device("meta"):
        backbone = make_backbone(name)
        assert backbone.layers.eval()(torch.empty(1, 3, *size)).shape == shape
    assert backbone.channels == shape[1]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        pytest.param("resnet5O", "no backbone is called 'resnet5O'.*did you mean resnet50", id="misspelt"),
        pytest.param("", "no backbone is called ''", id="empty"),
        pytest.param("vit_tiny_patch16_224", "returns no grid of features", id="wants-one-size"),
        pytest.param("swinv2_cr_tiny_224", "returns no grid of features", id="another-transformer"),
    ],
)
def test_backbones_that_cannot_serve_are_refused_in_a_sentence(name: str, sentence: str) -> None:
    with torch.device("meta"), pytest.raises(RecipeError, match=sentence):
        make_backbone(name)


@torch.no_grad()
@pytest.mark.parametrize("name", ["resnet50", LITE])
def test_folding_changes_no_feature(name: str) -> None:
    torch.manual_seed(0)
    layers = make_backbone(name).layers.eval()
    for module in layers.modules():  # as if it had been trained: no norm is the identity
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.5, 1.5)
            module.bias.normal_(std=0.1)
    folded = deepcopy(layers)
    fold_batch_norms(folded)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.modules())
    frames = torch.randn(2, 3, 75, 45)  # odd sizes show what becomes of padding
    expected = layers(frames)
    assert (folded(frames) - expected).abs().max() < 1e-4 * expected.abs().max()


@torch.no_grad()
def test_lite_pads_as_it_was_trained(lite: nn.Module) -> None:
    """TensorFlow's "same": of an even picture's one row to add, it is the bottom one; then batch norm, then ReLU6."""
    frames = torch.randn(1, 3, 64, 32, generator=torch.Generator().manual_seed(0))
    convolution, norm = lite.get_submodule("conv_stem"), lite.get_submodule("bn1")
    assert isinstance(convolution, nn.Conv2d)
    assert isinstance(norm, nn.BatchNorm2d)
    by_hand = conv2d(pad(frames, (0, 1, 0, 1)), convolution.weight, stride=2)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight / (norm.running_var + 1e-3).sqrt()
    shift = norm.bias - norm.running_mean * scale
    by_hand = (by_hand * scale[:, None, None] + shift[:, None, None]).clamp(0, 6)
    torch.testing.assert_close(norm(convolution(frames)), by_hand, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("variant", "pixel", "expected"),
    [
        pytest.param("fgreid-lite", 127, 0.0, id="lite-takes-127-for-grey"),
        pytest.param("fgreid-lite", 255, 1.0, id="lite-takes-128-for-spread"),
        pytest.param("fgreid", 0, -0.485 / 0.229, id="resnet-takes-imagenets-mean"),
    ],
)
def test_pixels_become_what_the_backbone_was_trained_on(variant: str, pixel: int, expected: float) -> None:
    with torch.device("meta"):
        network = build(VARIANTS[variant], 1)
    values = network.standardise(torch.full((2, 4, 8, 6, 3), pixel, dtype=torch.uint8))
    assert values.shape == (2, 4, 3, 8, 6)
    assert values[0, 0, 0, 0, 0].item() == pytest.approx(expected, abs=1e-6)


def test_a_network_on_resnet_does_not_import_timm() -> None:
    code = "import sys, torch, reid.embedder; from reid.model.backbone import make_backbone\n"
    code += "with torch.device('meta'): make_backbone('resnet50')\nprint('timm' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

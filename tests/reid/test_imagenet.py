"""ImageNet: EfficientNet-Lite0's weights under timm's names."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from PIL import Image

from reid import imagenet
from reid.checkpoints import read_state
from reid.errors import CheckpointError
from reid.imagenet import imagenet_state, lite_file, lite_name

MINIBUS = 654


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        pytest.param("_conv_stem.weight", "conv_stem.weight", id="stem"),
        pytest.param("_bn0.running_var", "bn1.running_var", id="stem-norm"),
        pytest.param(
            "_blocks.0._project_conv.weight", "blocks.0.0.conv_pw.weight", id="block-without-expansion"
        ),
        pytest.param("_blocks.2._bn2.bias", "blocks.1.1.bn3.bias", id="second-of-the-second-stage"),
        pytest.param("_blocks.14._depthwise_conv.weight", "blocks.5.3.conv_dw.weight", id="last-but-one"),
        pytest.param("_blocks.15._expand_conv.weight", "blocks.6.0.conv_pw.weight", id="last"),
        pytest.param("_bn1.weight", "bn2.weight", id="head-norm"),
        pytest.param("_fc.bias", "classifier.bias", id="classes"),
    ],
)
def test_names_are_translated(theirs: str, ours: str) -> None:
    assert lite_name(theirs) == ours


def test_translated_it_is_the_network_timm_builds_layer_by_layer() -> None:
    """The two list their tensors in the same order, which the translation by name does not know."""
    state, _ = imagenet_state("efficientnet-lite0")
    with torch.device("meta"):
        whole = timm.create_model("tf_efficientnet_lite0")
    expected = {name: tensor.shape for name, tensor in whole.state_dict().items()}
    assert list(expected.items()) == [(name, tensor.shape) for name, tensor in state.items()]
    assert len(read_state(lite_file())) == len(state) == 296


@torch.no_grad()
def test_it_knows_a_bus_when_it_sees_one() -> None:
    package = find_spec("ultralytics")  # found, not imported
    assert package is not None
    assert package.origin is not None
    with Image.open(Path(package.origin).parent / "assets" / "bus.jpg") as picture:
        pixels = np.asarray(picture.resize((224, 224), Image.Resampling.BICUBIC))
    whole = timm.create_model("tf_efficientnet_lite0").eval()
    whole.load_state_dict(imagenet_state("efficientnet-lite0")[0])
    values = (torch.tensor(pixels).permute(2, 0, 1)[None].float() - 127) / 128
    likely = whole(values).softmax(dim=1)[0]
    assert int(likely.argmax()) == MINIBUS
    assert likely[MINIBUS] > 0.6


@pytest.mark.parametrize(
    ("constant", "value", "sentence"),
    [
        pytest.param(
            "LITE_PACKAGE", "no_such_package", "install the package efficientnet", id="not-installed"
        ),
        pytest.param("LITE_SHA256", "0" * 64, "is not the expected file", id="another-file"),
    ],
)
def test_weights_that_are_not_the_known_ones_cost_one_sentence(
    monkeypatch: pytest.MonkeyPatch, constant: str, value: str, sentence: str
) -> None:
    monkeypatch.setattr(imagenet, constant, value)
    with pytest.raises(CheckpointError, match=rf"{sentence}.*; start from a file or from none"):
        imagenet_state("efficientnet-lite0")


def test_a_network_that_nobody_trained_on_imagenet_says_so() -> None:
    with pytest.raises(
        CheckpointError, match=r"timm's weights of efficientnet_lite1 .*; start from a file or from none"
    ):
        imagenet_state("efficientnet_lite1")

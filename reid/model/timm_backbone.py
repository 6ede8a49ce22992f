"""Backbones from timm by name, among them EfficientNet-Lite0; the only importer of timm."""

from __future__ import annotations

import logging
from difflib import get_close_matches
from functools import cache
from typing import Any

import timm
import torch
from torch import Tensor, nn

from reid.errors import CheckpointError, RecipeError

LITE = "efficientnet-lite0"
BackboneParts = tuple[nn.Module, int, tuple[float, float, float], tuple[float, float, float]]
"""Layers, number of channels, and the mean and standard deviation of red, green and blue in [0, 1]."""


def make_timm_backbone(name: str) -> BackboneParts:
    """Return a backbone with random weights; EfficientNet-Lite0 has stride 16, others have timm's stride.

    Raises:
        RecipeError: timm has no such network, or it returns no grid of features.
    """
    if name == LITE:
        return _lite(), 1280, (127 / 255,) * 3, (128 / 255,) * 3
    channels = _channels(name)
    layers: Any = _headless(name)
    return layers, channels, tuple(layers.pretrained_cfg["mean"]), tuple(layers.pretrained_cfg["std"])


def fetch_timm_weights(name: str) -> dict[str, Tensor]:
    """Return the ImageNet weights that timm provides for one of its networks.

    Raises:
        CheckpointError: timm has no weights, or they cannot be downloaded.
    """
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # it logs each of its ten tries
    try:
        layers = timm.create_model(name, pretrained=True, num_classes=0, global_pool="")
    except (OSError, RuntimeError, ValueError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise CheckpointError(
            f"timm's weights of {name} could not be fetched ({reason}); start from a file or from none "
            "(--coarse-weights, --fine-weights)"
        ) from error
    state: dict[str, Tensor] = layers.state_dict()
    return state


def _lite() -> nn.Module:
    """Return EfficientNet-Lite0 with the padding it was trained with, and stride 16 instead of 32."""
    classifier: Any = timm.create_model("tf_efficientnet_lite0")
    classifier.blocks[5][0].conv_dw.stride = (1, 1)
    layers = nn.Sequential()
    for name in ("conv_stem", "bn1", "blocks", "conv_head", "bn2"):  # bn1 and bn2 include the activations
        layers.add_module(name, classifier.get_submodule(name))
    return layers


def _headless(name: str) -> nn.Module:
    """Return a network of timm without pooling and classifier."""
    if not timm.is_model(name):
        nearest = get_close_matches(name, ["resnet50", LITE, *timm.list_models()], n=1, cutoff=0.4)
        hint = f"; did you mean {nearest[0]}?" if nearest else ""
        raise RecipeError(
            f"no backbone is called {name!r}; give resnet50, {LITE} or one of timm's names{hint}"
        )
    try:
        layers: nn.Module = timm.create_model(name, num_classes=0, global_pool="")
    except (TypeError, ValueError, RuntimeError, AssertionError) as error:
        raise _no_grid(name) from error
    return layers


@cache
def _channels(name: str) -> int:
    """Return the number of channels of a network; raise RecipeError if an upright crop gives no feature grid."""
    height, width = 256, 128
    try:
        with torch.device("meta"):
            shape = _headless(name).eval()(torch.empty(1, 3, height, width)).shape
    except (TypeError, ValueError, RuntimeError, AssertionError, AttributeError) as error:
        raise _no_grid(name) from error
    if len(shape) != 4 or shape[2] * width != shape[3] * height or shape[3] < 2:
        raise _no_grid(name)
    return int(shape[1])


def _no_grid(name: str) -> RecipeError:
    return RecipeError(
        f"the backbone {name} returns no grid of features for crops of any size; choose a convolutional one"
    )

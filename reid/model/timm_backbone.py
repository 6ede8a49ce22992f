"""Backbones from timm by name, among them EfficientNet-Lite0; only importer of timm."""

from __future__ import annotations

import logging
from difflib import get_close_matches
from typing import Any

import timm
import torch
from torch import Tensor, nn

from reid.errors import CheckpointError, RecipeError

LITE = "efficientnet-lite0"
Made = tuple[nn.Module, int, tuple[float, float, float], tuple[float, float, float]]
"""Layers, channels of their features, and the mean and spread they expect of red, green and blue in [0, 1]."""


def make(name: str) -> Made:
    """Make a backbone with random weights; EfficientNet-Lite0 has stride 16, others what timm gives them.

    Raises:
        RecipeError: timm knows no such network, or it gives no grid of features.
    """
    if name == LITE:
        return _lite(), 1280, (127 / 255,) * 3, (128 / 255,) * 3
    with torch.device("meta"):
        channels = _channels(name, _headless(name))
    layers: Any = _headless(name)
    return layers, channels, tuple(layers.pretrained_cfg["mean"]), tuple(layers.pretrained_cfg["std"])


def pretrained(name: str) -> dict[str, Tensor]:
    """Fetch the ImageNet weights timm names for a network of its own.

    Raises:
        CheckpointError: there are none, or they cannot be fetched.
    """
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # it tells of each of its ten tries
    try:
        layers = timm.create_model(name, pretrained=True, num_classes=0, global_pool="")
    except (OSError, RuntimeError, ValueError) as error:
        why = str(error).partition("\n")[0].rstrip(".")
        raise CheckpointError(
            f"timm's weights of {name} could not be had ({why}); start from a file or from none "
            "(--coarse-weights, --fine-weights)"
        ) from error
    state: dict[str, Tensor] = layers.state_dict()
    return state


def _lite() -> nn.Module:
    """EfficientNet-Lite0 with the padding it was trained with, its last halving stage kept at stride 16."""
    whole: Any = timm.create_model("tf_efficientnet_lite0")
    whole.blocks[5][0].conv_dw.stride = (1, 1)
    names = ("conv_stem", "bn1", "blocks", "conv_head", "bn2")  # bn1 and bn2 carry the activations
    layers = nn.Sequential()
    for name in names:
        layers.add_module(name, whole.get_submodule(name))
    return layers


def _headless(name: str) -> nn.Module:
    """Make any network of timm without pooling and classifier."""
    if not timm.is_model(name):
        near = get_close_matches(name, ["resnet50", LITE, *timm.list_models()], n=1, cutoff=0.4)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise RecipeError(
            f"no backbone is called {name!r}; give resnet50, {LITE} or one of timm's names{hint}"
        )
    try:
        made: nn.Module = timm.create_model(name, num_classes=0, global_pool="")
    except (TypeError, ValueError, RuntimeError, AssertionError) as error:
        raise _no_grid(name) from error
    return made


def _channels(name: str, layers: nn.Module) -> int:
    """Find out how many channels a network gives, and that it gives them on a grid for upright crops too."""
    height, width = 256, 128
    try:
        shape = layers.eval()(torch.empty(1, 3, height, width)).shape
    except (TypeError, ValueError, RuntimeError, AssertionError, AttributeError) as error:
        raise _no_grid(name) from error
    if len(shape) != 4 or shape[2] * width != shape[3] * height or shape[3] < 2:
        raise _no_grid(name)
    return int(shape[1])


def _no_grid(name: str) -> RecipeError:
    return RecipeError(
        f"the backbone {name} gives no grid of features for crops of any size; choose a convolutional one"
    )

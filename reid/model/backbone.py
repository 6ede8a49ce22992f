"""Backbones: frames to feature grids, with the public weights' names; only importer of torchvision."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torchvision.models import resnet50


class ResNet50(nn.Sequential):
    """ResNet-50 without its head and with stride 16: (n, 3, H, W) frames to (n, 2048, h, w) features.

    The last stage keeps its resolution, as in Luo, "Bag of Tricks" (2019). Parameters carry
    torchvision's names, so that its weights load as they are.
    """

    channels = 2048
    """Channels of the features."""

    def __init__(self) -> None:
        super().__init__()
        whole = resnet50()
        for convolution in (whole.layer4[0].conv2, whole.layer4[0].downsample[0]):
            convolution.stride = (1, 1)
        for name, layer in whole.named_children():
            if name not in ("avgpool", "fc"):
                self.add_module(name, layer)


def fold_batch_norms(module: nn.Module) -> None:
    """Merge each batch normalisation into the convolution declared right before it, in place.

    Exact but for rounding, for inference only: `module` must be in evaluation mode.
    """
    children = list(module.named_children())
    for (name, layer), (next_name, next_layer) in pairwise(children):
        if isinstance(layer, nn.Conv2d) and isinstance(next_layer, nn.BatchNorm2d):
            module.set_submodule(name, fuse_conv_bn_eval(layer, next_layer))
            module.set_submodule(next_name, nn.Identity())
    for _, layer in children:
        fold_batch_norms(layer)


def tokens(features: Tensor, clips: int) -> Tensor:
    """Lay (clips * t, c, h, w) features out as (clips, t, h * w, c); a view where channels are last."""
    n, c, h, w = features.shape
    return features.permute(0, 2, 3, 1).reshape(clips, n // clips, h * w, c)

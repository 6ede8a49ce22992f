"""FGReID: two branches that turn clips into embeddings (Pathak, "Fine-Grained Re-Identification", 2020)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from reid.model.attention import Scope, attend, attention_maps, attentive_mean
from reid.model.backbone import ResNet50, tokens
from reid.model.nonlocal_block import NonLocalBlock

REDUCED = 1024
"""Channels of each branch after reduction, c* of the paper."""
INNER = 256
"""Channels inside the non-local block, c of the paper."""


class Output(NamedTuple):
    """What the network says of b clips."""

    coarse: Tensor
    """(b, identities) logits of the coarse branch, Y1 of the paper."""
    fine: Tensor
    """(b, identities) logits of the fine branch, Y2 of the paper."""
    embedding: Tensor
    """(b, 2 * REDUCED) both branches' features side by side, of any length."""


class FGReID(nn.Module):
    """The network of the paper's figure 2, for clips and, with t = 1, for single images.

    The coarse branch sees frames as a whole and draws the maps of where to look; the fine branch
    looks there. They share nothing but the classifier.
    """

    def __init__(self, identities: int, *, min_scope: Scope = "clip") -> None:
        super().__init__()
        self.min_scope = min_scope
        self.coarse_backbone = ResNet50()
        self.fine_backbone = ResNet50()
        self.coarse_reduction = _reduction(self.coarse_backbone.channels)
        self.fine_reduction = _reduction(self.fine_backbone.channels)
        self.nonlocal_block = NonLocalBlock(REDUCED, INNER)
        self.coarse_norm = nn.BatchNorm1d(REDUCED)
        self.fine_norm = nn.BatchNorm1d(REDUCED)
        self.classifier = nn.Linear(REDUCED, identities, bias=False)

    def forward(self, clips: Tensor) -> Output:
        """Embed (b, t, 3, H, W) clips, normalised as their backbones expect."""
        b, frames = len(clips), clips.flatten(0, 1)  # (b * t, 3, H, W)
        coarse = tokens(self.coarse_reduction(self.coarse_backbone(frames)), b)  # (b, t, p, c)
        fine = tokens(self.fine_reduction(self.fine_backbone(frames)), b)
        with torch.autocast(clips.device.type, enabled=False):  # attention is too fine for half precision
            coarse, fine = self.pool(coarse.float(), fine.float())  # (b, c) each
            return Output(self.classifier(coarse), self.classifier(fine), torch.cat([coarse, fine], dim=1))

    def pool(self, coarse: Tensor, fine: Tensor) -> tuple[Tensor, Tensor]:
        """Turn the branches' (b, t, p, c) features into their (b, c) halves of the embedding."""
        maps = attention_maps(coarse, self.min_scope)  # (b, t, p)
        attended = attend(fine, maps)  # (b, t, p, c)
        refined = self.nonlocal_block(attended.flatten(1, 2)).view(attended.shape)  # within: (b, t * p, c)
        fine_mean = attentive_mean(refined, maps).mean(dim=1)
        return self.coarse_norm(coarse.mean(dim=(1, 2))), self.fine_norm(fine_mean)


def _reduction(channels: int) -> nn.Conv2d:
    """Make the 1x1 convolution that ends a branch's backbone; nothing follows it, so features keep their sign."""
    reduction = nn.Conv2d(channels, REDUCED, kernel_size=1)
    weight, bias = reduction.parameters()
    nn.init.kaiming_normal_(weight)
    nn.init.zeros_(bias)
    return reduction

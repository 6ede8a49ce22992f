"""The network: two branches that turn clips into embeddings.

The complete network is figure 2 of FGReID (Pathak, "Fine-Grained Re-Identification", 2020). A `Design` defines
variants that lack parts of it.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from reid.model.attention import attend, attention_maps, attentive_mean, channel_weights, uniform_weights
from reid.model.backbone import make_backbone, tokens
from reid.model.design import Design, Queries
from reid.model.nonlocal_block import NonLocalBlock
from reid.model.recompute import recomputed

REDUCED = 1024
"""Channels of each branch after the reduction; c* of the paper."""
INNER = 256
"""Channels inside the non-local block; c of the paper."""


class Output(NamedTuple):
    """Output of the network for b clips."""

    coarse: Tensor | None
    """(b, identities) logits of the coarse branch, Y1 of the paper; None without this head."""
    fine: Tensor | None
    """(b, identities) logits of the fine branch, Y2 of the paper; None without this head."""
    embedding: Tensor
    """(b, dimensions) concatenated features of the branches, of any length."""
    range: Tensor | None = None
    """(2,) smallest and largest attention, without gradient; None without attention."""


def build(design: Design, identities: int, *, seed: int = 0) -> Network:
    """Return a network with random weights, determined by the seed; torch's random state is not changed.

    Raises:
        RecipeError: the design's backbone does not exist.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return Network(design, identities)


class Network(nn.Module):
    """FGReID or one of its variants, for clips and, with t = 1, for single images.

    The coarse branch embeds whole frames and draws the attention maps of the fine branch. The branches
    share only the classifier.
    """

    def __init__(self, design: Design, identities: int) -> None:
        super().__init__()
        self.design, self.identities = design, identities
        self.recompute = False
        """Whether training recomputes the backbones' activations to save memory."""
        first = make_backbone(design.backbone)
        self.mean, self.spread = first.mean, first.spread
        width = first.channels if design.reduction == "none" else REDUCED
        self.dimensions = 2 * width if design.heads == "both" else width
        fine = design.heads != "coarse"
        self.coarse_backbone = first.layers
        self.fine_backbone = make_backbone(design.backbone).layers if "fine" in design.branches else None
        self.coarse_reduction = nn.Identity() if design.reduction == "none" else _reduction(first.channels)
        self.fine_reduction = _reduction(first.channels) if fine else None
        self.nonlocal_block = None
        if fine and design.nonlocal_block != "none":
            queries: Queries = "own" if design.nonlocal_block == "kqv" else "keys"
            self.nonlocal_block = NonLocalBlock(REDUCED, INNER, queries)
        self.coarse_norm = nn.BatchNorm1d(width) if design.heads != "fine" else None
        self.fine_norm = nn.BatchNorm1d(width) if fine else None
        self.classifier = nn.Linear(width, identities, bias=False)

    def forward(self, clips: Tensor) -> Output:
        """Embed (b, t, 3, H, W) clips; see `standardise` for their values."""
        b, frames = len(clips), clips.flatten(0, 1)  # (b * t, 3, H, W)
        grid = self._grid(self.coarse_backbone, frames)
        coarse, fine = tokens(self.coarse_reduction(grid), b), None  # (b, t, p, c)
        if self.fine_reduction is not None:
            fine_grid = grid if self.fine_backbone is None else self._grid(self.fine_backbone, frames)
            fine = _at_least_float32(tokens(self.fine_reduction(fine_grid), b))
        with torch.autocast(clips.device.type, enabled=False):  # half precision is too coarse for attention
            return self.pool(_at_least_float32(coarse), fine)

    def pool(self, coarse: Tensor, fine: Tensor | None) -> Output:
        """Pool the (b, t, p, c) features of the branches and classify them."""
        maps = self.maps(coarse) if self.design.draws_maps else None  # (b, t, p)
        coarse_half = fine_half = None  # (b, c) if the head exists
        if self.coarse_norm is not None:
            coarse_half = self.coarse_norm(coarse.mean(dim=(1, 2)))
        if self.fine_norm is not None and fine is not None:
            fine_half = self.fine_norm(self._pool_fine(fine, maps))
        return Output(
            coarse=None if coarse_half is None else self.classifier(coarse_half),
            fine=None if fine_half is None else self.classifier(fine_half),
            embedding=torch.cat([half for half in (coarse_half, fine_half) if half is not None], dim=1),
            range=None if maps is None else torch.stack(maps.detach().aminmax()),
        )

    def maps(self, coarse: Tensor) -> Tensor:
        """Return (b, t, p) attention, from the coarse branch's (b, t, p, c) features."""
        softmax = self.design.channel_weights == "softmax"
        weights = channel_weights(coarse) if softmax else uniform_weights(coarse)
        return attention_maps(coarse, weights, self.design.min_scope)

    def backbones(self) -> dict[str, nn.Module]:
        """Return the separate backbones by branch."""
        return {name: self.get_submodule(f"{name}_backbone") for name in self.design.branches}

    def standardise(self, pixels: Tensor) -> Tensor:
        """Convert (b, t, H, W, 3) pixels in 0..255 to the (b, t, 3, H, W) values that the backbones expect."""
        mean, spread = (torch.tensor(values, device=pixels.device) for values in (self.mean, self.spread))
        return ((pixels.float() / 255 - mean) / spread).movedim(4, 2)

    def _grid(self, backbone: nn.Module, frames: Tensor) -> Tensor:
        """Apply a backbone to (n, 3, H, W) frames; (n, c, h, w)."""
        if self.recompute and torch.is_grad_enabled():
            return recomputed(backbone, frames)
        grid: Tensor = backbone(frames)
        return grid

    def _pool_fine(self, fine: Tensor, maps: Tensor | None) -> Tensor:
        """Average the fine branch's (b, t, p, c) features, weighted by the maps; (b, c)."""
        maps = fine.new_ones(fine.shape[:3]) if maps is None else maps
        attended = attend(fine, maps)  # (b, t, p, c)
        if self.nonlocal_block is not None:
            refined = self.nonlocal_block(attended.flatten(1, 2))  # (b, t * p, c)
            attended = refined.view(attended.shape)
        return attentive_mean(attended, maps).mean(dim=1)


def _at_least_float32(values: Tensor) -> Tensor:
    """Convert half precision to float32; return float32 and float64 as they are."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def _reduction(channels: int) -> nn.Conv2d:
    """Return the 1x1 convolution after a backbone; no activation follows it, so features keep their sign."""
    reduction = nn.Conv2d(channels, REDUCED, kernel_size=1)
    weight, bias = reduction.parameters()
    nn.init.kaiming_normal_(weight)
    nn.init.zeros_(bias)
    return reduction

"""Attention maps that the coarse branch draws for the fine branch (equations 1-4 and 10).

Features are tokens of shape (b, t, p, c): b clips, t frames, p = h * w positions of the feature grid, c channels.
Equations are those of Pathak, "Fine-Grained Re-Identification" (2020).
"""

from __future__ import annotations

import torch
from torch import Tensor

from reid.model.design import Scope


def channel_weights(coarse: Tensor) -> Tensor:
    """Weigh each frame's channels by the softmax of their mean activation (equation 1); (b, t, c).

    >>> channel_weights(torch.zeros(1, 1, 5, 4)).tolist()
    [[[0.25, 0.25, 0.25, 0.25]]]
    """
    return coarse.mean(dim=2).softmax(dim=2)


def uniform_weights(coarse: Tensor) -> Tensor:
    """Weigh all channels equally, for networks without equation 1; (b, t, c).

    >>> uniform_weights(torch.zeros(1, 1, 5, 4)).tolist()
    [[[0.25, 0.25, 0.25, 0.25]]]
    """
    b, t, _, c = coarse.shape
    return coarse.new_full((b, t, c), 1 / c)


def attention_maps(coarse: Tensor, weights: Tensor, scope: Scope) -> Tensor:
    """Return the (b, t, p) attention in [0.5, 1] at each position of each frame (equations 2 and 3).

    The paper sums weights * (features - minimum) over the channels. The weights of a frame sum to 1, so
    the minimum can be subtracted from the sum instead, and the shifted features are never stored. The paper
    defines the minimum for a single clip (scope "clip"). Its code takes the minimum over the whole batch
    ("batch"), so that an embedding depends on the other clips of its batch.

    Args:
        coarse: (b, t, p, c) reduced features of the coarse branch.
        weights: (b, t, c) weights of the channels; those of a frame sum to 1.
        scope: clips over which equation 2 takes its minimum.
    """
    summed = torch.einsum("btpc,btc->btp", coarse, weights)
    minimum = coarse.amin(dim=(1, 2, 3) if scope == "clip" else (0, 1, 2, 3), keepdim=True)[..., 0]
    return torch.sigmoid(summed - minimum)


def attend(fine: Tensor, maps: Tensor) -> Tensor:
    """Multiply the (b, t, p, c) features of the fine branch by the (b, t, p) maps (equation 4)."""
    return fine * maps[..., None]


def attentive_mean(attended: Tensor, maps: Tensor) -> Tensor:
    """Average each frame's positions, weighted by their attention (equation 10); (b, t, c).

    The (b, t, p, c) features are already multiplied by the (b, t, p) maps.

    >>> maps = torch.tensor([[[1.0, 0.5]]])
    >>> attentive_mean(attend(torch.tensor([[[[3.0], [6.0]]]]), maps), maps).tolist()
    [[[4.0]]]
    """
    return attended.sum(dim=2) / maps.sum(dim=2)[..., None]

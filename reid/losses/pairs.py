"""Functions that several losses share: precision, directions, probabilities, and pairs of one identity."""

from __future__ import annotations

import torch
from torch import Tensor

ZERO = 1e-24
"""Squared length below which a vector counts as zero: it has no direction, and the gradient would overflow."""


def at_least_float32(values: Tensor) -> Tensor:
    """Convert half precision to float32; return float32 and float64 as they are."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def directions(vectors: Tensor) -> Tensor:
    """Scale (n, d) vectors to length 1; a zero vector stays zero and gets no gradient.

    Division by a small constant instead would give a zero vector a gradient of 1e12.

    >>> directions(torch.tensor([[3.0, 4.0], [0.0, 0.0]]))
    tensor([[0.6000, 0.8000],
            [0.0000, 0.0000]])
    """
    squared = at_least_float32(vectors).square().sum(dim=1, keepdim=True)  # (n, 1)
    return at_least_float32(vectors) * torch.where(squared > ZERO, squared, torch.inf).rsqrt()


def label_probability(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the (b,) softmax probabilities of the (b,) labels, from (b, identities) logits."""
    return at_least_float32(logits).softmax(dim=1).gather(1, labels[:, None])[:, 0]


def same_identity(labels: Tensor) -> Tensor:
    """Return a (b, b) mask of the pairs of (b,) labels that are equal; the diagonal is True."""
    return labels[:, None] == labels

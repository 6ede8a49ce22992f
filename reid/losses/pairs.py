"""What the terms that compare embeddings start from: precision, directions and who is whose pair."""

from __future__ import annotations

import torch
from torch import Tensor

ZERO = 1e-24
"""Squared length below which a vector counts as zero: it has no direction, and the slope there overflows."""


def precise(values: Tensor) -> Tensor:
    """Convert half precision to float32; leave float32 and float64 as they are."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def directions(vectors: Tensor) -> Tensor:
    """Scale (n, d) vectors to length 1; a vector of zeros stays zero and gets no gradient.

    Dividing by a small constant instead would give such a vector a gradient of 1e12.

    >>> directions(torch.tensor([[3.0, 4.0], [0.0, 0.0]]))
    tensor([[0.6000, 0.8000],
            [0.0000, 0.0000]])
    """
    squared = precise(vectors).square().sum(dim=1, keepdim=True)  # (n, 1)
    return precise(vectors) * torch.where(squared > ZERO, squared, torch.inf).rsqrt()


def same_identity(labels: Tensor) -> Tensor:
    """Tell for each pair of the (b,) labels whether they are equal, as (b, b) truth values; each equals itself."""
    return labels[:, None] == labels

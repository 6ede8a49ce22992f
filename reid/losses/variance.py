"""Variance loss: spread of the clips of each identity."""

from __future__ import annotations

from torch import Tensor

from reid.losses.pairs import at_least_float32, same_identity


def class_variance(embedding: Tensor, labels: Tensor) -> Tensor:
    """Return the sum of each identity's mean squared distance to its mean in the batch (equation 11 of FGReID).

    The (b, d) embedding is not normalised. An identity with one clip adds 0.

    >>> import torch
    >>> embedding = torch.tensor([[0.0, 0.0], [2.0, 0.0], [9.0, 9.0]])
    >>> class_variance(embedding, torch.tensor([0, 0, 1]))  # the first identity's mean is (1, 0)
    tensor(1.)
    """
    embedding = at_least_float32(embedding)
    same = same_identity(labels).to(embedding)  # (b, b)
    clips = same.sum(dim=1)  # (b,) clips of the same identity
    means = same @ embedding / clips[:, None]  # (b, d)
    return ((embedding - means).square().sum(dim=1) / clips).sum()

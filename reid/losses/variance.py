"""Variance loss: how far do the clips of an identity spread?"""

from __future__ import annotations

from torch import Tensor

from reid.losses.pairs import precise, same_identity


def class_variance(embedding: Tensor, labels: Tensor) -> Tensor:
    """Sum each identity's mean squared distance from its mean in the batch (equation 11 of FGReID).

    Args:
        embedding: (b, d), not normalised.
        labels: (b,) identities.

    Returns:
        () sum over the identities of the batch; an identity of one clip adds 0.

    >>> import torch
    >>> embedding = torch.tensor([[0.0, 0.0], [2.0, 0.0], [9.0, 9.0]])
    >>> class_variance(embedding, torch.tensor([0, 0, 1]))  # the first identity's mean is (1, 0)
    tensor(1.)
    """
    embedding = precise(embedding)
    same = same_identity(labels).to(embedding)  # (b, b)
    clips = same.sum(dim=1)  # (b,) of the same identity
    means = same @ embedding / clips[:, None]  # (b, d)
    return ((embedding - means).square().sum(dim=1) / clips).sum()

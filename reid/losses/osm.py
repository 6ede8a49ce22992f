"""Online soft mining: which pairs of the batch deserve attention, and how far are they apart?

Wang et al., "Deep Metric Learning by Online Soft Mining and Class-Aware Attention" (2019), with the centers
of the center loss as class vectors, as FGReID has it ("CL-Centers OSM").
"""

from __future__ import annotations

import torch
from torch import Tensor

from reid.losses.pairs import directions, same_identity

NEAREST = 1e-12
"""Smallest squared distance whose root is taken; the root's slope at 0 is infinite."""
NOTHING = 1e-30
"""Smallest sum of weights to divide by; only a set without pairs is below."""


def online_soft_mining(
    embedding: Tensor, labels: Tensor, centers: Tensor, *, alpha: float, sigma: float, balance: float
) -> Tensor:
    """Pull positive pairs together and push negative pairs out to `alpha`, each as much as it is worth.

    Positive pairs weigh more the nearer they are, negative pairs the more they break the margin, both
    the better their clips fit their centers. Weights carry gradient, too. A batch without positive
    (negative) pairs has no positive (negative) part.

    Args:
        embedding: (b, d) of any length; compared by direction.
        labels: (b,) identities, rows of `centers`.
        centers: (identities, d).
        alpha: distance of directions, at most 2, beyond which negatives are left alone.
        sigma: distance at which a positive pair's weight has fallen to 1 / e.
        balance: share of the negative part in [0, 1], l of the paper.

    Returns:
        () weighted means of half the squared distance and half the squared violation, balanced.

    >>> embedding = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    >>> labels, centers = torch.tensor([0, 0, 1]), torch.zeros(2, 2)
    >>> online_soft_mining(embedding, labels, centers, alpha=2.0, sigma=1.0, balance=0.0)  # d^2 = 2, halved
    tensor(1.)
    >>> online_soft_mining(embedding, labels, centers, alpha=2.0, sigma=1.0, balance=1.0)  # (2 - sqrt 2)^2 / 2
    tensor(0.1716)
    """
    unit, same = directions(embedding), same_identity(labels)
    positive, negative = same & ~torch.eye(len(same), dtype=torch.bool, device=same.device), ~same  # (b, b)
    squared = (2 - 2 * unit @ unit.T).clamp(min=NEAREST)
    violation = (alpha - squared.sqrt()).relu()
    fit = _fit(unit, labels, centers)
    attention = torch.minimum(fit[:, None], fit)  # (b, b)
    pull = _weighted_mean(squared, _nearness(squared, positive, sigma) * attention)
    push = _weighted_mean(violation.square(), violation * negative * attention)
    return (1 - balance) * pull / 2 + balance * push / 2


def _fit(unit: Tensor, labels: Tensor, centers: Tensor) -> Tensor:
    """Tell how much each of the (b, d) directions prefers its own center to all, as (b,) probabilities."""
    likeness = (unit @ directions(centers).T.to(unit)).softmax(dim=1)  # (b, identities)
    return likeness.gather(1, labels[:, None])[:, 0]


def _nearness(squared: Tensor, positive: Tensor, sigma: float) -> Tensor:
    """Weigh positive pairs by exp(-squared / sigma^2), relative to the nearest; other pairs by 0.

    The loss divides by the sum of weights, so a common factor is free. Without it all weights of a
    batch whose positives are far apart are 0 in float32 (sigma = 0.2, d^2 = 4).
    """
    exponent = (-squared / sigma**2).masked_fill(~positive, torch.finfo(squared.dtype).min)
    return (exponent - exponent.amax().detach()).exp() * positive


def _weighted_mean(values: Tensor, weights: Tensor) -> Tensor:
    """Average `values` by `weights` of the same shape; 0 where nothing weighs anything."""
    return (weights * values).sum() / weights.sum().clamp(min=NOTHING)

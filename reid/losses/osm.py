"""Online soft mining: a pairwise loss that weighs each pair of the batch.

Wang et al., "Deep Metric Learning by Online Soft Mining and Class-Aware Attention" (2019), with the centers
of the center loss as class vectors, as in FGReID ("CL-Centers OSM").
"""

from __future__ import annotations

import torch
from torch import Tensor

from reid.losses.pairs import directions, label_probability, same_identity

NEAREST = 1e-12
"""Lower bound of a squared distance before its root is taken; the slope of the root is infinite at 0."""
NOTHING = 1e-30
"""Lower bound of a sum of weights before it divides; only a batch without pairs has a smaller sum."""


def online_soft_mining(
    embedding: Tensor, labels: Tensor, centers: Tensor, *, alpha: float, sigma: float, balance: float
) -> Tensor:
    """Return the loss that pulls positive pairs together and pushes negative pairs apart up to `alpha`.

    A positive pair weighs more the nearer it is, and a negative pair weighs more the more it violates the
    margin. Both weigh more the better their clips match their centers. The weights carry gradient too. The
    positive or negative part is 0 if the batch has no such pair.

    Args:
        embedding: (b, d) of any length; only directions are compared.
        labels: (b,) row numbers of `centers`.
        centers: (identities, d).
        alpha: distance beyond which negative pairs cost nothing; directions are at most 2 apart.
        sigma: distance at which the weight of a positive pair has fallen to 1 / e.
        balance: share of the negative part in [0, 1]; l of the paper.

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
    positive = same & ~torch.eye(len(same), dtype=torch.bool, device=same.device)  # (b, b)
    negative = ~same
    squared = (2 - 2 * unit @ unit.T).clamp(min=NEAREST)
    violation = (alpha - squared.sqrt()).relu()
    match = label_probability(unit @ directions(centers).T.to(unit), labels)  # (b,) with the own center
    attention = torch.minimum(match[:, None], match)  # (b, b)
    # Weights are relative to the nearest pair's: their sum divides, so a common factor does not matter.
    # Otherwise all weights of positives that are far apart would be 0 in float32 (sigma = 0.2, d^2 = 4).
    exponent = (-squared / sigma**2).masked_fill(~positive, torch.finfo(squared.dtype).min)
    nearness = (exponent - exponent.amax().detach()).exp() * positive
    pull = _weighted_mean(squared, nearness * attention)
    push = _weighted_mean(violation.square(), violation * negative * attention)
    return (1 - balance) * pull / 2 + balance * push / 2


def _weighted_mean(values: Tensor, weights: Tensor) -> Tensor:
    """Return the mean of `values` weighted by `weights` of the same shape; 0 if all weights are 0."""
    return (weights * values).sum() / weights.sum().clamp(min=NOTHING)

"""Rank loss: the fine branch must be surer than the coarse branch, or both must be sure enough."""

from __future__ import annotations

import torch
from torch import Tensor

from reid.losses.pairs import at_least_float32


def satisfied_rank(
    coarse: Tensor, fine: Tensor, labels: Tensor, *, margin: float, satisfaction: float
) -> Tensor:
    """Return the smaller of two hinges per clip, averaged.

    The first hinge asks that p2 exceeds p1 by `margin`. The second asks that p1 and p2 reach `satisfaction`
    on average. With FGReID's margin of 2 and satisfaction of 1, the first is never the smaller, because
    2 - p1 - p2 <= 2 + p1 - p2; the loss is 2 - mean(p1 + p2). With the values 0.05 and 0.7 of Zhu et al.,
    "Learning Cascade Attention", both act.

    Args:
        coarse: (b, identities) logits.
        fine: (b, identities) logits.
        labels: (b,) true identities; p1 and p2 are their probabilities in the coarse and fine branch.
        margin: required lead of p2 over p1.
        satisfaction: required mean of p1 and p2.

    Returns:
        () mean over the batch.

    >>> coarse, fine = torch.tensor([[0.75, 0.25]]).log(), torch.tensor([[0.5, 0.5]]).log()
    >>> satisfied_rank(coarse, fine, torch.tensor([0]), margin=0.05, satisfaction=0.7)  # 1.4 - 1.25 < 0.3
    tensor(0.1500)
    >>> satisfied_rank(coarse, fine, torch.tensor([1]), margin=0.05, satisfaction=0.7)  # 0.25 - 0.5 + 0.05 < 0
    tensor(0.)
    """
    p1, p2 = _probability(coarse, labels), _probability(fine, labels)  # (b,) each
    ranking = (p1 - p2 + margin).relu()
    satisfying = (2 * satisfaction - p1 - p2).relu()
    return torch.minimum(ranking, satisfying).mean()


def _probability(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the (b,) probabilities of the true identities, from (b, identities) logits."""
    return at_least_float32(logits).softmax(dim=1).gather(1, labels[:, None])[:, 0]

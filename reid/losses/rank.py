"""Rank loss: the fine branch must be surer than the coarse branch, or both must be sure enough."""

from __future__ import annotations

import torch
from torch import Tensor

from reid.losses.pairs import label_probability


def satisfied_rank(
    coarse: Tensor, fine: Tensor, labels: Tensor, *, margin: float, satisfaction: float
) -> Tensor:
    """Return the smaller of two hinges per clip, averaged, for (b, identities) logits of both branches.

    p1 and p2 are the true identity's probabilities in the coarse and fine branch. The first hinge asks
    that p2 exceeds p1 by `margin`. The second asks that p1 and p2 reach `satisfaction` on average. With
    FGReID's margin of 2 and satisfaction of 1, the first is never the smaller, because
    2 - p1 - p2 <= 2 + p1 - p2; the loss is 2 - mean(p1 + p2). With the values 0.05 and 0.7 of Zhu et al.,
    "Learning Cascade Attention", both act.

    >>> coarse, fine = torch.tensor([[0.75, 0.25]]).log(), torch.tensor([[0.5, 0.5]]).log()
    >>> satisfied_rank(coarse, fine, torch.tensor([0]), margin=0.05, satisfaction=0.7)  # 1.4 - 1.25 < 0.3
    tensor(0.1500)
    >>> satisfied_rank(coarse, fine, torch.tensor([1]), margin=0.05, satisfaction=0.7)  # 0.25 - 0.5 + 0.05 < 0
    tensor(0.)
    """
    p1, p2 = label_probability(coarse, labels), label_probability(fine, labels)  # (b,) each
    ranking = (p1 - p2 + margin).relu()
    satisfying = (2 * satisfaction - p1 - p2).relu()
    return torch.minimum(ranking, satisfying).mean()

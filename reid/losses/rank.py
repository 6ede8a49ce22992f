"""Rank loss: does the fine branch know better than the coarse one, or do both know well enough?"""

from __future__ import annotations

import torch
from torch import Tensor

from reid.losses.pairs import precise


def satisfied_rank(
    coarse: Tensor, fine: Tensor, labels: Tensor, *, margin: float, satisfaction: float
) -> Tensor:
    """Ask of each clip that the fine branch is surer by `margin`, or that both are `satisfaction` sure.

    The lesser demand counts. With FGReID's margin of 2 and satisfaction of 1 the first can never be the
    lesser, as 2 - p1 - p2 <= 2 + p1 - p2: the loss is 2 - mean(p1 + p2). With 0.05 and 0.7, of Zhu et al.,
    "Learning Cascade Attention", both act.

    Args:
        coarse: (b, identities) logits.
        fine: (b, identities) logits.
        labels: (b,) true identities; p1 and p2 are the branches' probabilities of these.
        margin: by how much p2 shall exceed p1.
        satisfaction: what p1 and p2 shall reach on average.

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
    """Take the (b,) probabilities of the true identities from (b, identities) logits."""
    return precise(logits).softmax(dim=1).gather(1, labels[:, None])[:, 0]

"""Consistency loss: do both branches see the same identities?"""

from __future__ import annotations

from torch import Tensor

from reid.losses.pairs import precise


def consistency(coarse: Tensor, fine: Tensor, *, slack: float) -> Tensor:
    """Let the fine branch's probabilities differ from the coarse branch's by no more than `slack`.

    Args:
        coarse: (b, identities) logits.
        fine: (b, identities) logits.
        slack: what of the divergence is free, in nats; 0.005 in FGReID's code, 0.15 in Zhu et al.,
            "Learning Cascade Attention", from where the loss probably comes.

    Returns:
        () what the batch's mean KL(coarse || fine) exceeds `slack` by; both branches get gradient.

    >>> import torch
    >>> coarse, fine = torch.tensor([[0.75, 0.25]]).log(), torch.tensor([[0.5, 0.5]]).log()
    >>> consistency(coarse, fine, slack=0.1)  # 0.75 log 1.5 + 0.25 log 0.5 = 0.1308
    tensor(0.0308)
    """
    first, second = precise(coarse).log_softmax(dim=1), precise(fine).log_softmax(dim=1)  # (b, identities)
    divergence = (first.exp() * (first - second)).sum(dim=1)  # (b,)
    return (divergence.mean() - slack).relu()

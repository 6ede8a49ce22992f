"""Consistency loss: divergence between the class probabilities of both branches."""

from __future__ import annotations

from torch import Tensor

from reid.losses.pairs import at_least_float32


def consistency(coarse: Tensor, fine: Tensor, *, slack: float) -> Tensor:
    """Return by how much the mean KL(coarse || fine) of the batch exceeds `slack`; both branches get gradient.

    Both inputs are (b, identities) logits. The slack in nats is 0.005 in FGReID's code and 0.15 in Zhu et
    al., "Learning Cascade Attention", the probable source of this loss.

    >>> import torch
    >>> coarse, fine = torch.tensor([[0.75, 0.25]]).log(), torch.tensor([[0.5, 0.5]]).log()
    >>> consistency(coarse, fine, slack=0.1)  # 0.75 log 1.5 + 0.25 log 0.5 = 0.1308
    tensor(0.0308)
    """
    log_p1 = at_least_float32(coarse).log_softmax(dim=1)  # (b, identities)
    log_p2 = at_least_float32(fine).log_softmax(dim=1)
    divergence = (log_p1.exp() * (log_p1 - log_p2)).sum(dim=1)  # (b,)
    return (divergence.mean() - slack).relu()

"""Identity loss: does the classifier know who it is?"""

from __future__ import annotations

import torch
from torch import Tensor

from reid.losses.pairs import precise


def smooth_cross_entropy(logits: Tensor, labels: Tensor, *, smoothing: float) -> Tensor:
    """Cross-entropy with softened targets (Szegedy et al., "Rethinking the Inception Architecture", 2016).

    The target is 1 - smoothing for the true identity plus smoothing / identities for each.

    Args:
        logits: (b, identities) of one head.
        labels: (b,) true identities.
        smoothing: share of the target that all identities divide among them, in [0, 1).

    Returns:
        () mean over the batch.

    >>> smooth_cross_entropy(torch.tensor([[0.0, 0.0]]), torch.tensor([1]), smoothing=0.1)  # log 2
    tensor(0.6931)
    """
    return torch.nn.functional.cross_entropy(precise(logits), labels, label_smoothing=smoothing)

"""Identity loss: cross-entropy of the classifier with softened targets."""

from __future__ import annotations

import torch
from torch import Tensor

from reid.losses.pairs import at_least_float32


def smooth_cross_entropy(logits: Tensor, labels: Tensor, *, smoothing: float) -> Tensor:
    """Return the label-smoothing cross-entropy (Szegedy et al., "Rethinking the Inception Architecture", 2016).

    The target of each identity is smoothing / identities, plus 1 - smoothing for the true one. The
    (b, identities) logits are those of one head, with (b,) true labels.

    >>> smooth_cross_entropy(torch.tensor([[0.0, 0.0]]), torch.tensor([1]), smoothing=0.1)  # log 2
    tensor(0.6931)
    """
    return torch.nn.functional.cross_entropy(at_least_float32(logits), labels, label_smoothing=smoothing)

"""Batch-hard triplet loss on cosine similarity."""

from __future__ import annotations

import torch
from torch import Tensor

from reid.losses.pairs import directions, same_identity


def batch_hard_triplet(embedding: Tensor, labels: Tensor, *, margin: float) -> Tensor:
    """Return the mean hinge of the hardest positive and hardest negative of each of the (b, d) clips.

    Batch-hard mining is described by Hermans et al., "In Defense of the Triplet Loss" (2017). FGReID compares
    cosines instead of distances and keeps the hard hinge. A clip counts as its own positive, which is the
    hardest only if it has no other. The loss is 0 if the batch has a single identity. The margin is the
    required lead of the smallest positive similarity over the largest negative one.

    >>> embedding = torch.tensor([[2.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
    >>> batch_hard_triplet(embedding, torch.tensor([0, 0, 1]), margin=0.1)  # (0.7 + 0.9 + 0) / 3
    tensor(0.5333)
    """
    unit = directions(embedding)
    similarity, same = unit @ unit.T, same_identity(labels)  # (b, b)
    positive = similarity.masked_fill(~same, torch.inf).amin(dim=1)  # (b,)
    negative = similarity.masked_fill(same, -torch.inf).amax(dim=1)
    return (negative - positive + margin).relu().mean()

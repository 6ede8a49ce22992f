"""Center loss: squared distance of clips to the center of their identity, and the update of the centers.

Wen et al., "A Discriminative Feature Learning Approach for Deep Face Recognition" (2016).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from reid.losses.pairs import at_least_float32

RATE = 0.5
"""Learning rate of the centers in FGReID."""


def center_loss(embedding: Tensor, labels: Tensor, centers: Tensor) -> Tensor:
    """Return the mean squared distance of the (b, d) clips to the centers of their identities.

    The labels are (b,) row numbers of the (identities, d) centers. The embedding is not normalised.

    >>> center_loss(torch.tensor([[3.0, 4.0], [0.0, 1.0]]), torch.tensor([1, 0]), torch.zeros(2, 2))  # (25 + 1) / 2
    tensor(13.)
    """
    return (at_least_float32(embedding) - centers[labels]).square().sum(dim=1).mean()


def moved_centers(centers: Tensor, embedding: Tensor, labels: Tensor, rate: float) -> Tensor:
    """Return new (identities, d) centers, after one gradient step on the unweighted center loss.

    A center moves by 2 * rate / b times the sum of the offsets of its clips. With the paper's rate of 0.5 and
    b = 128, a center of four clips moves 1/32 of the way to their mean. Embedding and labels are those of the
    whole batch, from all processes.

    >>> moved_centers(torch.zeros(2, 1), torch.tensor([[4.0], [8.0]]), torch.tensor([1, 1]), rate=0.5)
    tensor([[0.],
            [6.]])
    """
    offsets = at_least_float32(embedding) - centers[labels]  # (b, d)
    return centers.index_add(0, labels, offsets.to(centers), alpha=2 * rate / len(labels))


class Centers(nn.Module):
    """One center per identity, updated by its own gradient steps.

    The centers are a buffer and not parameters: the losses that use them send a gradient to the embedding
    only. In the authors' code the network's backward pass reaches the centers, and their gradient is
    multiplied by 2000 to undo the weight of the center loss. This also multiplies the gradient that online
    soft mining sends to the centers.
    """

    weight: Tensor
    """(identities, d) centers, float32."""

    def __init__(self, identities: int, dimensions: int, *, seed: int) -> None:
        super().__init__()
        start = torch.randn(identities, dimensions, generator=torch.Generator().manual_seed(seed))
        self.register_buffer("weight", start)

    @torch.no_grad()
    def update(self, embedding: Tensor, labels: Tensor, *, rate: float = RATE) -> None:
        """Move the centers towards a batch, after its losses were computed; see `moved_centers`."""
        self.weight.copy_(moved_centers(self.weight, embedding, labels, rate))

"""Center loss: how far are clips from their identity's center, and where do the centers go?

Wen et al., "A Discriminative Feature Learning Approach for Deep Face Recognition" (2016).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from reid.losses.pairs import precise

RATE = 0.5
"""Learning rate of the centers in FGReID."""


def center_loss(embedding: Tensor, labels: Tensor, centers: Tensor) -> Tensor:
    """Average the squared distances from the clips to their identities' centers.

    Args:
        embedding: (b, d), not normalised.
        labels: (b,) identities, rows of `centers`.
        centers: (identities, d).

    Returns:
        () mean over the batch.

    >>> center_loss(torch.tensor([[3.0, 4.0], [0.0, 1.0]]), torch.tensor([1, 0]), torch.zeros(2, 2))  # (25 + 1) / 2
    tensor(13.)
    """
    return (precise(embedding) - centers[labels]).square().sum(dim=1).mean()


def moved(centers: Tensor, embedding: Tensor, labels: Tensor, rate: float) -> Tensor:
    """Step the centers down the gradient of the unweighted center loss.

    A center moves by 2 * rate / b times the sum of its clips' offsets: with the paper's rate of 0.5 and
    b = 128, each of four clips pulls by 1/128, together by 1/32.

    Args:
        centers: (identities, d), left as they are.
        embedding: (b, d) of the whole batch, from all processes.
        labels: (b,) identities, rows of `centers`.
        rate: learning rate.

    Returns:
        (identities, d) new centers.

    >>> moved(torch.zeros(2, 1), torch.tensor([[4.0], [8.0]]), torch.tensor([1, 1]), rate=0.5)
    tensor([[0.],
            [6.]])
    """
    offsets = precise(embedding) - centers[labels]  # (b, d)
    return centers.index_add(0, labels, offsets.to(centers), alpha=2 * rate / len(labels))


class Centers(nn.Module):
    """One center an identity, which follow the embeddings by steps of their own.

    They are a buffer, not parameters: losses that use them send gradient to the embedding alone. The
    authors' code lets the network's backward pass reach the centers, then multiplies their gradient by
    2000 to undo the weight of the center loss, and so blows up what online soft mining sent there.
    """

    weight: Tensor
    """(identities, d) centers, float32."""

    def __init__(self, identities: int, dimensions: int, *, seed: int) -> None:
        super().__init__()
        start = torch.randn(identities, dimensions, generator=torch.Generator().manual_seed(seed))
        self.register_buffer("weight", start)

    @torch.no_grad()
    def update(self, embedding: Tensor, labels: Tensor, *, rate: float = RATE) -> None:
        """Move the centers towards a batch, once its losses have been computed; see `moved`."""
        self.weight.copy_(moved(self.weight, embedding, labels, rate))

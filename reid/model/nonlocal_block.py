"""The non-local block: self-attention over all positions of a clip (equations 5-9).

Equations are those of Pathak, "Fine-Grained Re-Identification" (2020). Positions are n = t * h * w tokens
with channels last, so that a 1x1 convolution is a linear layer.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import normalize, relu, scaled_dot_product_attention

from reid.model.design import Queries


def similar_mean(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Average the values for each position, weighted by the similarity of its query to their keys.

    These are equations 7 and 8. All tensors are (b, n, d); queries and keys are rows of length 1 or 0, and
    the paper's queries are the keys. There is no temperature: rows of length 1 without negative entries
    have products in [0, 1], so no weight is more than e times another.

    >>> import torch
    >>> values = torch.tensor([[[1.0, 0.0], [3.0, 0.0]]])
    >>> keys = torch.tensor([[[0.0, 1.0], [0.0, 1.0]]])
    >>> similar_mean(keys, keys, values).tolist()
    [[[2.0, 0.0], [2.0, 0.0]]]
    """
    return scaled_dot_product_attention(queries, keys, values, scale=1.0)


class NonLocalBlock(nn.Module):
    """Adds to each position a mean of all positions of the clip, weighted by similarity."""

    def __init__(self, channels: int, inner: int, queries: Queries = "keys") -> None:
        super().__init__()
        self.key = nn.Linear(channels, inner, bias=False)
        self.value = nn.Linear(channels, inner, bias=False)
        self.out = nn.Linear(inner, channels, bias=False)
        nn.init.zeros_(self.out.weight)  # the block is the identity when training starts
        self.query = nn.Linear(channels, inner, bias=False) if queries == "own" else None

    def forward(self, tokens: Tensor) -> Tensor:
        """Refine the positions; (b, n, channels) to (b, n, channels)."""
        keys = normalize(relu(self.key(tokens)), dim=2)  # (b, n, inner), equation 5
        queries = keys if self.query is None else normalize(relu(self.query(tokens)), dim=2)
        values = relu(self.value(tokens))  # (b, n, inner), equation 6
        refined: Tensor = self.out(similar_mean(queries, keys, values)) + tokens  # equation 9
        return refined

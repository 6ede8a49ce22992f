"""Rank loss: when each of its demands acts."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from reid.losses.rank import satisfied_rank

PROBABILITY = st.floats(0.01, 0.99)


def logits(probability: float) -> Tensor:
    return torch.tensor([[probability, 1 - probability]], dtype=torch.float64).log()


@given(p1=PROBABILITY, p2=PROBABILITY)
def test_with_the_authors_margins_it_only_asks_for_certainty(p1: float, p2: float) -> None:
    loss = satisfied_rank(logits(p1), logits(p2), torch.tensor([0]), margin=2, satisfaction=1)
    assert loss.item() == pytest.approx(2 - p1 - p2)


@pytest.mark.parametrize(
    ("p1", "p2", "expected"),
    [
        pytest.param(0.3, 0.32, 0.03, id="unsure-and-fine-not-far-enough-ahead: p1 - p2 + 0.05"),
        pytest.param(0.3, 0.4, 0.0, id="unsure-but-fine-is-ahead"),
        pytest.param(0.75, 0.55, 0.1, id="fine-behind-but-nearly-sure: 1.4 - p1 - p2"),
        pytest.param(0.8, 0.7, 0.0, id="fine-behind-but-both-sure"),
    ],
)
def test_with_the_lca_margins_the_lesser_demand_counts(p1: float, p2: float, expected: float) -> None:
    loss = satisfied_rank(logits(p1), logits(p2), torch.tensor([0]), margin=0.05, satisfaction=0.7)
    assert loss.item() == pytest.approx(expected)

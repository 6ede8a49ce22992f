"""Online soft mining: what its weights must survive, and what they favour."""

from __future__ import annotations

from functools import partial

import pytest
import torch

from reid.losses.osm import online_soft_mining

mining = partial(online_soft_mining, alpha=2.07, sigma=0.2)
ALIKE = torch.zeros(2, 2)
"""Centers that no clip prefers."""


def test_positives_on_opposite_sides_are_pulled() -> None:
    """exp(-d^2 / sigma^2) = exp(-100) is 0 in float32; as a ratio of weights it must not matter."""
    embedding = torch.tensor([[1.0, 0.5], [-1.0, -0.5]])
    loss = mining(embedding, torch.tensor([0, 0]), ALIKE, balance=0.0)
    assert loss.item() == pytest.approx(2.0)  # half of d^2 = 4


def test_a_near_positive_outweighs_a_far_one() -> None:
    clips = torch.tensor([[1.0, 0.0], [1.0, 0.2], [0.0, 1.0]])
    near = mining(clips[:2], torch.tensor([0, 0]), ALIKE, balance=0.0)
    together = mining(clips, torch.tensor([0, 0, 0]), ALIKE, balance=0.0)
    assert together.item() == pytest.approx(near.item(), rel=1e-4)


def test_negatives_beyond_the_margin_are_left_alone() -> None:
    clips = torch.tensor([[1.0, 0.0], [-1.0, 0.0]], requires_grad=True)
    loss = online_soft_mining(clips, torch.tensor([0, 1]), ALIKE, alpha=1.9, sigma=0.2, balance=1.0)
    (gradient,) = torch.autograd.grad(loss, clips)
    assert loss.item() == 0
    assert not gradient.any()


def test_pairs_that_fit_their_centers_count_more() -> None:
    """Of two far pairs, the one whose clips lie at their center draws the mean to its distance."""
    angles = torch.tensor([0.0, 0.4, 2.0, 2.8])  # the first pair is the nearer one
    clips, labels = torch.stack([angles.cos(), angles.sin()], dim=1), torch.tensor([0, 0, 1, 1])
    losses = [
        online_soft_mining(clips, labels, centers, alpha=2.0, sigma=9.0, balance=0.0)
        for centers in (torch.stack([clips[0], -clips[3]]), ALIKE, torch.stack([-clips[0], clips[3]]))
    ]
    assert losses[0] < losses[1] < losses[2]


def test_neither_part_without_its_pairs() -> None:
    clips = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    assert mining(clips, torch.tensor([0, 1]), ALIKE, balance=0.0).item() == 0
    assert mining(clips, torch.tensor([0, 0]), ALIKE, balance=1.0).item() == 0

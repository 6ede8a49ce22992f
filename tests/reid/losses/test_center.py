"""Centers: where they start and how they move."""

from __future__ import annotations

import torch

from reid.losses.center import Centers, center_loss, moved_centers


def test_with_four_clips_of_128_a_center_moves_by_a_thirty_second() -> None:
    embedding, labels = torch.full((128, 3), 32.0), torch.arange(32).repeat_interleave(4)
    after = moved_centers(torch.zeros(40, 3), embedding, labels, rate=0.5)
    assert torch.equal(after[:32], torch.ones(32, 3))
    assert torch.equal(after[32:], torch.zeros(8, 3))


def test_a_move_is_a_step_down_the_center_loss() -> None:
    generator = torch.Generator().manual_seed(0)
    centers = torch.randn(5, 4, generator=generator, dtype=torch.float64, requires_grad=True)
    embedding = torch.randn(7, 4, generator=generator, dtype=torch.float64)
    labels = torch.tensor([1, 1, 0, 4, 4, 4, 2])
    (gradient,) = torch.autograd.grad(center_loss(embedding, labels, centers), centers)
    after = moved_centers(centers.detach(), embedding, labels, rate=0.3)
    torch.testing.assert_close(after, centers.detach() - 0.3 * gradient)


def test_updates_bring_centers_to_their_identities() -> None:
    centers = Centers(2, 2, seed=0)
    embedding, labels = torch.tensor([[1.0, 2.0], [3.0, 2.0], [5.0, 5.0]]), torch.tensor([0, 0, 1])
    for _ in range(100):
        centers.update(embedding, labels)
    torch.testing.assert_close(centers.weight, torch.tensor([[2.0, 2.0], [5.0, 5.0]]))


def test_the_loss_pulls_the_embedding_and_not_the_centers() -> None:
    centers = Centers(2, 2, seed=0)
    embedding = torch.ones(2, 2, dtype=torch.bfloat16, requires_grad=True)
    loss = center_loss(embedding, torch.tensor([0, 1]), centers.weight)
    centers.update(embedding, torch.tensor([0, 1]))
    (gradient,) = torch.autograd.grad(loss, embedding)
    assert gradient.any()
    assert not centers.weight.requires_grad
    assert list(centers.parameters()) == []
    assert list(centers.state_dict()) == ["weight"]


def test_the_seed_says_where_centers_start_and_no_other_randomness_is_used() -> None:
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    one, same, other = (Centers(400, 50, seed=seed).weight for seed in (0, 0, 1))
    assert torch.equal(torch.rand(1), expected)
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert abs(one.mean()) < 0.03
    assert abs(one.std() - 1) < 0.03

"""What holds for every term: its value, its gradient, and batches that have nothing to compare."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tests.reid.losses.plain import CENTERS, IDENTITIES, TERMS, WIDTH

LABELS = [0, 2, 0, 1, 3, 1, 0, 3, 1]


def batch(seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(len(LABELS), WIDTH, generator=generator, dtype=torch.float64), torch.tensor(LABELS)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", TERMS)
def test_value_and_gradient_are_those_of_the_formula(name: str, seed: int) -> None:
    x, y = batch(seed)
    ours, plain = TERMS[name]
    loss = ours(x.requires_grad_(), y)
    assert loss.item() == pytest.approx(plain(x.tolist(), LABELS), rel=1e-12)
    (gradient,) = torch.autograd.grad(loss, x)
    assert gradient.abs().max() > 1e-3
    for i, j in [(i, j) for i in range(len(x)) for j in range(WIDTH)]:
        there, back = x.tolist(), x.tolist()
        there[i][j] += 1e-6
        back[i][j] -= 1e-6
        assert gradient[i, j].item() == pytest.approx(
            (plain(there, LABELS) - plain(back, LABELS)) / 2e-6, abs=1e-7
        )


@pytest.mark.parametrize("name", TERMS)
def test_the_order_of_the_batch_does_not_matter(name: str) -> None:
    x, y = batch(2)
    order = torch.randperm(len(y), generator=torch.Generator().manual_seed(0))
    assert TERMS[name].ours(x[order], y[order]).item() == pytest.approx(
        TERMS[name].ours(x, y).item(), rel=1e-12
    )


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", TERMS)
def test_half_precision_features_are_computed_with_in_full(name: str, dtype: torch.dtype) -> None:
    x, y = batch(3)
    half = x.to(dtype)
    loss = TERMS[name].ours(half, y)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(TERMS[name].ours(half.double(), y).item(), rel=1e-4)


@pytest.mark.parametrize("name", TERMS)
@settings(derandomize=True)
@given(
    data=st.lists(
        st.tuples(
            st.integers(0, IDENTITIES - 1),
            st.lists(st.sampled_from([0.0, 0.0, 1.0, -1.0, 1e-4, 1000.0]), min_size=WIDTH, max_size=WIDTH),
        ),
        min_size=1,
        max_size=4,
    ),
    dtype=st.sampled_from([torch.float32, torch.bfloat16, torch.float16]),
)
def test_no_batch_is_too_odd(name: str, data: list[tuple[int, list[float]]], dtype: torch.dtype) -> None:
    """One clip, one identity, only strangers, the same clip twice, zeros: a number and a usable gradient."""
    x = torch.tensor([row for _, row in data], dtype=dtype, requires_grad=True)
    loss = TERMS[name].ours(x, torch.tensor([label for label, _ in data]))
    (gradient,) = torch.autograd.grad(loss, x)
    assert loss.isfinite()
    assert gradient.abs().max() < 1e6  # NaN is not, either
    assert loss >= 0


@pytest.mark.parametrize("name", ["triplet", "osm-as-published"])
def test_a_clip_without_direction_gets_no_gradient(name: str) -> None:
    """Dividing zeros by a tiny length would give 1e12."""
    x = torch.eye(3, WIDTH)
    x[0] = 0
    (gradient,) = torch.autograd.grad(TERMS[name].ours(x.requires_grad_(), torch.tensor([0, 0, 1])), x)
    assert not gradient[0].any()
    assert gradient.abs().max() < 10


@pytest.mark.parametrize("name", ["triplet", "osm-as-published"])
def test_the_length_of_an_embedding_does_not_matter(name: str) -> None:
    x, y = batch(4)
    longer = x * torch.linspace(0.5, 5, len(x), dtype=x.dtype)[:, None]
    assert TERMS[name].ours(longer, y).item() == pytest.approx(TERMS[name].ours(x, y).item(), rel=1e-10)


def test_only_the_spread_counts_for_the_variance() -> None:
    x, y = batch(5)
    variance = TERMS["variance"].ours
    assert variance(x + CENTERS[y], y).item() == pytest.approx(variance(x, y).item(), rel=1e-10)
    assert variance(3 * x, y).item() == pytest.approx(9 * variance(x, y).item(), rel=1e-10)

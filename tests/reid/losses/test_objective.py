"""The objective: what training sums, with terms left out and heads missing."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from reid.errors import RecipeError
from reid.losses.center import Centers
from reid.losses.loss_weights import LOSSES, LossWeights, with_margins
from reid.losses.objective import objective
from reid.model.network import Output

LABELS = torch.tensor([0, 0, 1, 1, 2, 2])
CENTERS = Centers(3, 8, seed=0).weight


def heads(dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    coarse, fine, embedding = (torch.randn(6, n, generator=generator).to(dtype) for n in (3, 3, 8))
    return coarse.requires_grad_(), fine.requires_grad_(), embedding.requires_grad_()


def output() -> Output:
    return Output(*heads())


def total(terms: dict[str, Tensor]) -> float:
    return float(sum(term.item() for term in terms.values()))


def test_each_term_is_there_by_its_weight() -> None:
    """Doubling one weight doubles that term alone; beta divides 1 between triplet and mining."""
    before = objective(output(), LABELS, CENTERS, LossWeights())
    assert tuple(before) == LOSSES
    for name in ("variance", "center", "consistency", "rank"):
        doubled = LossWeights(**{name: 2 * getattr(LossWeights(), name)})
        after = objective(output(), LABELS, CENTERS, doubled)
        factors = {term: (after[term] / before[term]).item() for term in LOSSES}
        assert factors == pytest.approx({term: 1 + (term == name) for term in LOSSES})
    even = objective(output(), LABELS, CENTERS, LossWeights(beta=0.5))
    assert (even["triplet"] / before["triplet"]).item() == pytest.approx(0.5 / (1 - 0.14033231327559872))
    assert (even["osm"] / before["osm"]).item() == pytest.approx(0.5 / 0.14033231327559872)


def test_equation_12_by_hand() -> None:
    """Two identities on opposite sides, known for certain or not at all: every term is a number one can work out."""
    embedding = torch.tensor([[1.0, 0.0], [3.0, 0.0], [-1.0, 0.0], [-1.0, 0.0]])
    unsure = torch.zeros(4, 2)
    centers = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    terms = objective(Output(unsure, unsure, embedding), torch.tensor([0, 0, 1, 1]), centers, LossWeights())
    assert {name: term.item() for name, term in terms.items()} == pytest.approx(
        {
            "identity": 0.693147,  # log 2
            "triplet": 0.0,  # 1 against -1
            "osm": 0.140332 * 0.483491 * 0.070862**2 / 2,  # d = 2 everywhere, alpha - d = 0.070862
            "center": 5e-4 * 1.0,  # (0 + 4 + 0 + 0) / 4
            "variance": 1.136e-4 * 1.0,  # (1 + 1) / 2 + 0
            "rank": 1.0,  # 2 - (0.5 + 0.5)
            "consistency": 0.0,
        },
        rel=1e-4,
        abs=1e-9,
    )


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_left_out_is_gone_and_the_others_stay(name: str) -> None:
    whole = objective(output(), LABELS, CENTERS, LossWeights())
    rest = objective(output(), LABELS, CENTERS, LossWeights(), without=frozenset({name}))
    assert {**whole} == {**rest, name: whole[name]}


@pytest.mark.parametrize("head", ["coarse", "fine"])
def test_a_single_head_has_nobody_to_agree_with(head: str) -> None:
    both = output()
    logits = both.coarse if head == "coarse" else both.fine
    halves = (logits, None) if head == "coarse" else (None, logits)
    single = Output(halves[0], halves[1], both.embedding)
    terms = objective(single, LABELS, CENTERS, LossWeights())
    assert set(LOSSES) - set(terms) == {"rank", "consistency"}
    twins = objective(Output(logits, logits, both.embedding), LABELS, CENTERS, LossWeights())
    assert terms["identity"].item() == pytest.approx(twins["identity"].item())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_under_autocast_it_computes_as_without(dtype: torch.dtype) -> None:
    parts = coarse, fine, embedding = heads(dtype=dtype)
    half, exact = Output(*parts), Output(coarse.double(), fine.double(), embedding.double())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        terms = objective(half, LABELS, CENTERS, LossWeights())
    assert total(terms) == pytest.approx(total(objective(exact, LABELS, CENTERS, LossWeights())), rel=1e-5)
    gradients = torch.autograd.grad(torch.stack(list(terms.values())).sum(), parts)
    assert all(gradient.isfinite().all() for gradient in gradients)


def test_the_lca_margins_let_the_ranking_act() -> None:
    """Nobody knows anything: the authors' margins ask for certainty, the others for fine to be ahead by 0.05."""
    unsure = Output(torch.zeros(6, 3), torch.zeros(6, 3), torch.zeros(6, 8))
    repo, lca = (with_margins(LossWeights(rank=3), margins) for margins in ("repo", "lca"))
    assert objective(unsure, LABELS, CENTERS, repo)["rank"].item() == pytest.approx(3 * (2 - 2 / 3))
    assert objective(unsure, LABELS, CENTERS, lca)["rank"].item() == pytest.approx(3 * 0.05)
    assert repo == LossWeights(rank=3)
    assert lca.consistency_slack == 0.15


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("rank", -1.0, "rank is -1.0; give a number at least 0"),
        ("beta", 1.5, "beta is 1.5; give a number from 0 to 1"),
        ("center", float("nan"), "center is nan"),
        ("variance", float("inf"), "variance is inf"),
        ("osm_sigma", 0.0, "numbers above 0"),
    ],
)
def test_senseless_weights_are_refused(field: str, value: float, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        LossWeights(**{field: value})

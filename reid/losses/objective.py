"""Equation 12: what training makes small, as a weighted sum of named terms."""

from __future__ import annotations

import torch
from torch import Tensor

from reid.errors import RecipeError
from reid.losses.center import center_loss
from reid.losses.consistency import consistency
from reid.losses.identity import smooth_cross_entropy
from reid.losses.osm import online_soft_mining
from reid.losses.rank import satisfied_rank
from reid.losses.triplet import batch_hard_triplet
from reid.losses.variance import class_variance
from reid.losses.weights import LOSSES, LossWeights
from reid.model.network import Output


def objective(
    output: Output,
    labels: Tensor,
    centers: Tensor,
    weights: LossWeights,
    *,
    without: frozenset[str] = frozenset(),
) -> dict[str, Tensor]:
    """Weigh the terms of equation 12; the training loss is their sum.

    Computed in float32 at least, whatever the network computed in. A network with a single head has no
    consistency and no rank term.

    Args:
        output: what the network said of b clips.
        labels: (b,) true identities.
        centers: (identities, d), which get no gradient if they are those of `Centers`.
        weights: what each term counts.
        without: names of terms to leave out (Table 10); the others keep their weights.

    Returns:
        () weighted terms by name, in the order of `LOSSES`.

    Raises:
        RecipeError: `without` names no term.
    """
    check_names(without)
    embedding, beta = output.embedding, weights.beta
    with torch.autocast(embedding.device.type, enabled=False):
        terms = {
            "identity": _identity(output, labels, weights),
            "triplet": (1 - beta) * batch_hard_triplet(embedding, labels, margin=weights.triplet_margin),
            "osm": beta * _mining(embedding, labels, centers, weights),
            "center": weights.center * center_loss(embedding, labels, centers),
            "variance": weights.variance * class_variance(embedding, labels),
            **_between_heads(output, labels, weights),
        }
    return {name: term for name, term in terms.items() if name not in without}


def check_names(without: frozenset[str]) -> None:
    """Refuse names of no term.

    Raises:
        RecipeError: naming the choices.
    """
    if unknown := sorted(without.difference(LOSSES)):
        raise RecipeError(f"no loss is called {', '.join(unknown)}; the losses are {', '.join(LOSSES)}")


def _identity(output: Output, labels: Tensor, weights: LossWeights) -> Tensor:
    """Average the identity loss over the heads there are."""
    heads = [logits for logits in (output.coarse, output.fine) if logits is not None]
    return torch.stack(
        [smooth_cross_entropy(head, labels, smoothing=weights.smoothing) for head in heads]
    ).mean()


def _mining(embedding: Tensor, labels: Tensor, centers: Tensor, weights: LossWeights) -> Tensor:
    alpha, sigma, balance = weights.osm_alpha, weights.osm_sigma, weights.osm_balance
    return online_soft_mining(embedding, labels, centers, alpha=alpha, sigma=sigma, balance=balance)


def _between_heads(output: Output, labels: Tensor, weights: LossWeights) -> dict[str, Tensor]:
    """Weigh the terms that compare both heads; none if there is only one."""
    coarse, fine = output.coarse, output.fine
    if coarse is None or fine is None:
        return {}
    margin, satisfaction = weights.rank_margin, weights.rank_satisfaction
    rank = satisfied_rank(coarse, fine, labels, margin=margin, satisfaction=satisfaction)
    apart = consistency(coarse, fine, slack=weights.consistency_slack)
    return {"rank": weights.rank * rank, "consistency": weights.consistency * apart}

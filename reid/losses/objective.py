"""Equation 12 of FGReID: the training loss as a weighted sum of named terms."""

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
    """Return the weighted terms of equation 12; the training loss is their sum.

    The terms are computed in float32 or float64, even if the network computes in half precision. A network
    with a single head has no consistency term and no rank term.

    Args:
        output: the network's output for b clips.
        labels: (b,) true identities.
        centers: (identities, d); those of `Centers` get no gradient.
        weights: weights and parameters of the terms.
        without: names of terms to leave out (Table 10); the others keep their weights.

    Returns:
        () weighted terms by name, in the order of `LOSSES`.

    Raises:
        RecipeError: a name in `without` is not a term.
    """
    check_loss_names(without)
    embedding = output.embedding
    with torch.autocast(embedding.device.type, enabled=False):
        triplet = batch_hard_triplet(embedding, labels, margin=weights.triplet_margin)
        osm = online_soft_mining(
            embedding,
            labels,
            centers,
            alpha=weights.osm_alpha,
            sigma=weights.osm_sigma,
            balance=weights.osm_balance,
        )
        terms = {
            "identity": _identity(output, labels, weights),
            "triplet": (1 - weights.beta) * triplet,
            "osm": weights.beta * osm,
            "center": weights.center * center_loss(embedding, labels, centers),
            "variance": weights.variance * class_variance(embedding, labels),
        }
        if output.coarse is not None and output.fine is not None:
            terms |= _between_heads(output.coarse, output.fine, labels, weights)
    return {name: term for name, term in terms.items() if name not in without}


def check_loss_names(without: frozenset[str]) -> None:
    """Raise an error if a name is not in `LOSSES`.

    Raises:
        RecipeError: the message lists the unknown names and the losses.
    """
    unknown = sorted(without.difference(LOSSES))
    if unknown:
        raise RecipeError(f"no loss is called {', '.join(unknown)}; the losses are {', '.join(LOSSES)}")


def _identity(output: Output, labels: Tensor, weights: LossWeights) -> Tensor:
    """Return the mean identity loss of the existing heads."""
    heads = [logits for logits in (output.coarse, output.fine) if logits is not None]
    losses = [smooth_cross_entropy(logits, labels, smoothing=weights.smoothing) for logits in heads]
    return torch.stack(losses).mean()


def _between_heads(coarse: Tensor, fine: Tensor, labels: Tensor, weights: LossWeights) -> dict[str, Tensor]:
    """Return the weighted terms that compare both heads."""
    rank = satisfied_rank(
        coarse, fine, labels, margin=weights.rank_margin, satisfaction=weights.rank_satisfaction
    )
    divergence = consistency(coarse, fine, slack=weights.consistency_slack)
    return {"rank": weights.rank * rank, "consistency": weights.consistency * divergence}

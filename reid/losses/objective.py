"""Equation 12 of FGReID: the training loss as a weighted sum of named terms."""

from __future__ import annotations

import torch
from torch import Tensor

from reid.losses.center import center_loss
from reid.losses.consistency import consistency
from reid.losses.identity import smooth_cross_entropy
from reid.losses.loss_weights import LossWeights
from reid.losses.osm import online_soft_mining
from reid.losses.rank import satisfied_rank
from reid.losses.triplet import batch_hard_triplet
from reid.losses.variance import class_variance
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
    """
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
        heads = [logits for logits in (output.coarse, output.fine) if logits is not None]
        identity_losses = [smooth_cross_entropy(head, labels, smoothing=weights.smoothing) for head in heads]
        terms = {
            "identity": torch.stack(identity_losses).mean(),
            "triplet": (1 - weights.beta) * triplet,
            "osm": weights.beta * osm,
            "center": weights.center * center_loss(embedding, labels, centers),
            "variance": weights.variance * class_variance(embedding, labels),
        }
        if output.coarse is not None and output.fine is not None:
            rank = satisfied_rank(
                output.coarse,
                output.fine,
                labels,
                margin=weights.rank_margin,
                satisfaction=weights.rank_satisfaction,
            )
            divergence = consistency(output.coarse, output.fine, slack=weights.consistency_slack)
            terms |= {"rank": weights.rank * rank, "consistency": weights.consistency * divergence}
    return {name: term for name, term in terms.items() if name not in without}

"""Names and weights of the terms of equation 12; imports no torch, so that recipes are read quickly."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Literal

from reid.errors import RecipeError

LOSSES: tuple[str, ...] = ("identity", "triplet", "osm", "center", "variance", "rank", "consistency")
"""Names of the terms, in the order in which they are reported."""

Margins = Literal["repo", "lca"]
"""Source of the margins: FGReID's published code, or Zhu et al., "Learning Cascade Attention"."""

SHARES = ("smoothing", "beta", "osm_balance")
"""Fields of `LossWeights` that are shares in [0, 1]."""


@dataclass(frozen=True, kw_only=True)
class LossWeights:
    """Weights and parameters of the losses; the defaults are FGReID's published values."""

    smoothing: float = 0.1
    """Share of the identity loss's target that is divided among all identities."""
    triplet_margin: float = 2.0750171830713216e-4
    """Required lead of the hardest positive's cosine over the hardest negative's."""
    beta: float = 0.14033231327559872
    """Weight of online soft mining; the triplet loss has the weight 1 - beta."""
    osm_alpha: float = 2.0708620427781153
    """Distance between directions up to which negatives are pushed apart."""
    osm_sigma: float = 0.1985923780643122
    """Distance between directions at which a positive's weight has fallen to 1 / e."""
    osm_balance: float = 0.483491099945938
    """Share of the negative part in online soft mining; l of the paper."""
    variance: float = 1.136e-4
    """Weight for equation 11 and batches of 8 identities of 4 clips: the authors' 6.818e-4 * 4 / 24. Their code
    divides by 3/4 of the batch's clips, and equation 11 divides by the clips of the identity."""
    center: float = 5e-4
    """Weight of the center loss in the network's gradient; the centers have their own learning rate."""
    consistency: float = 1.0
    consistency_slack: float = 0.005
    """Divergence of the branches that costs nothing, in nats."""
    rank: float = 1.0
    rank_margin: float = 2.0
    """Required lead of the fine branch's probability."""
    rank_satisfaction: float = 1.0
    """Mean probability of the branches at which the rank loss is 0."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value, highest = getattr(self, field.name), 1 if field.name in SHARES else math.inf
            if not (0 <= value <= highest and math.isfinite(value)):
                wanted = "at least 0" if highest == math.inf else f"from 0 to {highest}"
                raise RecipeError(f"the loss weight {field.name} is {value}; give a number {wanted}")
        if 0 in (self.osm_alpha, self.osm_sigma):
            raise RecipeError("osm_alpha and osm_sigma are distances; give numbers above 0")


def with_margins(weights: LossWeights, margins: Margins) -> LossWeights:
    """Return `weights` with the published margins of the rank loss and slack of the consistency loss."""
    satisfaction, margin, slack = {"repo": (1.0, 2.0, 0.005), "lca": (0.7, 0.05, 0.15)}[margins]
    return replace(weights, rank_satisfaction=satisfaction, rank_margin=margin, consistency_slack=slack)

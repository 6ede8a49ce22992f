"""What each term of equation 12 is called and counts; imports no torch, so that recipes are read at once."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Literal

from reid.errors import RecipeError

LOSSES: tuple[str, ...] = ("identity", "triplet", "osm", "center", "variance", "rank", "consistency")
"""The terms, in the order in which they are reported."""

Margins = Literal["repo", "lca"]
"""Whose margins: FGReID's published code, or Zhu et al., "Learning Cascade Attention"."""

SHARES = {"smoothing": 1.0, "beta": 1.0, "osm_balance": 1.0}
"""Fields of `LossWeights` that are parts of a whole, and that whole."""


@dataclass(frozen=True, kw_only=True)
class LossWeights:
    """What each term counts and where it bends; FGReID's published values are the defaults."""

    smoothing: float = 0.1
    """Share of the identity loss's target that all identities divide among them."""
    triplet_margin: float = 2.0750171830713216e-4
    """Cosine by which the hardest positive shall be ahead."""
    beta: float = 0.14033231327559872
    """Weight of online soft mining; the triplet loss has the rest of 1."""
    osm_alpha: float = 2.0708620427781153
    """Distance of directions to which negatives are pushed."""
    osm_sigma: float = 0.1985923780643122
    """Distance of directions over which the weight of positives falls."""
    osm_balance: float = 0.483491099945938
    """Share of the negatives within online soft mining, l of the paper."""
    variance: float = 1.136e-4
    """For equation 11 and batches of 8 identities of 4 clips: the authors' 6.818e-4 * 4 / 24, since their code
    divides by 3/4 of the batch's clips where equation 11 divides by those of the identity."""
    center: float = 5e-4
    """Of the network's part in the center loss; the centers move by a rate of their own."""
    consistency: float = 1.0
    consistency_slack: float = 0.005
    """Divergence of the branches that is free, in nats."""
    rank: float = 1.0
    rank_margin: float = 2.0
    """Probability by which the fine branch shall be ahead."""
    rank_satisfaction: float = 1.0
    """Probability, as the branches' mean, with which the rank loss is content."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value, highest = getattr(self, field.name), SHARES.get(field.name, math.inf)
            if not (0 <= value <= highest and math.isfinite(value)):
                wanted = "at least 0" if highest == math.inf else f"from 0 to {highest:g}"
                raise RecipeError(f"the loss weight {field.name} is {value}; give a number {wanted}")
        if 0 in (self.osm_alpha, self.osm_sigma):
            raise RecipeError("osm_alpha and osm_sigma are distances; give numbers above 0")


def with_margins(weights: LossWeights, margins: Margins) -> LossWeights:
    """Give `weights` the published margins of the rank loss and slack of the consistency loss."""
    satisfaction, margin, slack = {"repo": (1.0, 2.0, 0.005), "lca": (0.7, 0.05, 0.15)}[margins]
    return replace(weights, rank_satisfaction=satisfaction, rank_margin=margin, consistency_slack=slack)

"""Designs of a network, and the variants of the paper's Table 8 by name; imports no torch."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal, get_args, get_type_hints

Scope = Literal["clip", "batch"]
"""Clips over which equation 2 takes its minimum: each clip separately, or the whole batch."""
ChannelWeights = Literal["softmax", "uniform"]
"""Weights of the channels in equation 1: by their mean activation, or equal."""
Queries = Literal["keys", "own"]
"""Queries of the non-local block: its keys, or a projection with separate weights."""


@dataclass(frozen=True)
class Design:
    """The parts of a network; the defaults are FGReID."""

    variant: str = "fgreid"
    """Name in `VARIANTS`."""
    backbone: str = "resnet50"
    """Backbone of both branches: `resnet50`, `efficientnet-lite0`, or a name of timm."""
    backbones: Literal["two", "shared"] = "two"
    heads: Literal["both", "coarse", "fine"] = "both"
    """Branches whose features form the embedding. With `coarse`, there is no fine branch; with `fine`, the
    coarse branch only draws the maps."""
    attention: Literal["coarse", "none"] = "coarse"
    """Source of the attention maps of the fine branch."""
    channel_weights: ChannelWeights = "softmax"
    nonlocal_block: Literal["shared-qk", "kqv", "none"] = "shared-qk"
    reduction: Literal["1x1", "none"] = "1x1"
    """Layer after each backbone: the paper's 1x1 convolution, or none."""
    min_scope: Scope = "clip"
    coarse_start: str = "imagenet"
    """Default source of the coarse backbone's initial weights: `imagenet` or `none`."""
    fine_start: str = "imagenet"
    """The same for the fine backbone; ignored if there is none."""

    def __post_init__(self) -> None:
        hints = get_type_hints(Design)
        for field in fields(self):
            value, allowed = getattr(self, field.name), get_args(hints[field.name])
            if not isinstance(value, str) or (allowed and value not in allowed):
                raise ValueError(
                    f"a network's {field.name} is {value!r}, not one of {', '.join(allowed) or 'text'}"
                )
        if self.heads == "fine" and self.attention == "none":
            raise ValueError(
                "a network with heads = fine needs the coarse branch for attention; give attention = coarse"
            )
        if self.heads != "coarse" and self.reduction == "none":
            raise ValueError(
                "a fine branch needs the reduction, because its non-local block expects reduced features"
            )

    @property
    def branches(self) -> tuple[Literal["coarse", "fine"], ...]:
        """Names of the branches that have a separate backbone."""
        return ("coarse",) if self.heads == "coarse" or self.backbones == "shared" else ("coarse", "fine")

    @property
    def draws_maps(self) -> bool:
        """Whether the network computes attention maps."""
        return self.heads != "coarse" and self.attention == "coarse"


VARIANTS: dict[str, Design] = {
    "fgreid": Design(),
    "fgreid-lite": Design("fgreid-lite", backbone="efficientnet-lite0"),
    "baseline": Design("baseline", fine_start="none"),
    "baseline-1r": Design("baseline-1r", backbones="shared"),
    "no-channel-weights": Design("no-channel-weights", channel_weights="uniform"),
    "no-nonlocal": Design("no-nonlocal", nonlocal_block="none"),
    "kqv": Design("kqv", nonlocal_block="kqv"),
    "global-only": Design("global-only", heads="coarse"),
    "no-global": Design("no-global", heads="fine"),
    "no-attention": Design("no-attention", attention="none"),
    "temporal-pooling": Design("temporal-pooling", heads="coarse", reduction="none"),
}
"""The rows of Table 8, FGReID on light backbones (section 5.2), and the temporal-pooling ResNet-50 of Pathak et
al. [31]. The trained backbone of the latter is CNN_MARS, the initial fine backbone of FGReID."""


def with_backbone(design: Design, name: str) -> Design:
    """Return a design with another backbone in every branch."""
    return replace(design, backbone=name)

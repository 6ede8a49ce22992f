"""Designs: what a network is made of, and the variants of the paper's Table 8 by name; imports no torch."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal, get_args, get_type_hints

Scope = Literal["clip", "batch"]
"""Over what equation 2 takes its minimum: each clip by itself, or all clips computed together."""
ChannelWeights = Literal["softmax", "uniform"]
"""How equation 1 weighs the channels: by how strongly they answer, or all alike."""
Queries = Literal["keys", "own"]
"""What the non-local block compares with its keys: the keys themselves, or queries with weights of their own."""


@dataclass(frozen=True)
class Design:
    """What a network is made of; the defaults are FGReID."""

    variant: str = "fgreid"
    """Name in `VARIANTS`."""
    backbone: str = "resnet50"
    """Name of every branch's backbone: `resnet50`, `efficientnet-lite0`, or any of timm."""
    backbones: Literal["two", "shared"] = "two"
    heads: Literal["both", "coarse", "fine"] = "both"
    """Which branches are part of the embedding. Without the fine one nothing of it is left; without the
    coarse one, the coarse branch only draws the maps."""
    attention: Literal["coarse", "none"] = "coarse"
    """Who tells the fine branch where to look: the coarse branch, or nobody."""
    channel_weights: ChannelWeights = "softmax"
    nonlocal_block: Literal["shared-qk", "kqv", "none"] = "shared-qk"
    reduction: Literal["1x1", "none"] = "1x1"
    """What follows each backbone: the paper's 1x1 convolution, or nothing."""
    min_scope: Scope = "clip"
    coarse_start: str = "imagenet"
    """Where the coarse backbone's weights come from if nothing else is asked for: `imagenet` or `none`."""
    fine_start: str = "imagenet"
    """The same of the fine backbone; means nothing where there is none."""

    def __post_init__(self) -> None:
        hints = get_type_hints(Design)
        for field in fields(self):
            value, known = getattr(self, field.name), get_args(hints[field.name])
            if not isinstance(value, str) or (known and value not in known):
                raise ValueError(
                    f"a network's {field.name} is {value!r}, not one of {', '.join(known) or 'text'}"
                )
        if self.heads == "fine" and self.attention == "none":
            raise ValueError("a fine branch alone needs the coarse one for attention, or has one too many")
        if self.heads != "coarse" and self.reduction == "none":
            raise ValueError("a fine branch needs the reduction, to which its non-local block is made")

    @property
    def branches(self) -> tuple[Literal["coarse", "fine"], ...]:
        """Branches that have a backbone of their own."""
        return ("coarse",) if self.heads == "coarse" or self.backbones == "shared" else ("coarse", "fine")

    @property
    def draws_maps(self) -> bool:
        """Whether there is attention to look at."""
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
al. [31], whose trained backbone is the CNN_MARS that FGReID's fine branch starts from."""


def with_backbone(design: Design, name: str) -> Design:
    """Give every branch of a design another backbone."""
    return replace(design, backbone=name)

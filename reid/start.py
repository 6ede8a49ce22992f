"""Start: where a network's weights come from before it is trained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from reid.checkpoints import fill_backbone, read_state
from reid.errors import CheckpointError, RecipeError
from reid.imagenet import imagenet_state
from reid.model.design import Design
from reid.model.network import Network, build
from reid.weights import resolve


def start(
    design: Design, identities: int, *, coarse: str | None = None, fine: str | None = None, seed: int
) -> Network:
    """Build a network whose backbones start from what is asked for, and all else from random weights.

    Args:
        design: what it is made of.
        identities: number of classes of the classifier.
        coarse: `imagenet`, `none` or a file for the coarse backbone; None takes the design's own choice.
        fine: the same for the fine backbone. A file is an FGReID checkpoint, whose fine backbone is
            taken, one of temporal pooling, or a classifier's state by torchvision's or timm's names.
        seed: decides all weights that are random.

    Raises:
        CheckpointError: weights cannot be had, or are of another backbone.
        RecipeError: the design has no fine backbone to start.
    """
    network = build(design, identities, seed=seed)
    if fine is not None and "fine" not in design.branches:
        raise RecipeError(
            f"{design.variant} has a single backbone; leave out --fine-weights and say where its coarse branch starts"
        )
    wanted = {"coarse": coarse or design.coarse_start, "fine": fine or design.fine_start}
    for branch, backbone in network.backbones().items():
        _start(backbone, wanted[branch], design.backbone)
    return network


def init_from(network: Network, path: Path) -> tuple[str, ...]:
    """Load a whole trained network, but for what differs in shape or name; FGReID* of the paper.

    Args:
        network: changed in place; what the file does not fit stays as it was.
        path: a checkpoint, usually of other identities.

    Returns:
        Names that were skipped, in the network or in the file, sorted; usually the classifier's alone.

    Raises:
        CheckpointError: the file cannot be read, or is of another backbone or nothing at all fits.
    """
    backbone, found = resolve(path, seed=0).design.backbone, read_state(path)
    if backbone != network.design.backbone:
        raise CheckpointError(
            f"{path}: is a network on {backbone}, not {network.design.backbone}; name another file"
        )
    own = network.state_dict()
    fitting = {
        name: found[name] for name in own.keys() & found.keys() if own[name].shape == found[name].shape
    }
    if not any(name.endswith(".weight") for name in fitting):
        raise CheckpointError(f"{path}: nothing in it fits {network.design.variant}; name another file")
    network.load_state_dict(fitting, strict=False)
    return tuple(sorted((own.keys() | found.keys()) - fitting.keys()))


def _start(backbone: nn.Module, source: str, name: str) -> None:
    if source == "none":
        return
    if source == "imagenet":
        fill_backbone(backbone, *imagenet_state(name))
        return
    path = Path(source)
    resolve(path, seed=0)  # refuses what cannot be read or is no weights file
    fill_backbone(backbone, _trunk(read_state(path)), path)


def _trunk(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Take the one backbone out of a state that is worth starting from."""
    for prefix in ("fine_backbone.", "coarse_backbone.", "base."):
        inside = {
            name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)
        }
        if inside:
            return inside
    return dict(state)

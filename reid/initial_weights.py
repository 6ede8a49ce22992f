"""Initial weights of a network that is to be trained."""

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


def initial_network(
    design: Design, identities: int, *, coarse: str | None = None, fine: str | None = None, seed: int
) -> Network:
    """Return a network with pre-trained backbones and otherwise random weights.

    Args:
        design: design of the network.
        identities: number of classes of the classifier.
        coarse: `imagenet`, `none` or a file for the coarse backbone; None selects the design's default.
        fine: the same for the fine backbone. A file is an FGReID checkpoint, of which the fine backbone is
            used, a temporal-pooling checkpoint, or a classifier with torchvision's or timm's names.
        seed: seed of the random weights.

    Raises:
        CheckpointError: weights are not available, or are those of another backbone.
        RecipeError: `fine` is given, and the design has no fine backbone.
    """
    network = build(design, identities, seed=seed)
    if fine is not None and "fine" not in design.branches:
        raise RecipeError(
            f"{design.variant} has a single backbone; leave out --fine-weights, and give --coarse-weights only"
        )
    sources = {"coarse": coarse or design.coarse_start, "fine": fine or design.fine_start}
    for branch, backbone in network.backbones().items():
        _load_backbone(backbone, sources[branch], design.backbone)
    return network


def load_fitting_tensors(network: Network, path: Path) -> tuple[str, ...]:
    """Load all tensors of a trained network that fit by name and shape, as FGReID* of the paper does.

    Args:
        network: modified in place; tensors that the file does not provide stay as they are.
        path: a checkpoint, usually trained on other identities.

    Returns:
        Sorted names of the network or the file that were skipped; usually the classifier's only.

    Raises:
        CheckpointError: the file cannot be read, has another backbone, or no weight fits.
    """
    backbone, state = resolve(path, seed=0).design.backbone, read_state(path)
    if backbone != network.design.backbone:
        raise CheckpointError(
            f"{path}: is a network on {backbone}, not {network.design.backbone}; name another file"
        )
    current = network.state_dict()
    shared = current.keys() & state.keys()
    fitting = {name: state[name] for name in shared if current[name].shape == state[name].shape}
    if not any(name.endswith(".weight") for name in fitting):
        raise CheckpointError(f"{path}: no weight fits {network.design.variant}; name another file")
    network.load_state_dict(fitting, strict=False)
    return tuple(sorted((current.keys() | state.keys()) - fitting.keys()))


def _load_backbone(backbone: nn.Module, source: str, name: str) -> None:
    if source == "none":
        return
    if source == "imagenet":
        state, path = imagenet_state(name)
        fill_backbone(backbone, state, path)
        return
    path = Path(source)
    resolve(path, seed=0)  # raises an error if the file cannot be read or is no weights file
    fill_backbone(backbone, _backbone_state(read_state(path)), path)


def _backbone_state(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the state of the best backbone in a network's state, or the state itself if it has none."""
    for prefix in ("fine_backbone.", "coarse_backbone.", "base."):
        names = [name for name in state if name.startswith(prefix)]
        if names:
            return {name.removeprefix(prefix): state[name] for name in names}
    return dict(state)

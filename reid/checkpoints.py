"""Checkpoints: networks from files, and networks to files."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialise
from torch import Tensor, nn

from reid.errors import CheckpointError
from reid.files import replacing
from reid.model.design import Design
from reid.model.network import Network, build
from reid.weights import SIZE, Weights, describe, sha256

TRAINING = "training/"
"""What names begin with whose tensors belong to a training, not to its network."""
LAST_LAYERS = ("fc.", "classifier.", "head.")
"""What the layers are called that turn a public network's features into classes."""
NOTHING: Mapping[str, Tensor] = MappingProxyType({})
NO_WORDS: Mapping[str, str] = MappingProxyType({})
DAMAGE = (
    *(SafetensorError, OSError, EOFError, RuntimeError, LookupError, ValueError, TypeError),
    *(AttributeError, AssertionError, ArithmeticError, struct.error),
)
"""What reading a damaged file may raise; torch promises nothing, and thousands of damaged copies gave most of these."""


def load(weights: Weights) -> Network:
    """Build the network that `weights` describe, on the CPU, in evaluation mode.

    Raises:
        CheckpointError: the file is damaged, holds code or another network, or is not what it was
            when `weights` were resolved.
        RecipeError: the file names a backbone that is not known here.
    """
    if weights.path is None:
        return build(weights.design, 1, seed=weights.seed).eval()
    if sha256(weights.path) != weights.sha256:
        raise CheckpointError(f"{weights.path}: the file changed while the run was starting; start it again")
    state = read_state(weights.path)
    if weights.trusted:
        return _trained(weights.design, state, weights.path)
    network = build(weights.design, 1, seed=weights.seed).eval()
    for backbone in network.backbones().values():
        fill_backbone(backbone, state, weights.path)
    return network


def read_state(path: Path) -> dict[str, Tensor]:
    """Read the named tensors of a .safetensors, .pt or .pth file; no code in it is ever run.

    Of a .pt or .pth file the state dict may be all, or lie under "state_dict" or "model", and names
    may begin with "module.", as training on several devices leaves them.
    """
    try:
        if path.suffix == ".safetensors":
            return dict(_safe(path, training=False))
        found = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path}: damaged, or holds code beside its weights, which is never run; save its state_dict alone"
        ) from error
    except DAMAGE as error:
        raise CheckpointError(f"{path}: damaged or cut short; copy or save it again") from error
    return _tensors(found, path)


def read_training(path: Path) -> dict[str, Tensor]:
    """Read the `extra` tensors that `save` put beside a network, by the names given then.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    try:
        return {name.removeprefix(TRAINING): tensor for name, tensor in _safe(path, training=True)}
    except DAMAGE as error:
        raise CheckpointError(f"{path}: missing, damaged or cut short; copy or save it again") from error


def save(
    network: Network,
    path: Path,
    *,
    size: tuple[int, int] = SIZE,
    extra: Mapping[str, Tensor] = NOTHING,
    about: Mapping[str, str] = NO_WORDS,
    dtype: torch.dtype = torch.float32,
) -> None:
    """Write a network to a .safetensors file, whole or not at all.

    Args:
        network: any network, on any device.
        path: the file, replaced if there.
        size: height and width in pixels of the crops it was trained on.
        extra: whatever a training needs to go on; kept as it is, and overlooked by `load`.
        about: more to say of it, for `reid.weights.read_header`.
        dtype: in which the network's numbers are kept; half precision halves the file.

    Raises:
        CheckpointError: the file cannot be written, or a weight is too large for `dtype`.
    """
    state = {name: _stored(tensor, dtype, path) for name, tensor in network.state_dict().items()}
    state |= {f"{TRAINING}{name}": tensor.detach().cpu().contiguous() for name, tensor in extra.items()}
    words = describe(network.design, size, network.identities, about)
    try:
        with replacing(path) as partial:
            partial.write_bytes(serialise(state, {"network": words}))
    except OSError as error:
        raise CheckpointError(
            f"{path}: cannot write this checkpoint ({error}); is there such a folder, with room?"
        ) from error


def fill_backbone(backbone: nn.Module, state: Mapping[str, Tensor], path: Path) -> None:
    """Load the weights of a whole classifier into a backbone, but for its last layer.

    Raises:
        CheckpointError: they are not of this backbone.
    """
    own = backbone.state_dict()
    trunk = {
        name: tensor for name, tensor in state.items() if name in own or not name.startswith(LAST_LAYERS)
    }
    check(backbone, trunk, path)
    backbone.load_state_dict(trunk)


def check(network: nn.Module, state: Mapping[str, Tensor], path: Path) -> None:
    """Refuse tensors of another network, naming the first that does not fit."""
    expected = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in state.items()}
    for name in (*expected, *found):
        if expected.get(name) != found.get(name):
            difference = f"{name} is {found.get(name, 'missing')}, expected {expected.get(name, 'none')}"
            what = network.design.variant if isinstance(network, Network) else "this backbone"
            raise CheckpointError(f"{path}: not weights of {what}: {difference}; name another file")


def _safe(path: Path, *, training: bool) -> Iterator[tuple[str, Tensor]]:
    """Read those tensors of a .safetensors file that belong to a training, or those that do not."""
    with safe_open(path, framework="pt") as file:
        for name in file.keys():  # noqa: SIM118 (no mapping)
            if name.startswith(TRAINING) == training:
                yield name, file.get_tensor(name)


def _stored(tensor: Tensor, dtype: torch.dtype, path: Path) -> Tensor:
    kept = tensor.detach().cpu().contiguous()
    if not kept.is_floating_point():
        return kept
    stored = kept.to(dtype)
    if stored.isfinite().all() != kept.isfinite().all():
        raise CheckpointError(f"{path}: a weight is too large for {dtype}; save it in float32")
    return stored


def _tensors(found: object, path: Path) -> dict[str, Tensor]:
    """Unpack a state dict from what people wrap around it."""
    for wrapping in ("state_dict", "model"):
        if isinstance(found, Mapping) and isinstance(found.get(wrapping), Mapping):
            found = found[wrapping]
    if not isinstance(found, Mapping) or not all(isinstance(value, Tensor) for value in found.values()):
        raise CheckpointError(
            f"{path}: holds no state dict, only {type(found).__name__}; save the network's state_dict"
        )
    return {str(name).removeprefix("module."): tensor for name, tensor in found.items()}


def _trained(design: Design, state: dict[str, Tensor], path: Path) -> Network:
    """Build the network around a file's tensors; nothing is initialised only to be overwritten."""
    classifier = state.get("classifier.weight")
    with torch.device("meta"):
        network = build(design, len(classifier) if classifier is not None and classifier.ndim else 1)
    check(network, state, path)
    network.load_state_dict(state, assign=True)
    return network.float().eval()

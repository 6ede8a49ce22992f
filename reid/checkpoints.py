"""Reading and writing of network checkpoints."""

from __future__ import annotations

import codecs
import pickle
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialise
from torch import Tensor, nn

from reid.errors import CheckpointError
from reid.files import replacing, sha256
from reid.model.design import Design
from reid.model.network import Network, build
from reid.weights import SIZE, Weights, describe_weights

TRAINING = "training/"
"""Prefix of the names of tensors that belong to a training and not to its network."""
WRAPPERS = ("state_dict", "model", "net", "network", "model_state_dict", "state_dict_ema", "model_ema", "ema")
"""Keys under which programs store a state dict."""
PREFIXES = ("module.", "model.", "net.", "network.")
"""Prefixes that programs put before the names of all tensors."""
LAST_LAYERS = ("fc.", "classifier.", "head.", "heads.")
"""Prefixes of the layers that turn a public network's features into classes."""
MAKERS: tuple[Any, ...] = np.float64(0).__reduce__()[0], np.empty(0).__reduce__()[0]
"""Functions that make a number and an array of NumPy, whose module has another name since NumPy 2."""
NUMPY: list[Any] = [
    *((make, f"numpy.{core}.multiarray.{make.__name__}") for core in ("core", "_core") for make in MAKERS),
    np.ndarray,
    np.dtype,
    *(kind for kind in vars(np.dtypes).values() if isinstance(kind, type)),
    codecs.encode,
]
"""What NumPy numbers in a file are made of: data, and no code."""
DAMAGE = (
    SafetensorError,
    OSError,
    EOFError,
    RuntimeError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    struct.error,
)
"""Exceptions from reading a damaged file; torch documents none, and thousands of damaged copies raised most of them."""


def load_network(weights: Weights) -> Network:
    """Return the network that `weights` describe, on the CPU, in evaluation mode.

    Raises:
        CheckpointError: the file is damaged, contains code or another network, or has changed since
            `weights` were resolved.
        RecipeError: the file names an unknown backbone.
    """
    if weights.path is None:
        return build(weights.design, 1, seed=weights.seed).eval()
    if sha256(weights.path) != weights.sha256:
        raise CheckpointError(f"{weights.path}: the file changed while the run was starting; start it again")
    state = read_state(weights.path)
    if weights.trusted:
        return _trained_network(weights.design, state, weights.path)
    network = build(weights.design, 1, seed=weights.seed).eval()
    for backbone in network.backbones().values():
        fill_backbone(backbone, state, weights.path)
    return network


def read_state(path: Path) -> dict[str, Tensor]:
    """Return the named tensors of a .safetensors file, or of a file of torch.save with any other ending.

    Code in the file is never run. The state dict is the whole content, or lies under a key, of which those of `WRAPPERS`
    come first. What else lies beside it, such as NumPy numbers, is not used. Prefixes of all names, such as "module."
    from training on several devices, are removed.

    Raises:
        CheckpointError: the file is damaged, contains code, or has no state dict.
    """
    try:
        if path.suffix == ".safetensors":
            return dict(_read_safetensors(path, training=False))
        with torch.serialization.safe_globals(NUMPY):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path}: damaged, or contains code in addition to weights, which is never run; save its state_dict alone"
        ) from error
    except DAMAGE as error:
        raise CheckpointError(
            f"{path}: no PyTorch file, damaged or cut short; copy or save it again"
        ) from error
    return _unpack_state(content, path)


def read_training(path: Path) -> dict[str, Tensor]:
    """Return the `extra` tensors that `save_checkpoint` wrote, by their names.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    try:
        tensors = _read_safetensors(path, training=True)
        return {name.removeprefix(TRAINING): tensor for name, tensor in tensors}
    except DAMAGE as error:
        raise CheckpointError(f"{path}: missing, damaged or cut short; copy or save it again") from error


def save_checkpoint(
    network: Network,
    path: Path,
    *,
    size: tuple[int, int] = SIZE,
    extra: Mapping[str, Tensor] | None = None,
    about: Mapping[str, str] | None = None,
    dtype: torch.dtype = torch.float32,
) -> None:
    """Write a network to a .safetensors file, completely or not at all.

    Args:
        network: any network, on any device.
        path: the file; an existing file is replaced.
        size: height and width in pixels of the crops it was trained on.
        extra: tensors to resume a training from, saved in their own type; `load_network` ignores them.
        about: further entries of the header; see `reid.weights.read_safetensors_header`.
        dtype: type of the saved floating-point weights; half precision halves the file.

    Raises:
        CheckpointError: the file cannot be written, or a weight is too large for `dtype`.
    """
    state = {name: _convert(tensor, dtype, path) for name, tensor in network.state_dict().items()}
    state |= {
        f"{TRAINING}{name}": tensor.detach().cpu().contiguous() for name, tensor in (extra or {}).items()
    }
    header = describe_weights(network.design, size, network.identities, about or {})
    try:
        with replacing(path) as temporary:
            temporary.write_bytes(serialise(state, {"network": header}))
    except OSError as error:
        raise CheckpointError(
            f"{path}: cannot write this checkpoint ({error}); check that the folder exists and the disk has room"
        ) from error


def fill_backbone(backbone: nn.Module, state: Mapping[str, Tensor], path: Path) -> None:
    """Load the weights of a classifier into a backbone, without its last layer.

    Raises:
        CheckpointError: the weights are those of another backbone.
    """
    names = backbone.state_dict().keys()
    if not any(name in names for name in state):  # FastReID's names
        state = {name.removeprefix("backbone."): tensor for name, tensor in state.items()}
    trunk = {name: state[name] for name in state if name in names or not name.startswith(LAST_LAYERS)}
    check_tensors(backbone, trunk, path)
    backbone.load_state_dict(trunk)


def check_tensors(network: nn.Module, state: Mapping[str, Tensor], path: Path) -> None:
    """Raise an error if the tensors do not fit the network.

    Raises:
        CheckpointError: the message names the first tensor that is missing, unexpected or of another shape.
    """
    expected = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    shapes = {name: tuple(tensor.shape) for name, tensor in state.items()}
    for name in (*expected, *shapes):
        if expected.get(name) != shapes.get(name):
            difference = f"{name} is {shapes.get(name, 'missing')}, expected {expected.get(name, 'none')}"
            target = network.design.variant if isinstance(network, Network) else "this backbone"
            raise CheckpointError(f"{path}: not weights of {target}: {difference}; name another file")


def _read_safetensors(path: Path, *, training: bool) -> Iterator[tuple[str, Tensor]]:
    """Yield the tensors of a .safetensors file that belong to a training, or those that do not."""
    with safe_open(path, framework="pt") as file:
        for name in file.keys():  # noqa: SIM118 (no mapping)
            if name.startswith(TRAINING) == training:
                yield name, file.get_tensor(name)


def _convert(tensor: Tensor, dtype: torch.dtype, path: Path) -> Tensor:
    """Return a floating-point tensor in `dtype`, and any other tensor as it is, on the CPU."""
    original = tensor.detach().cpu().contiguous()
    if not original.is_floating_point():
        return original
    converted = original.to(dtype)
    if converted.isfinite().all() != original.isfinite().all():
        raise CheckpointError(f"{path}: a weight is too large for {dtype}; save it in float32")
    return converted


def _unpack_state(content: object, path: Path) -> dict[str, Tensor]:
    """Return the state dict inside the usual wrappers."""
    if isinstance(content, Mapping):
        inside = {
            key: value for key, value in content.items() if isinstance(value, Mapping) and _is_state(value)
        }
        content = next((inside[key] for key in (*WRAPPERS, *inside) if key in inside), content)
    if not isinstance(content, Mapping) or not _is_state(content):
        found = type(content).__name__
        if isinstance(content, Mapping):
            found = f"the keys {', '.join(map(str, list(content)[:10]))}"
        raise CheckpointError(f"{path}: holds no state dict, only {found}; save the network's state_dict")
    state = {str(name): tensor for name, tensor in content.items()}
    while prefix := next(
        (prefix for prefix in PREFIXES if all(name.startswith(prefix) for name in state)), None
    ):
        state = {name.removeprefix(prefix): tensor for name, tensor in state.items()}
    return state


def _is_state(values: Mapping[object, object]) -> bool:
    return bool(values) and all(isinstance(value, Tensor) for value in values.values())


def _trained_network(design: Design, state: dict[str, Tensor], path: Path) -> Network:
    """Return a network that consists of a file's tensors; no weights are initialised and then overwritten."""
    classifier = state.get("classifier.weight")
    identities = len(classifier) if classifier is not None and classifier.ndim else 1
    with torch.device("meta"):
        network = build(design, identities)
    check_tensors(network, state, path)
    network.load_state_dict(state, assign=True)
    return network.float().eval()

"""Checkpoints: networks from files, and networks to files."""

from __future__ import annotations

import os
import pickle
import struct
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as serialise
from torch import Tensor, nn

from reid.errors import CheckpointError
from reid.model.fgreid import FGReID
from reid.weights import SIZE, Weights, sha256

DAMAGE = (
    *(SafetensorError, OSError, EOFError, RuntimeError, LookupError, ValueError, TypeError),
    *(AttributeError, AssertionError, ArithmeticError, struct.error),
)
"""What reading a damaged file may raise; torch promises nothing, and thousands of damaged copies gave most of these."""


def load(weights: Weights) -> FGReID:
    """Build the network that `weights` describe, on the CPU, in evaluation mode.

    Raises:
        CheckpointError: the file is damaged, holds code or another network, or is not what it was
            when `weights` were resolved.
    """
    if weights.path is None:
        return untrained(weights.seed)
    if sha256(weights.path) != weights.sha256:
        raise CheckpointError(f"{weights.path}: the file changed while the run was starting; start it again")
    state = read_state(weights.path)
    return _trained(state, weights.path) if weights.trusted else _imagenet(state, weights)


def untrained(seed: int, identities: int = 1) -> FGReID:
    """Build a network of random weights; the same seed gives the same weights and touches no other randomness."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return FGReID(identities).eval()


def read_state(path: Path) -> dict[str, Tensor]:
    """Read the named tensors of a .safetensors, .pt or .pth file; no code in it is ever run.

    Of a .pt or .pth file the state dict may be all, or lie under "state_dict" or "model", and names
    may begin with "module.", as training on several devices leaves them.
    """
    try:
        found = (
            load_file(path)
            if path.suffix == ".safetensors"
            else torch.load(path, map_location="cpu", weights_only=True)
        )
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path}: damaged, or holds code beside its weights, which is never run; save its state_dict alone"
        ) from error
    except DAMAGE as error:
        raise CheckpointError(f"{path}: damaged or cut short; copy or save it again") from error
    return _tensors(found, path)


def save(network: FGReID, path: Path, *, size: tuple[int, int] = SIZE) -> None:
    """Write a network to a .safetensors file, whole or not at all.

    Args:
        network: any FGReID, on any device.
        path: the file, replaced if there.
        size: height and width in pixels of the crops it was trained on.

    Raises:
        CheckpointError: the file cannot be written.
    """
    about = f"FGReID {size[0]}x{size[1]}, {network.classifier.out_features} identities"
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(serialise(state, {"network": about}))  # one entry: several are written in random order
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise CheckpointError(
            f"{path}: cannot write this checkpoint ({error}); is there such a folder, with room?"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


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


def _trained(state: dict[str, Tensor], path: Path) -> FGReID:
    """Build the network around a file's tensors; nothing is initialised only to be overwritten."""
    classifier = state.get("classifier.weight")
    with torch.device("meta"):
        network = FGReID(len(classifier) if classifier is not None and classifier.ndim else 1)
    _check(network, state, path)
    network.load_state_dict(state, assign=True)
    return network.float().eval()


def _imagenet(state: dict[str, Tensor], weights: Weights) -> FGReID:
    """Build a network whose two backbones know ImageNet and whose other weights are random."""
    network = untrained(weights.seed)
    trunk = {name: tensor for name, tensor in state.items() if not name.startswith("fc.")}
    for backbone in (network.coarse_backbone, network.fine_backbone):
        _check(backbone, trunk, weights.path)
        backbone.load_state_dict(trunk)
    return network


def _check(network: nn.Module, state: Mapping[str, Tensor], path: Path | None) -> None:
    """Refuse tensors of another network, naming the first that does not fit."""
    expected = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in state.items()}
    for name in (*expected, *found):
        if expected.get(name) != found.get(name):
            difference = f"{name} is {found.get(name, 'missing')}, expected {expected.get(name, 'none')}"
            raise CheckpointError(
                f"{path}: not weights of {type(network).__name__}: {difference}; name another file"
            )

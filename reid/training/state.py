"""The state of a training: everything the next step depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from reid.checkpoints import read_state, read_training, save_checkpoint
from reid.errors import CheckpointError
from reid.losses.center import Centers
from reid.model.network import Network
from reid.recipes import Recipe

MOMENTS = ("step", "exp_avg", "exp_avg_sq")
"""State that Adam keeps for each parameter."""


@dataclass
class State:
    """A network in training; random numbers depend on seed and step only, so no generator is part of the state."""

    network: Network
    optimiser: torch.optim.Adam
    centers: Centers
    scaler: torch.amp.GradScaler
    step: int = 0
    """Number of finished steps."""
    best: float = -1.0
    """Highest mAP on the validation split so far."""

    @classmethod
    def of(cls, network: Network, recipe: Recipe, *, half: bool) -> State:
        """Return the state before the first step, of a network on its device.

        The training changes the network in place. With `half`, gradients are scaled, as fp16 needs.
        """
        network.train().to(memory_format=torch.channels_last)
        device = next(network.parameters()).device
        fused, decay = device.type == "cuda", recipe.weight_decay
        optimiser = torch.optim.Adam(network.parameters(), lr=recipe.rate, weight_decay=decay, fused=fused)
        centers = Centers(network.identities, network.dimensions, seed=recipe.seed).to(device)
        return cls(network, optimiser, centers, torch.amp.GradScaler(device.type, enabled=half))

    def save(self, path: Path, *, size: tuple[int, int], about: Mapping[str, str]) -> None:
        """Write a checkpoint to resume from; it can also be used as weights.

        Raises:
            CheckpointError: the checkpoint cannot be written.
        """
        scaler = self.scaler.state_dict()
        scale, tracker = scaler.get("scale", 1.0), scaler.get("_growth_tracker", 0)
        extra = {
            **_moments(self.optimiser, self.network),
            "centers": self.centers.weight,
            "scaler": torch.tensor([scale, tracker], dtype=torch.float64),
            "step": torch.tensor(self.step),
            "best": torch.tensor(self.best, dtype=torch.float64),
        }
        save_checkpoint(self.network, path, size=size, extra=extra, about=about)

    def restore(self, path: Path) -> None:
        """Load the state from a checkpoint.

        Raises:
            CheckpointError: the checkpoint is damaged or belongs to another network.
        """
        tensors = read_training(path)
        try:
            self.network.load_state_dict(read_state(path))
            self.centers.weight.copy_(tensors["centers"])
            self.step, self.best = int(tensors["step"]), float(tensors["best"])
            _restore_moments(self.optimiser, self.network, tensors)
            if self.scaler.is_enabled():
                scale, tracker = tensors["scaler"].tolist()
                current = self.scaler.state_dict()
                self.scaler.load_state_dict({**current, "scale": scale, "_growth_tracker": int(tracker)})
        except (KeyError, RuntimeError) as error:
            raise CheckpointError(
                f"{path}: cannot resume from this checkpoint ({error}); start a new training with --out"
            ) from error


def _moments(optimiser: torch.optim.Adam, network: nn.Module) -> dict[str, Tensor]:
    """Return the optimiser's state, named after the parameters."""
    return {
        f"adam/{moment}/{name}": optimiser.state[parameter][moment]
        for name, parameter in network.named_parameters()
        for moment in MOMENTS
        if parameter in optimiser.state
    }


def _restore_moments(optimiser: torch.optim.Adam, network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Load the optimiser's state; parameters that never had a gradient have none."""
    states: dict[int, dict[str, Tensor]] = {}
    for index, (name, parameter) in enumerate(network.named_parameters()):
        if f"adam/step/{name}" not in tensors:
            continue
        state = {moment: tensors[f"adam/{moment}/{name}"] for moment in MOMENTS}
        for moment in ("exp_avg", "exp_avg_sq"):  # in the memory layout of the parameter
            state[moment] = torch.empty_like(parameter).copy_(state[moment])
        states[index] = state
    optimiser.load_state_dict({**optimiser.state_dict(), "state": states})

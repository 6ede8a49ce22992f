"""The state of a training: everything that the next step depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from reid.checkpoints import read_state, read_training, save
from reid.errors import CheckpointError
from reid.losses.center import Centers
from reid.model.network import Network
from reid.recipes import Recipe

MOMENTS = ("step", "exp_avg", "exp_avg_sq")
"""What Adam remembers of a parameter."""


@dataclass
class State:
    """A network in training. All randomness follows from the seed and the step, so no generator is part of it."""

    network: Network
    optimiser: torch.optim.Adam
    centers: Centers
    scaler: torch.amp.GradScaler
    step: int = 0
    """Steps done."""
    best: float = -1.0
    """Highest mAP on the validation split so far."""

    @classmethod
    def of(cls, network: Network, recipe: Recipe, *, half: bool) -> State:
        """Make the state before the first step.

        Args:
            network: on its device; changed in place from now on.
            recipe: learning rate, decay and seed.
            half: whether gradients are scaled up, as half precision needs.
        """
        network.train().to(memory_format=torch.channels_last)
        device = next(network.parameters()).device
        optimiser = torch.optim.Adam(
            network.parameters(),
            lr=recipe.rate,
            weight_decay=recipe.weight_decay,
            fused=device.type == "cuda",
        )
        centers = Centers(network.identities, network.dimensions, seed=recipe.seed).to(device)
        return cls(network, optimiser, centers, torch.amp.GradScaler(device.type, enabled=half))

    def save(self, path: Path, *, size: tuple[int, int], about: Mapping[str, str]) -> None:
        """Write a checkpoint to go on from, which any user of weights can read too.

        Raises:
            CheckpointError: it cannot be written.
        """
        scaler = self.scaler.state_dict()
        extra = {
            **_moments(self.optimiser, self.network),
            "centers": self.centers.weight,
            "scaler": torch.tensor(
                [scaler.get("scale", 1.0), scaler.get("_growth_tracker", 0)], dtype=torch.float64
            ),
            "step": torch.tensor(self.step),
            "best": torch.tensor(self.best, dtype=torch.float64),
        }
        save(self.network, path, size=size, extra=extra, about=about)

    def restore(self, path: Path) -> None:
        """Become the state that a checkpoint holds.

        Raises:
            CheckpointError: it is damaged or another network's.
        """
        kept = read_training(path)
        try:
            self.network.load_state_dict(read_state(path))
            self.centers.weight.copy_(kept["centers"])
            self.step, self.best = int(kept["step"]), float(kept["best"])
            _restore_moments(self.optimiser, self.network, kept)
            if self.scaler.is_enabled():
                scale, tracker = kept["scaler"].tolist()
                current = self.scaler.state_dict()
                self.scaler.load_state_dict({**current, "scale": scale, "_growth_tracker": int(tracker)})
        except (KeyError, RuntimeError) as error:
            raise CheckpointError(
                f"{path}: no training can go on from it ({error}); start another with --out"
            ) from error


def _moments(optimiser: torch.optim.Adam, network: nn.Module) -> dict[str, Tensor]:
    """Name what the optimiser remembers by its parameters."""
    return {
        f"adam/{moment}/{name}": optimiser.state[parameter][moment]
        for name, parameter in network.named_parameters()
        for moment in MOMENTS
        if parameter in optimiser.state
    }


def _restore_moments(optimiser: torch.optim.Adam, network: nn.Module, kept: Mapping[str, Tensor]) -> None:
    """Give the optimiser its memory back; parameters that never had a gradient have none."""
    memory = {
        place: {
            moment: torch.empty_like(parameter).copy_(value)
            if value.ndim
            else value  # laid out as the parameter
            for moment in MOMENTS
            for value in [kept[f"adam/{moment}/{name}"]]
        }
        for place, (name, parameter) in enumerate(network.named_parameters())
        if f"adam/step/{name}" in kept
    }
    optimiser.load_state_dict({**optimiser.state_dict(), "state": memory})

"""Distributed: several processes that train as one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel

from reid.embedder import choose_device
from reid.model.network import Output

PATIENCE = timedelta(hours=2)
"""For how long processes wait for the one that validates."""


@dataclass(frozen=True)
class Group:
    """The processes that train together, and which of them this one is."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes the files and speaks to the operator."""
        return self.rank == 0


def of_torchrun() -> Group:
    """Read off the environment how many processes torchrun started; one without torchrun."""
    return Group(int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1")))


def own_device(name: str | None, group: Group) -> torch.device:
    """Choose this process's device: the one named or the best there is, and where several train, one GPU each.

    Raises:
        ReidError: it cannot be used.
    """
    if group.size > 1 and name in (None, "cuda") and torch.cuda.is_available():
        name = f"cuda:{os.environ.get('LOCAL_RANK', group.rank)}"
    return choose_device(name)


@contextmanager
def process_group(group: Group, device: torch.device) -> Iterator[None]:
    """Connect the processes for a while: NCCL between GPUs, gloo between CPUs."""
    if group.size > 1:
        if device.type == "cuda":
            torch.cuda.set_device(device)
        backend = "nccl" if device.type == "cuda" else "gloo"
        dist.init_process_group(backend, timeout=PATIENCE)
    try:
        yield
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()


def wait(group: Group) -> None:
    """Wait until all processes have come this far."""
    if group.size > 1:
        dist.barrier()


def replicate(network: nn.Module, group: Group, *, some_unused: bool) -> nn.Module:
    """Make a network whose gradients and batch statistics are those of all processes' clips.

    Args:
        network: on its device, alike in all processes.
        group: the processes.
        some_unused: whether parts of the network may have no influence on the loss.
    """
    if group.size == 1:
        return network
    device = next(network.parameters()).device
    synchronise_norms(network)
    return DistributedDataParallel(
        network,
        device_ids=[device] if device.type == "cuda" else None,
        find_unused_parameters=some_unused,
    )


def gather(output: Output, group: Group) -> Output:
    """Put the outputs of all processes together, in order; gradients flow back to whom they belong.

    Each process computes the loss of the whole batch, and the gradients that flow back to a clip are the
    sum of those of all processes; as their parameters' gradients are averaged afterwards, this is the
    gradient of one process with all clips. (Gathering without gradients is not: a clip would not feel
    the losses of pairs it forms with others.)
    """
    if group.size == 1:
        return output
    coarse, fine, embedding = (
        None if part is None else _gathered(part, group)
        for part in (output.coarse, output.fine, output.embedding)
    )
    assert embedding is not None
    return output._replace(coarse=coarse, fine=fine, embedding=embedding)


def _gathered(part: Tensor, group: Group) -> Tensor:
    """Put (b, c) values of each process below each other; (size * b, c)."""
    places = part.new_zeros(group.size, *part.shape)
    return summed(places.index_copy(0, torch.tensor([group.rank], device=part.device), part[None])).flatten(
        0, 1
    )


def summed(values: Tensor) -> Tensor:
    """Add up all processes' values; gradients are added up likewise on their way back."""
    total: Tensor = _Sum.apply(values)
    return total


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(context: object, values: Tensor) -> Tensor:
        del context
        total = values.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(context: object, *gradients: Tensor) -> Tensor:
        return _Sum.forward(context, gradients[0])


def synchronise_norms(network: nn.Module) -> None:
    """Let batch normalisations take their statistics over all processes, in place; names stay."""
    for name, module in list(network.named_modules()):
        if isinstance(module, _BatchNorm):
            network.set_submodule(name, _Synchronised(module))


class _Synchronised(nn.Module):
    """A batch normalisation over all processes, on any device; torch's own knows GPUs only."""

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, norm: _BatchNorm) -> None:
        super().__init__()
        assert norm.momentum is not None
        self.weight, self.bias, self.eps, self.momentum = norm.weight, norm.bias, norm.eps, norm.momentum
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            self.register_buffer(name, getattr(norm, name))
        self.after: nn.Module = getattr(
            norm, "act", nn.Identity()
        )  # timm's carry the activation that follows

    def forward(self, values: Tensor) -> Tensor:
        """Normalise (n, c, ...) values by channel."""
        mean, variance = (
            self._moments(values.to(self.running_mean))
            if self.training
            else (self.running_mean, self.running_var)
        )
        scale = self.weight * torch.rsqrt(variance + self.eps)  # (c,)
        shape = (1, -1, *[1] * (values.ndim - 2))
        normalised: Tensor = self.after(values * scale.view(shape) + (self.bias - mean * scale).view(shape))
        return normalised

    def _moments(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Take mean and variance of all processes' values, each having as many, and remember them."""
        axes = [axis for axis in range(values.ndim) if axis != 1]
        processes = dist.get_world_size()
        mean = summed(values.mean(axes)) / processes  # (c,)
        centred = values - mean.view(1, -1, *[1] * (values.ndim - 2))
        variance = summed(centred.square().mean(axes)) / processes
        n = processes * values.numel() // values.shape[1]
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * n / (n - 1), self.momentum)
            self.num_batches_tracked += 1
        return mean, variance

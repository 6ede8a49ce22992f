"""Distributed training: several processes that train as one."""

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
"""Maximum time that processes wait for the one that validates."""


@dataclass(frozen=True)
class Group:
    """The processes that train together: the rank of this process and their number."""

    rank: int = 0
    size: int = 1

    @property
    def is_main(self) -> bool:
        """Whether this process writes the files and prints messages."""
        return self.rank == 0


def group_from_torchrun() -> Group:
    """Return the group of processes that torchrun started, from the environment; without torchrun a single process."""
    return Group(int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1")))


def local_device(name: str | None, group: Group) -> torch.device:
    """Return the device of this process: the one named or the best available; several processes get one GPU each.

    Raises:
        ReidError: the device cannot be used.
    """
    if group.size > 1 and name in (None, "cuda") and torch.cuda.is_available():
        name = f"cuda:{os.environ.get('LOCAL_RANK', group.rank)}"
    return choose_device(name)


@contextmanager
def process_group(group: Group, device: torch.device) -> Iterator[None]:
    """Connect the processes within a `with` block: by NCCL between GPUs, by gloo between CPUs."""
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
    """Wait until all processes have reached this point."""
    if group.size > 1:
        dist.barrier()


def replicate(network: nn.Module, group: Group, *, some_unused: bool) -> nn.Module:
    """Return a network whose gradients and batch statistics are computed over the clips of all processes.

    The network is on its device and the same in all processes. With `some_unused`, parts of it may have no
    influence on the loss.
    """
    if group.size == 1:
        return network
    device = next(network.parameters()).device
    synchronise_norms(network)
    devices = [device] if device.type == "cuda" else None
    return DistributedDataParallel(network, device_ids=devices, find_unused_parameters=some_unused)


def gather(output: Output, group: Group) -> Output:
    """Concatenate the outputs of all processes, in order, with gradients.

    Each process computes the loss of the whole batch, and the gradients that flow back to a clip are summed over all
    processes. Since the gradients of the parameters are averaged afterwards, the result is the gradient of a single
    process with all clips. Gathering without gradients would differ: a clip would get no gradient from its pairs with
    clips of other processes.
    """
    if group.size == 1:
        return output
    return output._replace(
        coarse=None if output.coarse is None else _gathered(output.coarse, group),
        fine=None if output.fine is None else _gathered(output.fine, group),
        embedding=_gathered(output.embedding, group),
    )


def _gathered(part: Tensor, group: Group) -> Tensor:
    """Concatenate the (b, c) values of all processes to (size * b, c)."""
    rank = torch.tensor([group.rank], device=part.device)
    padded = part.new_zeros(group.size, *part.shape).index_copy(0, rank, part[None])  # (size, b, c)
    return summed(padded).flatten(0, 1)


def summed(values: Tensor) -> Tensor:
    """Return the sum of the values of all processes; gradients are summed the same way."""
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
    """Replace batch normalisations, in place, by ones with statistics over all processes; module names stay."""
    for name, module in list(network.named_modules()):
        if isinstance(module, _BatchNorm):
            network.set_submodule(name, _Synchronised(module))


class _Synchronised(nn.Module):
    """Batch normalisation over all processes, on any device; PyTorch's own supports GPUs only."""

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, norm: _BatchNorm) -> None:
        super().__init__()
        assert norm.momentum is not None
        self.weight, self.bias, self.eps, self.momentum = norm.weight, norm.bias, norm.eps, norm.momentum
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            self.register_buffer(name, getattr(norm, name))
        # Batch normalisations of timm contain the activation that follows them.
        self.after: nn.Module = getattr(norm, "act", nn.Identity())

    def forward(self, values: Tensor) -> Tensor:
        """Normalise (n, c, ...) values by channel."""
        if self.training:
            mean, variance = self._update_moments(values.to(self.running_mean))
        else:
            mean, variance = self.running_mean, self.running_var
        scale = self.weight * torch.rsqrt(variance + self.eps)  # (c,)
        shape = (1, -1, *[1] * (values.ndim - 2))
        normalised: Tensor = self.after(values * scale.view(shape) + (self.bias - mean * scale).view(shape))
        return normalised

    def _update_moments(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and variance over all processes, which have equally many values; update the running ones."""
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

"""Distributed: two processes that train together do what one would do alone."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.multiprocessing.spawn import spawn

from reid.distributed import Group, gather, process_group, replicate, synchronise_norms
from reid.losses.center import Centers
from reid.losses.loss_weights import LossWeights
from reid.losses.objective import objective
from reid.model.design import VARIANTS, with_backbone
from reid.model.network import Network, build

LABELS = torch.arange(4).repeat_interleave(2)
CPU = torch.device("cpu")


def network() -> Network:
    """In double precision, in which what differs is not rounding."""
    return build(with_backbone(VARIANTS["fgreid"], "test_resnet"), 4, seed=3).double().train()


def clips() -> Tensor:
    return torch.randn(8, 2, 3, 64, 32, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def backward(group: Group, folder: Path) -> None:
    """Compute the gradient of one batch with a share of its clips, and write down everything it changed."""
    torch.set_num_threads(1)
    with process_group(group, CPU):
        whole = network()
        model = replicate(whole, group, some_unused=False)
        own = clips().view(group.size, -1, *clips().shape[1:])[group.rank]
        output = gather(model(own), group)
        centers = Centers(4, whole.dimensions, seed=0)
        terms = objective(output, LABELS, centers.weight.double(), LossWeights())
        torch.stack(list(terms.values())).sum().backward()  # type: ignore[no-untyped-call]
        found = {name: parameter.grad for name, parameter in whole.named_parameters()}
        found |= {f"buffer {name}": buffer for name, buffer in whole.named_buffers()}
        torch.save({**found, **terms}, folder / f"{group.size}-{group.rank}.pt")


def in_process(rank: int, folder: Path, port: int) -> None:
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port), RANK=str(rank), WORLD_SIZE="2")
    backward(Group(rank, 2), folder)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_two_processes_have_the_gradient_and_the_statistics_of_one(tmp_path: Path) -> None:
    backward(Group(), tmp_path)
    spawn(in_process, args=(tmp_path, free_port()), nprocs=2)  # type: ignore[no-untyped-call]
    alone = torch.load(tmp_path / "1-0.pt")
    for rank in (0, 1):
        together = torch.load(tmp_path / f"2-{rank}.pt")
        assert together.keys() == alone.keys()
        for name, expected in alone.items():
            difference = (together[name] - expected).abs().max()
            assert difference <= 1e-9 * max(1.0, float(expected.detach().abs().max())), name


def test_statistics_taken_over_one_process_are_those_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = (nn.Sequential(nn.BatchNorm2d(5, momentum=0.3)) for _ in range(2))
    port = free_port()
    for name, value in {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "RANK": "0",
        "WORLD_SIZE": "1",
    }.items():
        monkeypatch.setenv(name, value)
    values = torch.randn(6, 5, 3, 2, generator=torch.Generator().manual_seed(0)) * 4 + 7
    torch.distributed.init_process_group("gloo")
    try:
        synchronise_norms(ours)
        for model in (ours, theirs):
            model.train()(values)
            model.eval()
        assert torch.allclose(ours(values), theirs(values), atol=1e-5)
        assert ours.state_dict().keys() == theirs.state_dict().keys()
        for name, expected in theirs.state_dict().items():
            assert torch.allclose(ours.state_dict()[name], expected, atol=1e-5), name
    finally:
        torch.distributed.destroy_process_group()

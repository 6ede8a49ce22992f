"""What does an embedding cost, beside the bare network and beside its two backbones alone?

Each round times all contestants on the same clips, one after the other; ratios are taken within rounds, so that
a machine busy with other things disturbs them least. Run `python -m benchmarks.embedding --help`.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import click
import numpy as np
import torch
from torch import Tensor

from reid.embedder import ClipEmbedder, choose_device
from reid.model.backbone import ResNet50
from reid.model.design import VARIANTS
from reid.model.network import build
from reid.weights import SIZE

Contestant = Callable[[], object]


def seconds(work: Contestant, device: torch.device) -> float:
    start = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - start


def contestants(device: torch.device, clips: int, frames: int, half: bool) -> dict[str, Contestant]:
    pixels = np.random.default_rng(0).integers(0, 256, (clips, frames, *SIZE, 3), dtype=np.uint8)
    values = torch.randn(clips, frames, 3, *SIZE, generator=torch.Generator().manual_seed(0)).to(device)
    network = build(VARIANTS["fgreid"], 1).eval().to(device)
    backbones = [ResNet50().eval().to(device) for _ in range(2)]
    embedder = ClipEmbedder(network, device, half=half)

    @torch.inference_mode()
    def bare() -> list[Tensor]:
        return [backbone(values.flatten(0, 1)) for backbone in backbones]

    @torch.inference_mode()
    def eager() -> Tensor:
        embedding: Tensor = network(values).embedding
        return embedding

    return {"two bare ResNet-50": bare, "network, eager": eager, "embedder": lambda: embedder.embed(pixels)}


@click.command()
@click.option("--device", help="As for match: cpu, cuda:0, 0 or mps; by default the best there is.")
@click.option("--half", is_flag=True, help="Let the embedder compute in half precision on a GPU.")
@click.option("--clips", default=4, show_default=True, help="Clips a call.")
@click.option("--frames", default=4, show_default=True, help="Frames a clip.")
@click.option("--rounds", default=7, show_default=True, help="Rounds, after one to warm up.")
def main(device: str | None, half: bool, clips: int, frames: int, rounds: int) -> None:
    """Time the network, the embedder and two bare backbones on the same clips."""
    chosen = choose_device(device)
    work = contestants(chosen, clips, frames, half)
    times = np.array([[seconds(one, chosen) for one in work.values()] for _ in range(rounds + 1)])[1:] / clips
    ratios = times / times[:, :1]  # (rounds, contestants)
    click.echo(
        f"{chosen}, {torch.get_num_threads()} threads, {clips} clips of {frames} frames, {rounds} rounds"
    )
    for name, spent, ratio in zip(work, times.T, ratios.T, strict=True):
        spread = f"{np.median(ratio):.3f} x bare ({ratio.min():.3f}-{ratio.max():.3f})"
        click.echo(f"{name:20s} {np.median(spent):8.4f} s a clip, {spread}")


if __name__ == "__main__":
    main()

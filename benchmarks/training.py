"""What does a training step cost, beside two bare ResNet-50s trained on the same frames?

Both contestants start from pixels on the device and end with Adam's step, in the same precision; ratios are taken
within rounds. The bare networks' loss is the mean of their features, so that nothing but they are paid for. Run
`python -m benchmarks.training --help`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import torch
from torch import Tensor

from reid.data.batches import LabelledClip
from reid.data.frames import FrameChoice
from reid.data.records import Benchmark, LabelledTracklet
from reid.distributed import Group
from reid.embedder import choose_device
from reid.model.backbone import make_backbone
from reid.model.design import VARIANTS
from reid.model.network import build
from reid.recipes import Recipe
from reid.training.compute import Compute
from reid.training.folder import TrainingFolder
from reid.training.job import TrainingJob
from reid.training.loop import Plan, Training
from reid.training.state import State

IDENTITIES = 625


def ours(recipe: Recipe, compute: Compute, device: torch.device, clips: Tensor) -> Callable[[], object]:
    """One step of the real loop on clips at hand."""
    people = tuple(LabelledTracklet(("none",), f"{who:04d}", "1") for who in range(IDENTITIES))
    job = TrainingJob("mars", Path(), VARIANTS["fgreid"], recipe)
    state = State.of(
        build(job.design, IDENTITIES).to(device), recipe, half=compute.dtype(device) == torch.float16
    )
    state.network.recompute = compute.recompute
    training = Training(
        job, Benchmark("mars", people, (), ()), TrainingFolder(Path()), state, compute, Group(), about={}
    )
    batch = [
        LabelledClip(FrameChoice(label, (0,) * recipe.clip_length), label)
        for label in range(recipe.identities)
        for _ in range(recipe.clips)
    ]
    return lambda: training.step(Plan(0, recipe.rate, batch, validates=False), clips)


def bare(compute: Compute, device: torch.device, clips: Tensor) -> Callable[[], object]:
    """Two ResNet-50s of stride 16, forward, backward and Adam."""
    backbones = torch.nn.ModuleList(make_backbone("resnet50").layers for _ in range(2))
    backbones.to(device).to(memory_format=torch.channels_last)
    adam = torch.optim.Adam(backbones.parameters(), fused=device.type == "cuda")
    dtype = compute.dtype(device)

    def step() -> None:
        values = clips.to(device).flatten(0, 1).movedim(3, 1).float() / 255  # (n, 3, h, w), channels last
        adam.zero_grad()
        with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
            loss = torch.stack([backbone(values).float().mean() for backbone in backbones]).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        adam.step()

    return step


def measure(work: Callable[[], object], device: torch.device) -> tuple[float, float]:
    """Give seconds, and on a GPU the GiB that were needed at most."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        torch.cuda.synchronize(device)
    start = time.perf_counter()
    work()
    if device.type != "cuda":
        return time.perf_counter() - start, float("nan")
    torch.cuda.synchronize(device)
    return time.perf_counter() - start, torch.cuda.max_memory_allocated(device) / 2**30


@click.command()
@click.option("--device", help="As for match: cpu, cuda:0, 0 or mps; by default the best there is.")
@click.option("--precision", default="auto", type=click.Choice(["auto", "fp32", "bf16", "fp16"]))
@click.option("--identities", default=32, show_default=True, help="Identities a batch (P).")
@click.option("--clips", default=5, show_default=True, help="Clips an identity (K).")
@click.option("--recompute", is_flag=True, help="Compute activations twice.")
@click.option("--rounds", default=7, show_default=True, help="Rounds, after two to warm up.")
def main(
    device: str | None, precision: str, identities: int, clips: int, recompute: bool, rounds: int
) -> None:
    """Time a training step of FGReID and of two bare backbones on the same frames."""
    chosen = choose_device(device)
    recipe = replace(Recipe(), identities=identities, clips=clips)
    compute = Compute(device, precision, recompute)  # type: ignore[arg-type]  # click checked
    shape = (identities * clips, recipe.clip_length, *recipe.size, 3)
    pixels = torch.randint(256, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    work = {
        "two bare ResNet-50": bare(compute, chosen, pixels),
        "FGReID": ours(recipe, compute, chosen, pixels),
    }
    measured = np.array([[measure(one, chosen) for one in work.values()] for _ in range(rounds + 2)])[2:]
    seconds, memory = measured[..., 0], measured[..., 1].max(axis=0)
    ratios = seconds[:, 0] / seconds[:, 1]
    click.echo(
        f"{chosen}, {str(compute.dtype(chosen)).removeprefix('torch.')}, {torch.get_num_threads()} threads, "
        f"B = {identities} x {clips} clips of {recipe.clip_length} frames of {recipe.size[0]} x {recipe.size[1]}"
    )
    for name, spent, most in zip(work, seconds.T, memory, strict=True):
        click.echo(
            f"{name:20s} {np.median(spent):8.3f} s a step" + ("" if np.isnan(most) else f", {most:.1f} GiB")
        )
    click.echo(f"speed of FGReID: {np.median(ratios):.3f} of bare ({ratios.min():.3f}-{ratios.max():.3f})")


if __name__ == "__main__":
    main()

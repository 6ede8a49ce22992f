"""Measure what the networks cost: an embedding, a training step, and Table 9 of the paper.

    python -m benchmarks.networks embedding
    python -m benchmarks.networks training
    python -m benchmarks.networks table9

`embedding` and `training` compare with two bare ResNet-50s on the same clips. All are timed in turn, and ratios are
taken within rounds, so that other work on the machine disturbs them least. `table9` trains each network and embeds the
test on drawn pictures that are read from disk. The paper's seconds come from another machine; compare ratios only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from reid.data.batches import LabelledClip
from reid.data.catalogue import load_benchmark
from reid.data.frames import FrameChoice
from reid.data.records import Benchmark, LabelledTracklet
from reid.distributed import Group
from reid.embedder import ClipEmbedder, build_embedder, choose_device
from reid.model.backbone import ResNet50, make_backbone
from reid.model.design import VARIANTS
from reid.model.network import build
from reid.recipes import Recipe
from reid.tracklet_embedding import Viewing, embed_entries
from reid.train import train
from reid.training.compute import Compute
from reid.training.folder import TrainingFolder
from reid.training.job import TrainingJob
from reid.training.journal import TrainingStep
from reid.training.loop import Plan, Training
from reid.training.state import State
from reid.weights import SIZE, resolve
from samples.miniatures import benchmarks

NETWORKS = ("fgreid", "temporal-pooling", "fgreid-lite")
"""Networks of Table 9; the first is the unit of its ratios."""
PAPER = {"fgreid": (130.82, 458.28), "temporal-pooling": (71.03, 264.95)}
"""Seconds of an epoch and of an evaluation in Table 9; its temporal pooling is that of Pathak et al. [31]."""
IDENTITIES = 625
"""Training identities of MARS."""
EPOCH_FRAMES = IDENTITIES * 16
"""Frames of an epoch in Table 9."""
DEVICE = click.option("--device", help="cpu, cuda:0, 0 or mps.  [default: the best available]")

Work = Callable[[], object]


def measure_in_turn(
    works: Mapping[str, Work], device: torch.device, *, rounds: int, warm_up: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the (rounds, works) seconds of each call, and the (works,) peak GiB on a GPU, NaN on a CPU."""
    measured = np.array(
        [[_measure(work, device) for work in works.values()] for _ in range(rounds + warm_up)]
    )
    return measured[warm_up:, :, 0], measured[warm_up:, :, 1].max(axis=0)


def _measure(work: Work, device: torch.device) -> tuple[float, float]:
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        torch.cuda.synchronize(device)
    started = time.perf_counter()
    work()
    if device.type != "cuda":
        return time.perf_counter() - started, float("nan")
    torch.cuda.synchronize(device)
    return time.perf_counter() - started, torch.cuda.max_memory_allocated(device) / 2**30


@click.group()
def main() -> None:
    """Measure what the networks cost."""


@main.command()
@DEVICE
@click.option("--half", is_flag=True, help="Let the embedder compute in half precision on a GPU.")
@click.option("--clips", default=4, show_default=True, help="Clips per call.")
@click.option("--frames", default=4, show_default=True, help="Frames per clip.")
@click.option("--rounds", default=7, show_default=True, help="Rounds, after one to warm up.")
def embedding(device: str | None, half: bool, clips: int, frames: int, rounds: int) -> None:
    """Time FGReID, the embedder and two bare backbones on the same clips."""
    chosen = choose_device(device)
    works = _embedding_works(chosen, clips, frames, half)
    seconds, _ = measure_in_turn(works, chosen, rounds=rounds, warm_up=1)
    ratios = seconds / seconds[:, :1]
    click.echo(
        f"{chosen}, {torch.get_num_threads()} threads, {clips} clips of {frames} frames, {rounds} rounds"
    )
    for name, times, ratio in zip(works, seconds.T, ratios.T, strict=True):
        spread = f"{np.median(ratio):.3f} x bare ({ratio.min():.3f}-{ratio.max():.3f})"
        click.echo(f"{name:20s} {np.median(times) / clips:8.4f} s a clip, {spread}")


def _embedding_works(device: torch.device, clips: int, frames: int, half: bool) -> dict[str, Work]:
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
        vectors: Tensor = network(values).embedding
        return vectors

    return {"two bare ResNet-50": bare, "network, eager": eager, "embedder": lambda: embedder.embed(pixels)}


@main.command()
@DEVICE
@click.option("--precision", default="auto", type=click.Choice(["auto", "fp32", "bf16", "fp16"]))
@click.option("--identities", default=32, show_default=True, help="Identities per batch (P).")
@click.option("--clips", default=5, show_default=True, help="Clips per identity (K).")
@click.option("--recompute", is_flag=True, help="Compute activations twice, to save memory.")
@click.option("--rounds", default=7, show_default=True, help="Rounds, after two to warm up.")
def training(
    device: str | None, precision: str, identities: int, clips: int, recompute: bool, rounds: int
) -> None:
    """Time a training step of FGReID and of two bare backbones on the same frames.

    Both start from pixels and end with Adam's step, in the same precision. The loss of the bare backbones is the mean
    of their features, which costs almost nothing.
    """
    chosen = choose_device(device)
    recipe = replace(Recipe(), identities=identities, clips=clips)
    compute = Compute(device, precision, recompute)  # type: ignore[arg-type]  # click checked
    shape = (identities * clips, recipe.clip_length, *recipe.size, 3)
    pixels = torch.randint(256, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    works = {
        "two bare ResNet-50": _bare_step(compute, chosen, pixels),
        "FGReID": _fgreid_step(recipe, compute, chosen, pixels),
    }
    seconds, memory = measure_in_turn(works, chosen, rounds=rounds, warm_up=2)
    ratios = seconds[:, 0] / seconds[:, 1]
    click.echo(
        f"{chosen}, {str(compute.dtype(chosen)).removeprefix('torch.')}, {torch.get_num_threads()} threads, "
        f"B = {identities} x {clips} clips of {recipe.clip_length} frames of {recipe.size[0]} x {recipe.size[1]}"
    )
    for name, times, peak in zip(works, seconds.T, memory, strict=True):
        click.echo(
            f"{name:20s} {np.median(times):8.3f} s a step" + ("" if np.isnan(peak) else f", {peak:.1f} GiB")
        )
    click.echo(f"speed of FGReID: {np.median(ratios):.3f} of bare ({ratios.min():.3f}-{ratios.max():.3f})")


def _fgreid_step(recipe: Recipe, compute: Compute, device: torch.device, clips: Tensor) -> Work:
    """Return a function that runs one step of the training loop on clips in memory."""
    tracklets = tuple(LabelledTracklet(("none",), f"{label:04d}", "1") for label in range(IDENTITIES))
    job = TrainingJob("mars", Path(), VARIANTS["fgreid"], recipe)
    network = build(job.design, IDENTITIES).to(device)
    state = State.of(network, recipe, half=compute.dtype(device) == torch.float16)
    state.network.recompute = compute.recompute
    data = Benchmark("mars", tracklets, (), ())
    loop = Training(job, data, TrainingFolder(Path()), state, compute, Group(), about={})
    batch = [
        LabelledClip(FrameChoice(label, (0,) * recipe.clip_length), label)
        for label in range(recipe.identities)
        for _ in range(recipe.clips)
    ]
    return lambda: loop.step(Plan(0, recipe.rate, batch, validates=False), clips)


def _bare_step(compute: Compute, device: torch.device, clips: Tensor) -> Work:
    """Return one step of two ResNet-50s of stride 16: forward, backward and Adam."""
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


@main.command()
@DEVICE
@click.option(
    "--identities", default=12, show_default=True, help="Drawn identities; half of them are trained on."
)
@click.option("--height", default=256, show_default=True, help="Height of crops.")
@click.option("--width", default=150, show_default=True, help="Width of crops.")
@click.option("--epochs", default=6, show_default=True)
def table9(device: str | None, identities: int, height: int, width: int, epochs: int) -> None:
    """Train and evaluate the networks of Table 9 on drawn pictures."""
    per_batch = min(32, identities // 2)
    recipe = replace(
        Recipe(),
        identities=per_batch,
        clips=4,
        epochs=epochs,
        validation=0.0,
        size=(height, width),
        warm_up=0,
    )
    with TemporaryDirectory() as folder:
        root = Path(folder)
        benchmarks.draw("mars", root, identities=identities, frames=16, size=(256, 128))
        click.echo(
            f"{per_batch} identities x 4 clips of 4 frames of {height} x {width} a batch, 16 frames a tracklet"
        )
        speeds: dict[str, tuple[float, float]] = {}
        for name in NETWORKS:
            parameters = sum(
                parameter.numel() for parameter in build(VARIANTS[name], IDENTITIES).parameters()
            )
            frames = _training_speed(name, recipe, root, device)
            tracklets = _embedding_speed(name, recipe, root, device)
            speeds[name] = frames, tracklets
            unit_frames, unit_tracklets = speeds[NETWORKS[0]]
            line = (
                f"{name:17s} {parameters / 1e6:6.2f} M, {EPOCH_FRAMES / frames:7.1f} s an epoch of 625 x 16 frames, "
                f"{tracklets:6.2f} tracklets a second: {unit_frames / frames:.2f} x the training of {NETWORKS[0]}, "
                f"{unit_tracklets / tracklets:.2f} x its evaluation"
            )
            if name in PAPER:
                ratios = np.divide(PAPER[name], PAPER[NETWORKS[0]])
                line += f" (paper {ratios[0]:.2f}, {ratios[1]:.2f})"
            click.echo(line)


def _training_speed(name: str, recipe: Recipe, root: Path, device: str | None) -> float:
    """Train a network and return its frames per second, without the first two steps."""
    speeds: list[float] = []

    def report(step: TrainingStep) -> None:
        speeds.append(step.images_per_second)

    fine = "none" if "fine" in VARIANTS[name].branches else None
    train(
        TrainingJob("mars", root, VARIANTS[name], recipe, coarse="none", fine=fine),
        TrainingFolder(root / name),
        compute=Compute(device),
        command="",
        overwrite=False,
        report=report,
        warn=click.echo,
        notify=click.echo,
    )
    return float(np.median(speeds[2:]))


def _embedding_speed(name: str, recipe: Recipe, root: Path, device: str | None) -> float:
    """Embed the test with a trained network and return its tracklets per second."""
    embedder = build_embedder(resolve(root / name / "best.safetensors", seed=0), device=device)
    tracklets = load_benchmark("mars", root).gallery
    started = time.perf_counter()
    embed_entries(embedder, tracklets, Viewing(recipe.clip_length))
    return len(tracklets) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()

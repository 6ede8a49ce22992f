"""Table 9 again: what do the networks cost in training and in evaluation, under one roof?

Each network is really trained and really embeds, on drawn pictures that are read from disk, with the same batches on
the same device. The paper's seconds are of another machine, so that ratios are what may be compared. Run
`python -m benchmarks.table9 --help`.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np

from reid.data.catalogue import load_benchmark
from reid.embedder import build_embedder
from reid.model.design import VARIANTS
from reid.model.network import build
from reid.recipes import Recipe
from reid.tracklet_embedding import Viewing, embed_entries
from reid.train import train
from reid.training.compute import Compute
from reid.training.folder import TrainingFolder
from reid.training.job import TrainingJob
from reid.training.journal import TrainingStep
from reid.weights import resolve
from samples.miniatures import benchmarks

NETWORKS = ("fgreid", "temporal-pooling", "fgreid-lite")
PAPER = {"fgreid": (130.82, 458.28), "temporal-pooling": (71.03, 264.95)}
"""Seconds an epoch and an evaluation in Table 9; its temporal pooling is that of Pathak et al. [31]."""
EPOCH = 625 * 16
"""Frames of an epoch in Table 9."""


def trained(name: str, recipe: Recipe, root: Path, folder: Path, device: str | None) -> float:
    """Train; gives frames a second, the first steps left out."""
    speeds: list[float] = []

    def report(step: TrainingStep) -> None:
        speeds.append(step.images_per_second)

    job = TrainingJob("mars", root, VARIANTS[name], recipe, coarse="none", fine=fine(name))
    where = TrainingFolder(folder / name)
    train(
        job,
        where,
        compute=Compute(device),
        command="",
        overwrite=False,
        report=report,
        warn=click.echo,
        say=click.echo,
    )
    return float(np.median(speeds[2:]))


def fine(name: str) -> str | None:
    return "none" if "fine" in VARIANTS[name].branches else None


def evaluated(name: str, recipe: Recipe, root: Path, folder: Path, device: str | None) -> float:
    """Embed the test; gives tracklets a second."""
    embedder = build_embedder(resolve(folder / name / "best.safetensors", seed=0), device=device)
    tracklets = load_benchmark("mars", root).gallery
    start = time.perf_counter()
    embed_entries(embedder, tracklets, Viewing(recipe.clip_length))
    return len(tracklets) / (time.perf_counter() - start)


@click.command()
@click.option("--device", help="As for match: cpu, cuda:0, 0 or mps; by default the best there is.")
@click.option(
    "--identities", default=12, show_default=True, help="Drawn identities; half of them are trained on."
)
@click.option("--height", default=256, show_default=True)
@click.option("--width", default=150, show_default=True)
@click.option("--epochs", default=6, show_default=True)
def main(device: str | None, identities: int, height: int, width: int, epochs: int) -> None:
    """Train and evaluate the networks of Table 9 on drawn pictures."""
    p = min(32, identities // 2)
    recipe = replace(
        Recipe(), identities=p, clips=4, epochs=epochs, validation=0.0, size=(height, width), warm_up=0
    )
    with TemporaryDirectory() as place:
        root = Path(place)
        benchmarks.draw("mars", root, identities=identities, frames=16, size=(256, 128))
        click.echo(
            f"{p} identities x 4 clips of 4 frames of {height} x {width} a batch, 16 frames a tracklet"
        )
        base: tuple[float, float] | None = None
        for name in NETWORKS:
            parameters = sum(parameter.numel() for parameter in build(VARIANTS[name], 625).parameters())
            frames = trained(name, recipe, root, root, device)
            tracklets = evaluated(name, recipe, root, root, device)
            base = base or (frames, tracklets)
            said = f"{base[0] / frames:.2f} x fgreid's training, {base[1] / tracklets:.2f} x its evaluation"
            paper = PAPER.get(name)
            told = f" (paper {paper[0] / 130.82:.2f}, {paper[1] / 458.28:.2f})" if paper else ""
            click.echo(
                f"{name:17s} {parameters / 1e6:6.2f} M, {EPOCH / frames:7.1f} s an epoch of 625 x 16 frames, "
                f"{tracklets:6.2f} tracklets a second: {said}{told}"
            )


if __name__ == "__main__":
    main()

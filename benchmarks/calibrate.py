"""At which score are two tracklets of different cameras the same person? Read from a labelled set nobody trained on.

    python -m benchmarks.calibrate CHECKPOINT --data-root plaza-validation

Prints, for several rates of false matches among pairs of different people, the cosine that keeps to it and the share
of true pairs that reach it. `benchmarks.ship` writes the one chosen into the file that ships.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from reid.embedder import build_embedder
from reid.evaluation.embedding import Viewing, embed_tracklets
from reid.evaluation.plaza import load_plaza
from reid.weights import resolve

RATES = (0.05, 0.01, 0.003, 0.001, 0.0003)
"""Shares of pairs of different people that may be taken for one."""


def cut_at(impostors: NDArray[np.float32], rate: float) -> float:
    """Give the smallest score that at most this share of impostors' scores reaches.

    >>> cut_at(np.linspace(0, 1, 101, dtype=np.float32), 0.1) > 0.9
    True
    """
    return float(np.nextafter(np.quantile(impostors, 1 - rate), np.float32(2)))


@click.command()
@click.argument("checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--data-root", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--clips", default=8, show_default=True, type=click.IntRange(1), help="Of each tracklet, at most."
)
def main(checkpoint: Path, data_root: Path, clips: int) -> None:
    """Print thresholds for CHECKPOINT."""
    benchmark, _ = load_plaza(data_root)
    entries = [*benchmark.query, *benchmark.gallery]
    vectors = embed_tracklets(build_embedder(resolve(checkpoint, seed=0)), entries, Viewing(clips=clips))
    identities = np.array([entry.identity for entry in entries])
    cameras = np.array([entry.camera for entry in entries])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cosine = vectors @ vectors.T
    upper = np.triu(np.ones(cosine.shape, bool), 1)
    for words, where in (
        ("other cameras", cameras[:, None] != cameras),
        ("one camera", cameras[:, None] == cameras),
    ):
        same = identities[:, None] == identities
        genuine, impostors = cosine[upper & where & same], cosine[upper & where & ~same]
        click.echo(f"{words}: {len(genuine)} pairs of one person, {len(impostors)} of two")
        for rate in RATES:
            cut = cut_at(impostors, rate)
            click.echo(
                f"  {rate:7.4%} false at {cut:.3f}: {(genuine >= cut).mean():.1%} of the true ones reach it"
            )


if __name__ == "__main__":
    main()

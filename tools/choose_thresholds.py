"""Which thresholds shall a network ship with? Read from a labelled set in MARS's layout that nobody trained on.

    python -m benchmarks.thresholds CHECKPOINT --data-root plaza-validation

Prints, for several rates of false matches among pairs of different people, the score of `match` that keeps to it and
the share of true pairs that reach it. `benchmarks.ship` writes those chosen into the file that ships. How well a run
finds a threshold of its own is another question: `benchmarks.calibration`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from pipeline.embedding.clips import choose_clips, resize_crop
from pipeline.matching.config import MatchingConfig
from pipeline.matching.pairs.appearance import score_gallery
from pipeline.matching.pairs.gallery import build_gallery
from pipeline.tracking.tracklets import Tracklet
from reid.data.frames import read_image
from reid.embedder import build_embedder
from reid.evaluation.plaza import load_plaza
from reid.weights import Weights, resolve

RATES = (0.05, 0.01, 0.003, 0.001, 0.0003)
"""Shares of pairs of different people that may be taken for one."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """Embedded tracklets and who they are; all share their first axis, `n` tracklets."""

    identities: NDArray[np.int64]
    """(n,)"""
    cameras: NDArray[np.str_]
    """(n,) camera names, sorted."""
    clips: list[NDArray[np.float32]]
    """(n,) times (k, d) embeddings of clips, in time order."""


def embed_labelled(root: Path, weights: Weights, *, clips: int = 8, length: int = 4) -> Labelled:
    """Embed the test tracklets of a labelled set clip by clip, as `match` does."""
    benchmark, _ = load_plaza(root)
    entries = sorted([*benchmark.query, *benchmark.gallery], key=lambda entry: entry.camera)
    network = build_embedder(weights)
    vectors = []
    for entry in entries:
        pictures = [resize_crop(read_image(path), network.size) for path in entry.images]
        chosen = choose_clips(np.ones(len(pictures), np.float32), length, clips)
        vectors.append(network.embed(np.array([[pictures[i] for i in clip] for clip in chosen.tolist()])))
    identities = np.array([int(entry.identity) for entry in entries], np.int64)
    return Labelled(identities, np.array([entry.camera for entry in entries], np.str_), vectors)


def cut_at(impostors: NDArray[np.float32], rate: float) -> float:
    """Give the smallest score that at most this share of impostors' scores reaches.

    >>> cut_at(np.linspace(0, 1, 101, dtype=np.float32), 0.1) > 0.9
    True
    """
    return float(np.nextafter(np.quantile(impostors, 1 - rate), np.float32(2)))


def scores_of(labelled: Labelled, config: MatchingConfig) -> NDArray[np.float32]:
    """Score all pairs as `match` does; (n, n)."""
    one, corner = np.ones(1, np.float32), np.zeros((1, 4), np.float32)
    tracklets = [
        Tracklet(str(camera), track, "person", np.arange(1), np.zeros(1), corner, one, one)
        for track, camera in enumerate(labelled.cameras.tolist())
    ]
    weights = [np.ones(len(vectors), np.float32) for vectors in labelled.clips]
    gallery = build_gallery(tracklets, labelled.clips, weights=weights, prototypes=config.prototypes)
    return score_gallery(gallery, config)


@click.command()
@click.argument("checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--data-root", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--clips", default=8, show_default=True, type=click.IntRange(1), help="Of each tracklet, at most."
)
def main(checkpoint: Path, data_root: Path, clips: int) -> None:
    """Print thresholds for CHECKPOINT."""
    labelled = embed_labelled(data_root, resolve(checkpoint, seed=0), clips=clips)
    same = labelled.identities[:, None] == labelled.identities
    across = labelled.cameras[:, None] != labelled.cameras
    upper = np.triu(np.ones(same.shape, bool), 1)
    scores = scores_of(labelled, MatchingConfig())
    for words, where in (("other cameras", across), ("one camera", ~across)):
        genuine, impostors = scores[upper & where & same], scores[upper & where & ~same]
        click.echo(f"{words}: {len(genuine)} pairs of one person, {len(impostors)} of two")
        for rate in RATES:
            cut = cut_at(impostors, rate)
            reach = (genuine >= cut).mean()
            click.echo(f"  {rate:7.4%} false at {cut:.3f}: {reach:.1%} of the true ones reach it")


if __name__ == "__main__":
    main()

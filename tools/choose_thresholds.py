"""Measure the thresholds that a network can ship with, on a labelled set in MARS's layout that it was not trained on.

    python -m tools.choose_thresholds CHECKPOINT --data-root plaza-validation

For several false match rates, the table shows the smallest score of `match` that keeps the rate, and the share of
pairs of one person that reach it. `tools.ship_network` writes the chosen thresholds into the file that ships.
`benchmarks.calibration` measures how well a run chooses its own threshold.
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
"""False match rates: shares of pairs of different people that reach the threshold."""


@dataclass(frozen=True, eq=False)
class EmbeddedSet:
    """A labelled set, embedded; all fields share their first axis, `n` tracklets."""

    identities: NDArray[np.int64]
    """(n,)"""
    cameras: NDArray[np.str_]
    """(n,) camera names, sorted."""
    clips: list[NDArray[np.float32]]
    """(k, d) embeddings of the clips of each tracklet, in time order."""


def embed_data_set(root: Path, weights: Weights, *, clips: int = 8, length: int = 4) -> EmbeddedSet:
    """Embed the test tracklets of a labelled set clip by clip, as `match` does."""
    benchmark, _ = load_plaza(root)
    tracklets = sorted([*benchmark.query, *benchmark.gallery], key=lambda tracklet: tracklet.camera)
    embedder = build_embedder(weights)
    embeddings = []
    for tracklet in tracklets:
        crops = [resize_crop(read_image(path), embedder.size) for path in tracklet.images]
        chosen = choose_clips(np.ones(len(crops), np.float32), length, clips)
        pixels = np.array([[crops[i] for i in clip] for clip in chosen.tolist()])
        embeddings.append(embedder.embed(pixels))
    return EmbeddedSet(
        identities=np.array([int(tracklet.identity) for tracklet in tracklets], np.int64),
        cameras=np.array([tracklet.camera for tracklet in tracklets], np.str_),
        clips=embeddings,
    )


def score_all_pairs(embedded: EmbeddedSet, config: MatchingConfig) -> NDArray[np.float32]:
    """Return the (n, n) scores of all pairs, as `match` computes them."""
    ones, boxes = np.ones(1, np.float32), np.zeros((1, 4), np.float32)
    tracklets = [
        Tracklet(camera, track, "person", np.arange(1), np.zeros(1), boxes, ones, ones)
        for track, camera in enumerate(embedded.cameras.tolist())
    ]
    weights = [np.ones(len(clips), np.float32) for clips in embedded.clips]
    gallery = build_gallery(tracklets, embedded.clips, weights=weights, prototypes=config.prototypes)
    return score_gallery(gallery, config)


def threshold_at(impostors: NDArray[np.float32], rate: float) -> float:
    """Return the smallest score that at most this share of the impostors' scores reaches.

    >>> round(threshold_at(np.linspace(0, 1, 101, dtype=np.float32), 0.1), 3)
    0.9
    """
    return float(np.nextafter(np.quantile(impostors, 1 - rate), np.float32(2)))


@click.command()
@click.argument("checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--data-root", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--clips", default=8, show_default=True, type=click.IntRange(1), help="Maximum clips per tracklet."
)
def main(checkpoint: Path, data_root: Path, clips: int) -> None:
    """Print thresholds for CHECKPOINT at several false match rates."""
    embedded = embed_data_set(data_root, resolve(checkpoint, seed=0), clips=clips)
    same = embedded.identities[:, None] == embedded.identities
    across = embedded.cameras[:, None] != embedded.cameras
    upper = np.triu(np.ones(same.shape, bool), 1)
    scores = score_all_pairs(embedded, MatchingConfig())
    for name, compared in (("between cameras", across), ("within a camera", ~across)):
        genuine, impostors = scores[upper & compared & same], scores[upper & compared & ~same]
        click.echo(f"{name}: {len(genuine)} pairs of one person, {len(impostors)} pairs of different people")
        for rate in RATES:
            threshold = threshold_at(impostors, rate)
            reached = (genuine >= threshold).mean()
            click.echo(
                f"  false match rate {rate:.2%}: threshold {threshold:.3f}, "
                f"{reached:.1%} of pairs of one person reach it"
            )


if __name__ == "__main__":
    main()

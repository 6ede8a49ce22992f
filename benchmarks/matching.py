"""What does matching cost, and how does it grow? Wall time and peak memory for more and more tracklets.

    python -m benchmarks.matching 1000 3000 10000

Each size runs in a process of its own, so that peaks do not add up: people who pass four cameras in a row, 64 numbers
an embedding. Scores of all pairs are held at once, so memory grows with the square; a size whose scores alone would
not fit is refused and said.
"""

from __future__ import annotations

import resource
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import click
import numpy as np

from pipeline.footage.cameras import Camera, CameraSet
from pipeline.matching.config import MatchingConfig
from pipeline.matching.match import match_tracklets
from pipeline.matching.pairs.gallery import Gallery
from reid.ranking.distances import unit_vectors

CAMERAS = 4
LARGEST = 20_000
"""Tracklets whose scores and their copies take 8 GB."""


def crowd(n: int) -> Gallery:
    """Make n tracklets of n / 4 people, each seen by every camera a minute after the last."""
    random, people = np.random.default_rng(0), n // CAMERAS
    looks = random.normal(size=(people, 64))
    means = unit_vectors(
        np.concatenate([looks + 0.35 * random.normal(size=looks.shape) for _ in range(CAMERAS)]).astype(
            np.float32
        )
    )
    passing = random.random(people) * 20_000
    starts = np.concatenate([passing + 60 * camera for camera in range(CAMERAS)])
    boxes = np.tile(np.array([0, 0, 50, 100], np.float32), (people * CAMERAS, 1))
    return Gallery(
        cameras=np.repeat([f"c{camera}" for camera in range(CAMERAS)], people),
        tracks=np.tile(np.arange(1, people + 1), CAMERAS),
        kinds=np.full(people * CAMERAS, "person"),
        groups=np.full(people * CAMERAS, "person"),
        starts=starts,
        ends=starts + 10,
        first_boxes=boxes,
        last_boxes=boxes,
        means=means,
        prototypes=np.repeat(means[:, None], 4, axis=1),
    )


def cost(n: int) -> tuple[float, float, int]:
    """Match n tracklets: seconds, peak memory of the whole process in GB, identities."""
    gallery = crowd(n)
    cameras = CameraSet(tuple(Camera(f"c{i}", Path(f"c{i}.mp4"), offset=0.0) for i in range(CAMERAS)))
    start = time.perf_counter()
    found = match_tracklets(gallery, cameras, MatchingConfig())
    seconds = time.perf_counter() - start
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, int(found.identities.max())


@click.command()
@click.argument("sizes", nargs=-1, type=click.IntRange(CAMERAS), metavar="TRACKLETS...")
def main(sizes: tuple[int, ...]) -> None:
    """Print what matching of each size costs."""
    before: tuple[int, float, float] | None = None
    for n in sizes or (1_000, 10_000, 100_000):
        if n > LARGEST:
            click.echo(
                f"{n:7}: not run; the scores of all pairs would take {4 * n * n / 1e9:.0f} GB each time held"
            )
            continue
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            seconds, peak, identities = process.submit(cost, n).result()
        grown = "" if before is None else _growth(before, (n, seconds, peak))
        click.echo(f"{n:7}: {seconds:6.2f} s, {peak:5.2f} GB at peak, {identities} identities{grown}")
        before = n, seconds, peak


def _growth(before: tuple[int, float, float], now: tuple[int, float, float]) -> str:
    """Say with which power of the number of tracklets both have grown."""
    ratio = np.log(now[0] / before[0])
    return f"; time grew as n^{np.log(now[1] / before[1]) / ratio:.1f}, memory as n^{np.log(now[2] / before[2]) / ratio:.1f}"


if __name__ == "__main__":
    main()

"""Measure time and memory of matching, and how they grow with the number of tracklets.

    python -m benchmarks.matching 1000 3000 10000

Each size runs in its own process, so that memory peaks do not add up. The tracklets are of people who pass four cameras
in a row, with 64 dimensions per embedding. The scores of all pairs are in memory at once, so memory grows with the
square; a size whose scores would not fit is skipped with a message.
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
from pipeline.footage.recording import Recording
from pipeline.matching.config import MatchingConfig
from pipeline.matching.match import match_tracklets
from pipeline.matching.pairs.gallery import Gallery
from reid.ranking.distances import unit_vectors

CAMERAS = 4
LARGEST = 20_000
"""Most tracklets; their scores and the copies take 8 GB."""


def simulate_gallery(n: int) -> Gallery:
    """Return n tracklets of n / 4 people, who pass a camera every minute."""
    random, people = np.random.default_rng(0), n // CAMERAS
    looks = random.normal(size=(people, 64))
    views = [looks + 0.35 * random.normal(size=looks.shape) for _ in range(CAMERAS)]
    means = unit_vectors(np.concatenate(views).astype(np.float32))
    first_seen = random.random(people) * 20_000
    starts = np.concatenate([first_seen + 60 * camera for camera in range(CAMERAS)])
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


def measure(n: int) -> tuple[float, float, int]:
    """Match n tracklets, and return seconds, peak memory of the process in GB, and number of identities."""
    gallery = simulate_gallery(n)
    cameras = CameraSet(
        tuple(Camera(f"c{i}", Recording((Path(f"c{i}.mp4"),)), offset=0.0) for i in range(CAMERAS))
    )
    started = time.perf_counter()
    identities = match_tracklets(gallery, cameras, MatchingConfig()).identities
    seconds = time.perf_counter() - started
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, int(identities.max())


@click.command()
@click.argument("sizes", nargs=-1, type=click.IntRange(CAMERAS), metavar="TRACKLETS...")
def main(sizes: tuple[int, ...]) -> None:
    """Print time and memory of matching for each number of TRACKLETS."""
    previous: tuple[int, float, float] | None = None
    for n in sizes or (1_000, 10_000, 100_000):
        if n > LARGEST:
            click.echo(f"{n:7}: skipped; each copy of the scores of all pairs takes {4 * n * n / 1e9:.0f} GB")
            continue
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            seconds, peak, identities = pool.submit(measure, n).result()
        growth = ""
        if previous is not None:
            ratios = np.log([n / previous[0], seconds / previous[1], peak / previous[2]])
            growth = f"; time grew as n^{ratios[1] / ratios[0]:.1f}, memory as n^{ratios[2] / ratios[0]:.1f}"
        click.echo(f"{n:7}: {seconds:6.2f} s, peak memory {peak:5.2f} GB, {identities} identities{growth}")
        previous = n, seconds, peak


if __name__ == "__main__":
    main()

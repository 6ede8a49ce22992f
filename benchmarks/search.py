"""Measure how fast `search` answers from a saved gallery, and how much memory it needs.

    python -m benchmarks.search --tracklets 100000 --dimensions 2048

A gallery of random vectors is written as a run writes it (float16). Another process reads it and searches it, by
tracklets of the gallery and by embedded pictures. It prints the times of loading and of a search with `--top 10`, and
the peak memory of that process. Detecting and embedding a person in a picture is not included.
"""

from __future__ import annotations

import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import click
import numpy as np

from pipeline.embedding.networks import ClassNetwork
from pipeline.matching.match import Matched, Matching
from pipeline.matching.outcome import Status
from pipeline.matching.pairs.gallery import Gallery
from pipeline.results.galleries import SavedNetwork, write_galleries
from pipeline.results.records import read_run
from pipeline.search.query import Query, query_of_tracklet
from pipeline.search.ranking import rank_tracklets
from reid.ranking.distances import unit_vectors
from reid.weights import Weights
from tests.runs import camera_record, run_record, write_run

PROTOTYPES, SEARCHES, CAMERAS = 4, 5, 20


@click.command()
@click.option("--tracklets", default=100_000, show_default=True)
@click.option("--dimensions", default=2048, show_default=True)
def main(tracklets: int, dimensions: int) -> None:
    """Write a gallery, and load and search it in another process."""
    with tempfile.TemporaryDirectory() as folder:
        for work in (write_gallery, measure):  # a process for each, so that memory peaks do not add up
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                result = pool.submit(work, Path(folder), tracklets, dimensions).result()
        click.echo(result)


def write_gallery(folder: Path, n: int, d: int) -> None:
    """Write a finished run with a gallery of n random tracklets."""
    rng = np.random.default_rng(0)
    means = unit_vectors(rng.normal(size=(n, d)).astype(np.float32))
    times, boxes, kinds = np.arange(n, dtype=np.float64), np.zeros((n, 4), np.float32), np.full(n, "person")
    cameras = [f"camera{i * CAMERAS // n:02d}" for i in range(n)]
    gallery = Gallery(
        cameras=np.array(cameras),
        tracks=np.arange(n),
        kinds=kinds,
        groups=kinds,
        starts=times,
        ends=times,
        first_boxes=boxes,
        last_boxes=boxes,
        means=means,
        prototypes=np.repeat(means[:, None], PROTOTYPES, axis=1),
    )
    status: Status = "single_camera"
    matched = Matched(gallery, Matching(np.arange(n), (status,) * n, ()), classes="people")
    record = run_record(cameras={name: camera_record() for name in dict.fromkeys(cameras)})
    rows = [
        f"{name},{track},{track},person,{track},{track},{track}.000,{track}.000,1,1,0.5000,single_camera"
        for track, name in enumerate(cameras)
    ]
    write_run(folder, record=record, tracklets=rows)
    write_galleries(
        folder / "gallery.parquet", [matched], [ClassNetwork("people", Weights("file", None, "abc", 0))]
    )


def measure(folder: Path, n: int, d: int) -> str:
    """Load the run and search it, and return a line with times and memory."""
    started = time.perf_counter()
    run = read_run(folder)
    (saved,) = run.galleries
    loading = time.perf_counter() - started
    keys, seconds = saved.gallery.keys, []
    for number in range(SEARCHES):
        by_picture = number % 2 == 1
        key = keys[number * n // SEARCHES]
        query = picture_query(d, saved.network) if by_picture else query_of_tracklet(run, key)
        started = time.perf_counter()
        rank_tracklets([run], query, count=10)
        seconds.append(time.perf_counter() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    size = (folder / "gallery.parquet").stat().st_size / 1e9
    return (
        f"{n} tracklets x {d} dimensions ({size:.2f} GB): loading {loading:.1f} s; a search "
        f"{np.median(seconds):.2f} s (slowest {max(seconds):.2f} s); peak memory {peak:.1f} GB"
    )


def picture_query(d: int, network: SavedNetwork) -> Query:
    """Return a query as from embedded pictures."""
    vector = unit_vectors(np.ones((1, d), np.float32))
    return Query("person", vector[0], np.repeat(vector, PROTOTYPES, axis=0), network)


if __name__ == "__main__":
    main()

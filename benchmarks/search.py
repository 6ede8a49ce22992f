"""How fast does a saved gallery answer, and what does it take to hold it?

    python -m benchmarks.search --tracklets 100000 --dimensions 2048

A gallery of random vectors is written as a run writes one (in float16), then a process of its own reads it back and
searches it by some of its tracklets and by pictures already embedded: time of loading, time of one search, and that
process's peak memory. What finding somebody in a picture and embedding it takes is not in it; `--top 10` is.
"""

from __future__ import annotations

import json
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import click
import numpy as np
from pipeline.search.runs import read_run

from pipeline.embedding.networks import ClassNetwork
from pipeline.matching.match import Matched, Matching
from pipeline.matching.outcome import Status
from pipeline.matching.pairs.gallery import Gallery
from pipeline.results.galleries import SavedNetwork, write_galleries
from pipeline.search.query import Query, query_of_tracklet
from pipeline.search.ranking import search
from reid.ranking.distances import unit_vectors
from reid.weights import Weights

PROTOTYPES, SEARCHES, CAMERAS = 4, 5, 20
SETTINGS = {"threshold": {"value": 0.6}, "stitch_threshold": {"value": 0.9}}


@click.command()
@click.option("--tracklets", default=100_000, show_default=True)
@click.option("--dimensions", default=2048, show_default=True)
def main(tracklets: int, dimensions: int) -> None:
    """Write a gallery, read it elsewhere, and search it."""
    with tempfile.TemporaryDirectory() as folder:
        for work in (_write, _measure):  # each in a process of its own, so that peaks do not add up
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                said = pool.submit(work, Path(folder), tracklets, dimensions).result()
        click.echo(said)


def _write(run: Path, n: int, d: int) -> None:
    rng = np.random.default_rng(0)
    means = unit_vectors(rng.normal(size=(n, d)).astype(np.float32))
    prototypes = np.repeat(means[:, None], PROTOTYPES, axis=1)
    times, boxes, kinds = np.arange(n, dtype=np.float64), np.zeros((n, 4), np.float32), np.full(n, "person")
    cameras = np.array([f"camera{i * CAMERAS // n:02d}" for i in range(n)])
    gallery = Gallery(cameras, np.arange(n), kinds, kinds, times, times, boxes, boxes, means, prototypes)
    alone: Status = "single_camera"
    found = Matched(gallery, Matching(np.arange(n), (alone,) * n, ()))
    network = ClassNetwork("people", Weights("file", None, "abc", 0))
    write_galleries(run / "gallery.parquet", [found], [network])
    record = {"state": "done", "matching": {"people": SETTINGS}}
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")


def _measure(folder: Path, n: int, d: int) -> str:
    began = time.perf_counter()
    run = read_run(folder)
    loading = time.perf_counter() - began
    seconds = []
    for number in range(SEARCHES):
        keys = run.gallery("person").gallery
        key = str(keys.cameras[number * n // SEARCHES]), int(keys.tracks[number * n // SEARCHES])
        query = _picture(d, run.gallery("person").network) if number % 2 else query_of_tracklet(run, key)
        began = time.perf_counter()
        search(query, [run], most=10)
        seconds.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    size = (folder / "gallery.parquet").stat().st_size / 1e9
    return (
        f"{n} tracklets x {d} dimensions ({size:.2f} GB): loading {loading:.1f} s; a search "
        f"{np.median(seconds):.2f} s (slowest {max(seconds):.2f} s); peak {peak:.1f} GB"
    )


def _picture(d: int, network: SavedNetwork) -> Query:
    vector = unit_vectors(np.ones((1, d), np.float32))
    return Query("person", vector[0], np.repeat(vector, PROTOTYPES, axis=0), network)


if __name__ == "__main__":
    main()

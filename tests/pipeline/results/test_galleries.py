"""The galleries of a run, written and read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from pipeline.embedding.networks import ClassNetwork
from pipeline.matching.match import Matched, Matching
from pipeline.matching.pairs.gallery import Gallery, build_gallery
from pipeline.results.galleries import read_galleries, write_galleries
from pipeline.tracking.tracklets import Tracklet
from reid.weights import Weights

PEOPLE = ClassNetwork("people", Weights("shipped", Path("people"), "abc", 0))
VEHICLES = ClassNetwork("vehicles", Weights("file", Path("cars"), "def", 0), "it has seen people alone")


def crowd(names: list[str], kind: str, d: int, prototypes: int) -> Gallery:
    """Tracklets named like "gate/3", with random embeddings."""
    rng = np.random.default_rng(d)
    tracklets = []
    for name in names:
        camera, _, track = name.rpartition("/")
        start = rng.random() * 1000
        boxes = rng.random((3, 4)).astype(np.float32) * 100
        ones = np.ones(3, np.float32)
        seconds = start + np.arange(3) / 3
        tracklets.append(Tracklet(camera, int(track), kind, np.arange(3), seconds, boxes, ones, ones))
    looks = [rng.normal(size=(6, d)).astype(np.float32) for _ in names]
    weights = [np.ones(6, np.float32)] * len(names)
    return build_gallery(tracklets, looks, weights=weights, prototypes=prototypes)


def matched(gallery: Gallery, identities: list[int]) -> Matched:
    statuses = ("single_camera",) * len(gallery)
    return Matched(gallery, Matching(np.array(identities, np.int64), statuses, ()))  # type: ignore[arg-type]


FOUND = [
    matched(crowd(["Tor Süd/1", "gate/2", "up/down/10"], "person", 12, 4), [1, 3, 1]),
    matched(crowd(["gate/1", "gate/7"], "truck", 8, 2), [2, 4]),
]


def equal(a: Gallery, b: Gallery) -> bool:
    """Whether two galleries are equal, vectors up to float16."""
    exact = ("cameras", "tracks", "kinds", "groups", "starts", "ends", "first_boxes", "last_boxes")
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in exact) and all(
        getattr(a, name).shape == getattr(b, name).shape
        and np.allclose(getattr(a, name), getattr(b, name), atol=1e-3)
        for name in ("means", "prototypes")
    )


def test_galleries_are_read_back_network_by_network(tmp_path: Path) -> None:
    write_galleries(tmp_path / "gallery.parquet", FOUND, [PEOPLE, VEHICLES])
    people, vehicles = read_galleries(tmp_path / "gallery.parquet")
    for read, written in ((people, FOUND[0]), (vehicles, FOUND[1])):
        assert equal(read.gallery, written.gallery)
        assert read.identities.tolist() == written.matching.identities.tolist()
        assert np.linalg.norm(read.gallery.prototypes, axis=-1) == pytest.approx(1, abs=1e-6)
    assert (people.network.classes, people.network.sha256, people.network.caveat) == ("people", "abc", None)
    assert vehicles.network.variant == "fgreid"
    assert vehicles.network.caveat == "the network is not trained on vehicles: do not trust"


def test_other_programs_find_plain_columns(tmp_path: Path) -> None:
    write_galleries(tmp_path / "gallery.parquet", FOUND, [PEOPLE, VEHICLES])
    row = pq.read_table(tmp_path / "gallery.parquet").to_pylist()[1]
    assert (row["network"], row["camera"], row["track"], row["identity"], row["class"]) == (
        *("people", "gate", 2, 3),
        "person",
    )
    assert row["mean"] == FOUND[0].gallery.means[1].astype(np.float16).tolist()
    assert row["first_box"] == FOUND[0].gallery.first_boxes[1].tolist()


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_galleries(tmp_path / name, FOUND, [PEOPLE, VEHICLES])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_empty_galleries_are_read_back(tmp_path: Path) -> None:
    nobody = matched(crowd([], "person", 12, 4), [])
    write_galleries(tmp_path / "gallery.parquet", [nobody, nobody], [PEOPLE, VEHICLES])
    assert [len(read.gallery) for read in read_galleries(tmp_path / "gallery.parquet")] == [0, 0]

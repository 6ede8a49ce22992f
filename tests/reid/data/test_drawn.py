from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from reid.data.catalogue import load_benchmark
from reid.data.frames import read_image
from samples.miniatures.benchmarks import BENCHMARKS, draw


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", list(BENCHMARKS))
def test_the_same_seed_draws_the_same_bytes_and_another_one_others(name: str, tmp_path: Path) -> None:
    for number, seed in enumerate((5, 5, 6)):
        draw(name, tmp_path / str(number), identities=2, frames=2, size=(32, 16), seed=seed)
    first, again, other = (contents(tmp_path / str(number)) for number in range(3))
    assert first == again
    assert first != other


def test_pictures_have_the_size_asked_for(tmp_path: Path) -> None:
    draw("mars", tmp_path, identities=2, frames=1, size=(256, 128))
    (entry, *_) = load_benchmark("mars", tmp_path).train
    assert read_image(entry.images[0]).shape == (256, 128, 3)


def test_neither_colours_nor_pixels_alone_tell_who_it_is(tmp_path: Path) -> None:
    """Rank by colour histograms and by small pictures: right first far less often than one would train for."""
    draw("mars", tmp_path, identities=40, frames=2, size=(64, 32))
    benchmark = load_benchmark("mars", tmp_path)
    for describe in (histogram, pixels):
        query = np.stack([describe(entry.images[0]) for entry in benchmark.query])
        gallery = np.stack([describe(entry.images[0]) for entry in benchmark.gallery])
        right = 0
        for i, asked in enumerate(benchmark.query):
            distance = np.linalg.norm(gallery - query[i], axis=1)
            own = [e.identity == asked.identity and e.camera == asked.camera for e in benchmark.gallery]
            nearest = benchmark.gallery[int(np.where(own, np.inf, distance).argmin())]
            right += nearest.identity == asked.identity
        assert right < 0.5 * len(benchmark.query)


def histogram(path: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    counts = cv2.calcHist([cv2.imread(path)], [0, 1, 2], None, [4, 4, 4], [0, 256] * 3).ravel()
    return np.asarray(np.sqrt(counts / counts.sum()), np.float64)


def pixels(path: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(cv2.resize(cv2.imread(path), (16, 32)), np.float64).ravel()

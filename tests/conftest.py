"""What several rooms' tests share: the shared folder of real footage, drawn data, and one thread."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from filelock import FileLock
from hypothesis import settings

from samples.miniatures import benchmarks
from tests import street

SHARED = Path(__file__).parents[1].parent / "shared"

settings.register_profile("default", max_examples=50, deadline=None)  # a busy machine misses any deadline
settings.register_profile("soak", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Compute on one thread, here and in every process started from here.

    On a busy machine, threads that wait for each other take four times as long, and another number of threads
    gives other last digits.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real clips and detector weights, which are not part of the project."""
    if not SHARED.is_dir():
        pytest.skip("the shared folder with real footage and weights is not here")
    return SHARED


def make_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that the first process of a test run fills and all its processes read.

    Args:
        factory: pytest's temporary folders. Each process of pytest-xdist has its own inside a shared one.
        name: name of the folder.
        make: function that fills an empty folder.
    """
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, unfinished = shared / name, shared / f"{name}-unfinished"
    with FileLock(shared / f"{name}.lock"):
        if not folder.exists():
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 14 seconds of the street of `tests/street.py`."""
    return make_once(tmp_path_factory, "scene", lambda folder: street.draw(folder, seconds=14))


@pytest.fixture(scope="session")
def drawn_mars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with MARS in miniature: 12 identities for training and 12 for the test, in the exact layout."""
    return make_once(
        tmp_path_factory,
        "drawn-mars",
        lambda root: benchmarks.draw("mars", root, identities=24, frames=4, size=(64, 32)),
    )


@pytest.fixture(scope="session")
def drawn_ilids(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with iLIDS-VID in miniature: eight identities for training and eight for the test."""
    return make_once(
        tmp_path_factory,
        "drawn-ilids",
        lambda root: benchmarks.draw("ilids-vid", root, identities=16, frames=3, size=(64, 32)),
    )


@pytest.fixture(scope="module")
def no_curves() -> Iterator[None]:
    """Let trainings draw a notice instead of their curves, which take longer than a tiny training."""
    from reid.pictures.canvas import notice_figure, save_figure  # importing matplotlib takes long

    def draw(metrics: Path, picture: Path) -> None:
        assert metrics.is_file()
        save_figure(notice_figure("No curves in this test"), picture)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reid.train.draw_curves", draw)
        yield

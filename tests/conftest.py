"""What several rooms' tests share: the shared folder of real footage, drawn data, and one thread."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from samples import street
from samples.miniatures import benchmarks

SHARED = Path(__file__).parents[1].parent / "shared"


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


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 14 seconds of the street of `samples/street.py`."""
    folder = tmp_path_factory.mktemp("scene")
    street.draw(folder, seconds=14)
    return folder


@pytest.fixture(scope="session")
def drawn_mars(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with MARS in miniature: 12 identities for training and 12 for the test, in the exact layout."""
    root = tmp_path_factory.mktemp("drawn")
    benchmarks.draw("mars", root, identities=24, frames=4, size=(64, 32))
    return root

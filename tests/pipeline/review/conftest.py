"""A run that is being reviewed, on a real server."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
import uvicorn

from pipeline.review.guard import Guard
from pipeline.review.review import open_review
from pipeline.review.server import review_application
from tests.pipeline.review.made import made_run


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_run(tmp_path_factory.mktemp("made") / "run")


@pytest.fixture
def run(once: Path, tmp_path: Path) -> Path:
    """A copy of a finished run."""
    return shutil.copytree(once, tmp_path / "run")


@pytest.fixture
def served(run: Path) -> Iterator[Guard]:
    """The guard of a server of the run."""
    with served_at(run) as guard:
        yield guard


@contextmanager
def served_at(run: Path) -> Iterator[Guard]:
    with open_review(run) as review, socket.create_server(("127.0.0.1", 0)) as listening:
        guard = Guard("t0ken-_", listening.getsockname()[1])
        config = uvicorn.Config(review_application(review, guard), log_level="critical", lifespan="off")
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield guard
        server.should_exit = True
        thread.join()

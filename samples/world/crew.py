"""Parallel work in processes. Results do not depend on the number of processes."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from threading import Thread
from time import sleep
from typing import Protocol, TypeVar

from samples.world.errors import WorldError

Task = TypeVar("Task")
Result = TypeVar("Result")
AHEAD = 2
"""Tasks per worker that are submitted ahead of their use; more would fill the memory with images."""


class Run(Protocol):
    """A function that runs tasks and yields their results in the order of the tasks."""

    def __call__(self, function: Callable[[Task], Result], tasks: Iterable[Task], /) -> Iterator[Result]:
        """Run each task. With several workers the function, the tasks and the results are pickled."""
        ...


@contextmanager
def crew(workers: int) -> Iterator[Run]:
    """Yield a function that runs tasks in this process (one worker) or in new processes (several workers).

    Raises:
        WorldError: `workers` is below 1, or a worker is killed.
    """
    if workers < 1:
        raise WorldError(f"the number of workers is {workers}; it must be at least 1")
    if workers == 1:
        yield map
        return
    spawn = get_context("spawn")
    with ProcessPoolExecutor(workers, spawn, initializer=_exit_with, initargs=(os.getpid(),)) as pool:

        def run(function: Callable[[Task], Result], tasks: Iterable[Task], /) -> Iterator[Result]:
            return _run_ahead(pool, AHEAD * workers, function, tasks)

        yield run


def _exit_with(parent: int) -> None:
    """End this worker when its parent process is gone, even if the parent was killed."""

    def watch() -> None:
        while os.getppid() == parent:
            sleep(1.0)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def _run_ahead(
    pool: ProcessPoolExecutor, ahead: int, function: Callable[[Task], Result], tasks: Iterable[Task]
) -> Iterator[Result]:
    """Yield the results in order while up to `ahead` further tasks are submitted."""
    submitted: deque[Future[Result]] = deque()
    try:
        for task in tasks:
            submitted.append(pool.submit(function, task))
            if len(submitted) > ahead:
                yield submitted.popleft().result()
        while submitted:
            yield submitted.popleft().result()
    except BrokenProcessPool as error:
        raise WorldError("a worker was killed, perhaps because memory ran out; use fewer workers") from error
    finally:
        for future in submitted:
            future.cancel()

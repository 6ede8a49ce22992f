"""How is work spread over processes, so that nothing shows how many there were?"""

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
"""Tasks for each worker that are begun before their results are wanted; more would pile up pictures."""


class Run(Protocol):
    """Does tasks and gives the results in the tasks' order."""

    def __call__(self, function: Callable[[Task], Result], tasks: Iterable[Task], /) -> Iterator[Result]:
        """Do each task; with several workers the function and all it takes and gives is pickled."""
        ...


@contextmanager
def crew(workers: int) -> Iterator[Run]:
    """Give what runs tasks: here with one worker, else in as many new processes, each with its own OpenGL."""
    if workers < 1:
        raise WorldError(f"{workers} workers can do nothing; ask for at least 1")
    if workers == 1:
        yield map
        return
    spawn = get_context("spawn")
    with ProcessPoolExecutor(workers, spawn, initializer=_end_with, initargs=(os.getpid(),)) as pool:

        def run(function: Callable[[Task], Result], tasks: Iterable[Task], /) -> Iterator[Result]:
            return _ahead(pool, AHEAD * workers, function, tasks)

        yield run


def _end_with(parent: int) -> None:
    """Let a worker die when its parent is gone, however that was killed: else it draws on for nobody."""

    def watch() -> None:
        while os.getppid() == parent:
            sleep(1.0)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def _ahead(
    pool: ProcessPoolExecutor, ahead: int, function: Callable[[Task], Result], tasks: Iterable[Task]
) -> Iterator[Result]:
    begun: deque[Future[Result]] = deque()
    try:
        for task in tasks:
            begun.append(pool.submit(function, task))
            if len(begun) > ahead:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    except BrokenProcessPool as error:
        raise WorldError("a worker was killed, perhaps for want of memory; ask for fewer workers") from error
    finally:
        for future in begun:
            future.cancel()

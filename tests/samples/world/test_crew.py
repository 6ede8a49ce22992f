from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from samples.world.crew import crew
from samples.world.errors import WorldError


def die(status: int) -> None:
    os._exit(status)


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_tasks(workers: int) -> None:
    with crew(workers) as run:
        assert list(run(abs, range(-9, 0))) == [9, 8, 7, 6, 5, 4, 3, 2, 1]
        assert list(run(abs, [])) == []


def test_tasks_are_not_drawn_far_ahead_of_their_results() -> None:
    drawn = []

    def tasks() -> Iterator[int]:
        for task in range(100):
            drawn.append(task)
            yield task

    with crew(2) as run:
        next(results := run(abs, tasks()))
        assert len(drawn) == 5
        del results


def test_what_goes_wrong_in_a_worker_is_raised_here() -> None:
    with crew(2) as run, pytest.raises(TypeError):
        list(run(len, [3]))  # type: ignore[arg-type]


def test_a_killed_worker_is_reported_in_a_sentence() -> None:
    with crew(2) as run, pytest.raises(WorldError, match="a worker was killed"):
        list(run(die, [1]))


def test_workers_end_when_who_called_them_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "boss.py"
    script.write_text(
        "import multiprocessing, os, time\n"
        "from samples.world.crew import crew\n"
        "if __name__ == '__main__':\n"
        "    with crew(2) as run:\n"
        "        list(run(os.getenv, ['PATH'] * 6))\n"
        "        print([worker.pid for worker in multiprocessing.active_children()], flush=True)\n"
        "        time.sleep(60)\n",
        encoding="utf-8",
    )
    boss = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": "."}
    )
    assert boss.stdout is not None
    workers = [int(number) for number in re.findall(r"\d+", boss.stdout.readline())]
    boss.kill()
    boss.wait()
    assert workers
    gone = time.monotonic() + 20
    while any(psutil.pid_exists(worker) for worker in workers) and time.monotonic() < gone:
        time.sleep(0.1)
    assert not any(psutil.pid_exists(worker) for worker in workers)

"""The terminal output of `review`; the page itself is tested in a browser elsewhere."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import filelock
from click.testing import CliRunner

from cli.main import main
from pipeline.results.run_record import write_record
from pipeline.review.guard import TOKEN
from pipeline.review.review import LOCK
from tests.pipeline.report.written import write_run
from tests.pipeline.review.made import made_run
from tests.runs import run_record


class Reviewed:
    """A review that is open in the terminal, as its page talks to it."""

    def __init__(self, run: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "review", str(run), "--no-browser"],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        assert self.process.stdout is not None
        self.address = urlsplit(self.process.stdout.readline().strip())

    def send(self, path: str, content: dict[str, object]) -> dict[str, Any]:
        """Send a request as the page does, and return the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.address.port, timeout=60)
        headers = {"Origin": f"http://{self.address.netloc}", TOKEN: self.address.path.strip("/")}
        connection.request("POST", f"{self.address.path}{path}", json.dumps(content), headers)
        answer = connection.getresponse()
        assert answer.status == 200
        state: dict[str, Any] = json.loads(answer.read())
        connection.close()
        return state

    def decide(self, verdict: str, *tracklets: str) -> dict[str, Any]:
        """Send a decision."""
        return self.send("decide", {"verdict": verdict, "tracklets": tracklets})

    def end(self) -> str:
        """Press Ctrl-C, and return the last line."""
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0
        return str(rest.splitlines()[-1])


def test_it_serves_until_interrupted_and_prints_the_rows_written(tmp_path: Path) -> None:
    run = made_run(tmp_path / "run")
    review = Reviewed(run)
    assert review.address.hostname == "127.0.0.1" and len(review.address.path) > 40
    review.decide("same", "hall-2/1", "hall-2/2")
    assert review.end() == f"{run / 'corrections.csv'}: 1 row; 1 change not applied yet"


def test_the_next_review_knows_the_changes_that_were_not_applied(tmp_path: Path) -> None:
    run = made_run(tmp_path / "run")
    first = Reviewed(run)
    first.decide("different", "hall-2/1", "hall-2/2")
    assert first.send("apply", {})["unapplied"] == 0
    first.decide("different", "hall-2/1", "hall-2/3")
    first.end()
    second = Reviewed(run)
    assert second.send("undo", {"step": 1})["unapplied"] == 2  # one was added and one undone
    assert second.end() == f"{run / 'corrections.csv'}: 1 row; 2 changes not applied yet"
    third = Reviewed(run)
    assert third.send("apply", {})["unapplied"] == 0
    assert third.end() == f"{run / 'corrections.csv'}: 1 row"


def test_a_run_that_is_not_finished_is_refused_in_one_sentence(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    write_record(run, run_record(state="running"))
    result = CliRunner().invoke(main, ["review", str(run), "--no-browser"])
    assert result.exit_code == 1 and "the run is not finished" in result.stderr
    assert not (run / LOCK).exists()


def test_a_run_is_reviewed_once_at_a_time(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    with filelock.FileLock(run / LOCK):
        result = CliRunner().invoke(main, ["review", str(run), "--no-browser"])
    assert result.exit_code == 1 and "is under review already" in result.stderr

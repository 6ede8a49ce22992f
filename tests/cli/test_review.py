"""What `review` says in the terminal; the page itself is tested in a browser elsewhere."""

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
from pipeline.review.guard import TOKEN
from pipeline.review.review import LOCK
from tests.pipeline.report.written import write_run
from tests.pipeline.review.made import made_run


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

    def ask(self, what: str, told: dict[str, object]) -> dict[str, Any]:
        """Do as the page does, and hear what it hears."""
        connection = http.client.HTTPConnection("127.0.0.1", self.address.port, timeout=60)
        headers = {"Origin": f"http://{self.address.netloc}", TOKEN: self.address.path.strip("/")}
        connection.request("POST", f"{self.address.path}{what}", json.dumps(told), headers)
        answer = connection.getresponse()
        assert answer.status == 200
        state: dict[str, Any] = json.loads(answer.read())
        connection.close()
        return state

    def say(self, verdict: str, *tracklets: str) -> dict[str, Any]:
        """Answer a question."""
        return self.ask("say", {"verdict": verdict, "tracklets": tracklets})

    def end(self) -> str:
        """Press Ctrl-C; gives the last line."""
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0
        return str(rest.splitlines()[-1])


def test_it_serves_until_interrupted_and_says_what_was_written(tmp_path: Path) -> None:
    run = made_run(tmp_path / "run")
    review = Reviewed(run)
    assert review.address.hostname == "127.0.0.1" and len(review.address.path) > 40
    review.say("same", "hall/1", "hall/2")
    assert review.end() == f"{run / 'corrections.csv'}: 1 row; 1 change not applied yet"


def test_what_was_not_applied_is_not_taken_for_applied_by_the_next_review(tmp_path: Path) -> None:
    run = made_run(tmp_path / "run")
    first = Reviewed(run)
    first.say("different", "hall/1", "hall/2")
    assert first.ask("apply", {})["unapplied"] == 0
    first.say("different", "hall/1", "hall/3")
    first.end()
    second = Reviewed(run)
    assert second.ask("take-back", {"step": 1})["unapplied"] == 2  # one was said and one taken back
    assert second.end() == f"{run / 'corrections.csv'}: 1 row; 2 changes not applied yet"
    third = Reviewed(run)
    assert third.ask("apply", {})["unapplied"] == 0
    assert third.end() == f"{run / 'corrections.csv'}: 1 row"


def test_a_run_that_is_not_finished_is_refused_in_one_sentence(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    (run / "run.json").write_text('{"state": "running"}')
    result = CliRunner().invoke(main, ["review", str(run), "--no-browser"])
    assert result.exit_code == 1 and "the run is not finished" in result.stderr
    assert not (run / LOCK).exists()


def test_a_run_that_does_not_tell_how_it_was_made_is_refused_in_one_sentence(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["review", str(write_run(tmp_path / "run")), "--no-browser"])
    assert result.exit_code == 1 and "give the command of its match once more" in result.stderr


def test_a_run_is_reviewed_once_at_a_time(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    with filelock.FileLock(run / LOCK):
        result = CliRunner().invoke(main, ["review", str(run), "--no-browser"])
    assert result.exit_code == 1 and "is being reviewed already" in result.stderr

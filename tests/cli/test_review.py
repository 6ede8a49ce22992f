"""What `review` says in the terminal; the page itself is tested in a browser elsewhere."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import filelock
from click.testing import CliRunner

from cli.main import main
from pipeline.review.guard import TOKEN
from pipeline.review.review import LOCK
from tests.pipeline.report.written import write_run
from tests.pipeline.review.made import made_run


def test_it_serves_until_interrupted_and_says_what_was_written(tmp_path: Path) -> None:
    run = made_run(tmp_path / "run")
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "review", str(run), "--no-browser"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    address = urlsplit(process.stdout.readline().strip())
    assert address.hostname == "127.0.0.1" and len(address.path) > 40
    connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=60)
    headers = {"Origin": f"http://{address.netloc}", TOKEN: address.path.strip("/")}
    said = json.dumps({"verdict": "same", "tracklets": ["hall/1", "hall/2"]})
    connection.request("POST", f"{address.path}say", said, headers)
    assert connection.getresponse().status == 200
    connection.close()
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert rest.splitlines()[-1] == f"{run / 'corrections.csv'}: 1 row; 1 of them not applied yet"


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

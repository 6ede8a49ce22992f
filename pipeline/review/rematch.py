"""Matching a finished run again with other corrections; the footage may be gone, because the run kept its parts."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

from pipeline.results.records import FinishedRun
from pipeline.run import match

OPTION = "--corrections"


def match_again(run: FinishedRun, corrections: Path) -> None:
    """Match a run again with its own settings and a corrections file; the new record holds the warnings.

    Raises:
        PipelineError, DetectorError, ReidError: the run cannot be matched; its parts are kept.
    """
    inputs = run.record.given
    match(
        inputs.camera_set,
        replace(inputs.config, corrections=corrections),
        run.folder,
        command=_command(run.record.command, corrections),
        warn=lambda _: None,
    )


def _command(command: str, corrections: Path) -> list[str]:
    """Return the arguments of a run's command with another corrections file.

    >>> _command("reid-pipeline match a.mp4 --corrections old.csv", Path("new.csv"))
    ['match', 'a.mp4', '--corrections', 'new.csv']
    """
    words = shlex.split(command)[1:]
    kept = [
        word
        for place, word in enumerate(words)
        if not (word == OPTION or word.startswith(f"{OPTION}=") or words[place - 1 : place] == [OPTION])
    ]
    return [*kept, OPTION, str(corrections)] if kept else []

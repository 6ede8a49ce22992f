"""Match a finished run again with other corrections: its footage may be gone, for its parts are there."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.protocols import no_progress
from pipeline.results.reading import run_record
from pipeline.results.settings_saved import given_again
from pipeline.run import match

OPTION = "--corrections"


def match_again(run: Path, corrections: Path | None) -> list[str]:
    """Match with the settings recorded in the run folder and these corrections; gives the warnings.

    Raises:
        PipelineError, DetectorError, ReidError: as `match` does; corrections and parts are kept.
    """
    record = run_record(run)
    cameras, config = given_again(run, record)
    warnings: list[str] = []
    match(
        cameras,
        replace(config, corrections=corrections),
        run,
        command=_command(str(record.get("command", "")), corrections),
        start_progress=no_progress,
        warn=warnings.append,
    )
    return warnings


def _command(before: str, corrections: Path | None) -> Sequence[str]:
    """Spell the command that makes this result: the run's own, with these corrections instead of any others.

    >>> _command("reid-pipeline match a.mp4 --corrections old.csv", Path("new.csv"))
    ['match', 'a.mp4', '--corrections', 'new.csv']
    """
    words = shlex.split(before)[1:]
    kept = [
        word
        for place, word in enumerate(words)
        if not (word == OPTION or word.startswith(f"{OPTION}=") or words[place - 1 : place] == [OPTION])
    ]
    return [*kept, OPTION, str(corrections)] if kept and corrections else kept

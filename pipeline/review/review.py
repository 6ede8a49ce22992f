"""Review of one run: the user's statements, the page, and the changes of the last matching."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import copyfile
from typing import Any

import filelock

from pipeline.errors import CorrectionsError, RunError
from pipeline.matching.corrections import NAME, Corrections, Verdict, parse_tracklet_name, read_corrections
from pipeline.page.document import page_document
from pipeline.page.page import make_page, render_page
from pipeline.results.records import FinishedRun, read_run
from pipeline.results.run_record import RunRecord, read_record
from pipeline.review.changes import describe_changes
from pipeline.review.doubts import doubtful_links
from pipeline.review.rematch import match_again
from pipeline.review.verdicts import (
    ReviewStep,
    Statement,
    corrections_of,
    new_statements,
    settled_pairs,
    statements_joining,
    statements_separating,
    write_corrections,
)
from pipeline.tracking.tracklets import Key, Pair
from reid.files import sha256

LOCK = ".reid-pipeline.review.lock"
APPLIED = ".reid-pipeline.review.applied.csv"
"""File of a run folder: a copy of the corrections that the run was last matched with; run.json has its SHA-256."""
SIZE = 320
"""Longer side of a picture in pixels: larger than in a report, because the user compares pictures."""


class Review:
    """The review of a run; every statement is written to the run's corrections.csv at once.

    Its methods must not run in several threads at the same time.
    """

    def __init__(self, folder: Path) -> None:
        """Read a finished run and its corrections.

        Raises:
            RunError: the run is not finished, or damaged.
            CorrectionsError: its corrections are invalid.
        """
        self.file = folder / NAME
        self.run = read_run(folder)
        used = self.run.record.given.config.corrections
        files = [path for path in (self.file, used) if path is not None and path.is_file()]
        statements = _statements(read_corrections(files[0])) if files else []
        self.steps = [ReviewStep(number, (statement,)) for number, statement in enumerate(statements, 1)]
        self.corrections.check_known(self.run.by_key)
        self._applied = self._applied_statements(self.run.record, files)
        self._last_number = len(self.steps)
        self._written = self._file_content()
        self.changes: list[str] | None = None
        """Changes of the last matching, in sentences; None before the first."""
        self.generation = 0
        """Number of times that this review matched the run again."""
        self._render()

    def decide(self, verdict: Verdict, names: Sequence[str]) -> None:
        """Declare two tracklets the same or different, or one tracklet ignored.

        Raises:
            CorrectionsError: it contradicts an earlier statement, or names an unknown tracklet.
        """
        if len(set(names)) != (1 if verdict == "ignore" else 2):
            raise CorrectionsError(
                f"the verdict {verdict} needs {'one' if verdict == 'ignore' else 'two'} tracklets"
            )
        self._add([Statement(verdict, tuple(self._key(name) for name in names))])

    def merge(self, identities: Sequence[int]) -> None:
        """Declare all tracklets of some identities one object.

        Raises:
            CorrectionsError: it contradicts an earlier statement.
        """
        members = [key for identity in identities for key in self._members(identity)]
        self._add(statements_joining(members, self.corrections))

    def split(self, name: str) -> None:
        """Declare a tracklet another object than the other tracklets of its identity.

        Raises:
            CorrectionsError: it contradicts an earlier statement, or the identity has no other tracklet.
        """
        tracklet = self.run.by_key[self._key(name)]
        others = [key for key in self._members(tracklet.identity) if key != tracklet.key]
        if not others:
            raise CorrectionsError(f"{name} is the only tracklet of its identity, which cannot be split")
        self._add(statements_separating(tracklet.key, others, self.corrections))

    def undo(self, number: int) -> None:
        """Undo a step.

        Raises:
            CorrectionsError: the step does not exist any more.
        """
        kept = [step for step in self.steps if step.number != number]
        if len(kept) == len(self.steps):
            raise CorrectionsError("this step was undone already, perhaps in another tab")
        self._keep(kept)

    def apply(self) -> None:
        """Match the run again with all statements, and describe the changes.

        Raises:
            PipelineError, DetectorError, ReidError: the run cannot be matched; the statements are kept.
        """
        before, statements = _identities(self.run), self._all_statements()
        self._keep(self.steps)
        match_again(self.run, self.file)
        self.run = read_run(self.run.folder)
        self.changes = describe_changes(before, _identities(self.run)) or ["No identity changed."]
        self._applied = statements
        copyfile(self.file, self.run.folder / APPLIED)
        self.generation += 1
        self._render()

    @property
    def corrections(self) -> Corrections:
        """All statements as corrections."""
        return corrections_of(self.steps, self.file)

    @property
    def unapplied(self) -> int:
        """Number of statements that were added or undone since the run was matched."""
        return len(set(self._all_statements()) ^ set(self._applied))

    def state(self) -> dict[str, Any]:
        """Return the state of the review, for the page's script."""
        return {
            "generation": self.generation,
            "doubts": self.doubts,
            "settled": settled_pairs(self._pairs, self.corrections),
            "steps": list(_numbered_steps(self.steps)),
            "unapplied": self.unapplied,
            "changes": self.changes,
        }

    def _applied_statements(self, record: RunRecord, files: Sequence[Path]) -> list[Statement]:
        """Return the statements that the run was last matched with; copy their file, because it changes."""
        digest = record.corrections.sha256 if record.corrections else None
        applied = self.run.folder / APPLIED
        if applied.is_file() and sha256(applied) == digest:
            return _statements(read_corrections(applied))
        for path in files:
            if sha256(path) == digest:
                copyfile(path, applied)
                return _statements(read_corrections(path))
        return []

    def _render(self) -> None:
        """Render the page, and list the links to ask about."""
        page = replace(make_page(self.run, blur="none", size=SIZE), generation=self.generation)
        self.page, self.policy = "".join(render_page(page)), page.policy
        document = page_document(self.run)
        self.doubts = doubtful_links(document)
        keys = [tracklet.key for tracklet in document.tracklets]
        self._pairs: dict[int, Pair] = {link.match: (keys[link.a], keys[link.b]) for link in document.links}

    def _add(self, statements: Sequence[Statement]) -> None:
        new = new_statements(statements, self.corrections)
        if new:
            self._keep([*self.steps, ReviewStep(self._last_number + 1, new)])
            self._last_number += 1

    def _keep(self, steps: list[ReviewStep]) -> None:
        """Write the corrections of some steps; steps that contradict each other are refused."""
        corrections = corrections_of(steps, self.file)
        if self._file_content() != self._written:
            raise CorrectionsError(
                f"{self.file} was changed by another program; end this review with Ctrl-C and start it again"
            )
        write_corrections(corrections, self.file)
        self._written = self._file_content()
        self.steps = steps

    def _file_content(self) -> bytes | None:
        return self.file.read_bytes() if self.file.is_file() else None

    def _all_statements(self) -> list[Statement]:
        return [statement for step in self.steps for statement in step.statements]

    def _key(self, name: str) -> Key:
        key = parse_tracklet_name(name)
        if key is None or key not in self.run.by_key:
            raise CorrectionsError(f"{name} is not a tracklet of this run")
        return key

    def _members(self, identity: int | None) -> list[Key]:
        members = [
            tracklet.key
            for tracklet in self.run.tracklets
            if identity is not None and tracklet.identity == identity
        ]
        if not members:
            raise CorrectionsError("this identity does not exist any more; perhaps another tab matched again")
        return members


@contextmanager
def open_review(folder: Path) -> Iterator[Review]:
    """Review a run; its folder is locked against a second review.

    Raises:
        RunError: the run is under review already, not finished, or damaged.
        CorrectionsError: its corrections are invalid.
    """
    read_record(folder)  # a folder without a finished run gets no lock
    try:
        with filelock.FileLock(folder / LOCK, timeout=0):
            yield Review(folder)
    except filelock.Timeout as error:
        raise RunError(f"{folder}: is under review already; end that review first") from error


def _statements(corrections: Corrections) -> list[Statement]:
    return [Statement(row.verdict, row.tracklets) for row in corrections.rows]


def _identities(run: FinishedRun) -> dict[str, int]:
    """Return the identity of each tracklet that has one, by name."""
    return {tracklet.name: tracklet.identity for tracklet in run.tracklets if tracklet.identity is not None}


def _numbered_steps(steps: Sequence[ReviewStep]) -> Iterator[dict[str, Any]]:
    """Yield each step for the page's script, with the lines of its rows in the file."""
    line = 2
    for step in steps:
        rows = []
        for statement in step.statements:
            names = [f"{camera}/{track}" for camera, track in statement.tracklets]
            rows.append({"row": line, "verdict": statement.verdict, "tracklets": names})
            line += 1
        yield {"number": step.number, "rows": rows}

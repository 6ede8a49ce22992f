"""One review of one run: what was said, what the page shows, and what the last matching changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import copyfile
from typing import Any

import filelock

from pipeline.errors import CorrectionsError, RunError
from pipeline.matching.corrections import NAME, Corrections, Verdict, parse_tracklet_name, read_corrections
from pipeline.page.document import Findings
from pipeline.page.page import render
from pipeline.report.write import findings_of, read_page
from pipeline.results.reading import run_record
from pipeline.results.settings_saved import given_again
from pipeline.review.changes import changes
from pipeline.review.doubts import doubtful
from pipeline.review.rematch import match_again
from pipeline.review.verdicts import (
    Said,
    Step,
    another_object,
    corrections_of,
    news,
    one_object,
    settled,
    write_corrections,
)
from pipeline.tracking.tracklets import Key
from reid.weights import sha256

LOCK = ".reid-pipeline.review.lock"
APPLIED = ".reid-pipeline.review.applied.csv"
"""Of a run folder: a copy of the corrections that it was last matched with; run.json has its SHA-256."""
LARGE = 320
"""Pixels of the longer side of a picture: here people compare, and nothing has to travel."""


class Review:
    """What is said of a run, kept in its corrections.csv from the moment it is said.

    Only one thread may call it at a time.
    """

    def __init__(self, run: Path) -> None:
        """Read a finished run, and what was said of it before.

        Raises:
            RunError: the run is not finished, damaged, or too old to be matched again.
            CorrectionsError: what was said before cannot be understood.
        """
        self.run = run
        self.file = run / NAME
        self.findings = findings_of(run)
        record = run_record(run)
        before = given_again(run, record)[1].corrections
        files = [path for path in (self.file, before) if path is not None and path.is_file()]
        rows = _rows(read_corrections(files[0])) if files else []
        self._applied = self._matched_with(record, files)
        self.steps = [Step(number, (said,)) for number, said in enumerate(rows, 1)]
        self._last = len(rows)
        self._written = self._content()
        self.changes: list[str] | None = None
        self.generation = 0
        self._check(self.steps).check_known({(one.camera, one.track) for one in self.findings.tracklets})
        self._show()

    def say(self, verdict: Verdict, names: Sequence[str]) -> None:
        """Say that two tracklets are the same or different, or that one is to be ignored.

        Raises:
            CorrectionsError: it contradicts what was said before, or names no tracklet of the run.
        """
        if len(set(names)) != (1 if verdict == "ignore" else 2):
            raise CorrectionsError("two tracklets are the same or different; one is left out")
        self._add([Said(verdict, tuple(self._key(name) for name in names))])

    def merge(self, identities: Sequence[int]) -> None:
        """Say that all tracklets of some identities are one object.

        Raises:
            CorrectionsError: it contradicts what was said before.
        """
        members = [key for identity in identities for key in self._members(identity)]
        self._add(one_object(members, self.corrections))

    def split(self, name: str) -> None:
        """Say that a tracklet is another object than the rest of its identity.

        Raises:
            CorrectionsError: it contradicts what was said before, or there is no rest.
        """
        one = self._key(name)
        identity = next(s.identity for s in self.findings.tracklets if (s.camera, s.track) == one)
        rest = [key for key in self._members(identity) if key != one]
        if not rest:
            raise CorrectionsError(f"{name} is alone in its identity: there is nothing to split")
        self._add(another_object(one, rest, self.corrections))

    def take_back(self, number: int) -> None:
        """Take one step back.

        Raises:
            CorrectionsError: it was taken back before.
        """
        kept = [step for step in self.steps if step.number != number]
        if len(kept) == len(self.steps):
            raise CorrectionsError("this was taken back before, perhaps in another tab")
        self._keep(kept)

    def apply(self) -> None:
        """Match again with all that was said, and compare.

        Raises:
            PipelineError, DetectorError, ReidError: what stands in the way; what was said is kept.
        """
        before = _numbers(self.findings)
        said = self._said()
        self._keep(self.steps)
        match_again(self.run, self.file)
        self.findings = findings_of(self.run)
        self.changes = changes(before, _numbers(self.findings)) or ["No identity changed."]
        self._applied = said
        copyfile(self.file, self.run / APPLIED)
        self.generation += 1
        self._show()

    @property
    def corrections(self) -> Corrections:
        """All that was said."""
        return self._check(self.steps)

    @property
    def unapplied(self) -> int:
        """How many rows were said or taken back since the run was matched."""
        said, applied = set(self._said()), set(self._applied)
        return len(said ^ applied)

    def state(self) -> dict[str, Any]:
        """Tell a page all that it does not know from the run."""
        tracklets = self.findings.tracklets
        keys = [(one.camera, one.track) for one in tracklets]
        pairs = {link.match: (keys[link.a], keys[link.b]) for link in self.findings.links}
        return {
            "generation": self.generation,
            "doubts": self.doubts,
            "settled": settled(pairs, self.corrections),
            "steps": [_document(step, row) for step, row in _first_rows(self.steps)],
            "unapplied": self.unapplied,
            "changes": self.changes,
        }

    def _matched_with(self, record: Mapping[str, Any], files: Sequence[Path]) -> list[Said]:
        """Find what the run was last matched with, and keep it aside: the files change with every answer."""
        told, kept = (record.get("corrections") or {}).get("sha256"), self.run / APPLIED
        if kept.is_file() and sha256(kept) == told:
            return _rows(read_corrections(kept))
        for path in files:
            if sha256(path) == told:
                copyfile(path, kept)
                return _rows(read_corrections(path))
        return []

    def _show(self) -> None:
        found = read_page(self.run, self.findings, blur="none", size=LARGE)
        page = replace(found, generation=self.generation)
        self.page, self.policy = "".join(render(page)), page.policy
        self.doubts = doubtful(self.findings)

    def _add(self, said: Sequence[Said]) -> None:
        new = news(said, self.corrections)
        if new:
            self._keep([*self.steps, Step(self._last + 1, new)])
            self._last += 1

    def _keep(self, steps: list[Step]) -> None:
        """Write the file anew; what contradicts itself is not even kept in memory."""
        rows = self._check(steps)
        if self._content() != self._written:
            raise CorrectionsError(
                f"{self.file} was changed by somebody else; end this review with Ctrl-C and begin it again"
            )
        write_corrections(rows, self.file)
        self._written = self._content()
        self.steps = steps

    def _check(self, steps: Sequence[Step]) -> Corrections:
        return corrections_of(steps, self.file)

    def _content(self) -> bytes | None:
        return self.file.read_bytes() if self.file.is_file() else None

    def _said(self) -> list[Said]:
        return [said for step in self.steps for said in step.said]

    def _key(self, name: str) -> Key:
        key = parse_tracklet_name(name)
        if key is None or all((one.camera, one.track) != key for one in self.findings.tracklets):
            raise CorrectionsError(f"{name} is no tracklet of this run")
        return key

    def _members(self, identity: int | None) -> list[Key]:
        members = [
            (one.camera, one.track)
            for one in self.findings.tracklets
            if one.identity == identity and identity is not None
        ]
        if not members:
            raise CorrectionsError("there is no such identity now; perhaps another tab applied what was said")
        return members


@contextmanager
def review_of(run: Path) -> Iterator[Review]:
    """Review a run, with nobody else doing so at the same time.

    Raises:
        RunError: somebody else does, or the run cannot be reviewed.
        CorrectionsError: what was said before cannot be understood.
    """
    run_record(run)  # a folder that is no run gets no lock
    try:
        with filelock.FileLock(run / LOCK, timeout=0):
            yield Review(run)
    except filelock.Timeout as error:
        raise RunError(f"{run}: is being reviewed already; end that review first") from error


def _rows(corrections: Corrections) -> list[Said]:
    return [Said(row.verdict, row.tracklets) for row in corrections.rows]


def _numbers(findings: Findings) -> dict[str, int]:
    return {one.name: one.identity for one in findings.tracklets if one.identity is not None}


def _first_rows(steps: Sequence[Step]) -> Iterator[tuple[Step, int]]:
    """Tell in which line of the file each step begins."""
    row = 2
    for step in steps:
        yield step, row
        row += len(step.said)


def _document(step: Step, row: int) -> dict[str, Any]:
    rows = [
        {"row": number, "verdict": said.verdict, "tracklets": [f"{c}/{t}" for c, t in said.tracklets]}
        for number, said in enumerate(step.said, row)
    ]
    return {"number": step.number, "rows": rows}

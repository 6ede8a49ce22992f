"""Corrections: what a person knows better than the program, read from a file and checked against itself."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, cast

from pipeline.errors import CorrectionsError
from pipeline.matching.pairs.declared import joined
from pipeline.tracking.tracklets import Key, Pair

NAME = "corrections.csv"
"""Of a run folder: what was said in its review."""
COLUMNS = ("tracklet_a", "tracklet_b", "verdict")
Verdict = Literal["same", "different", "ignore"]
VERDICTS: tuple[Verdict, ...] = ("same", "different", "ignore")
DIGITS = 18
"""Most of a track's number: more do not fit into 64 bits."""
SAID = {"same": "the same", "different": "different"}


@dataclass(frozen=True)
class Correction:
    """One row: two tracklets are the same object, or different ones, or one takes no part."""

    row: int
    """Line of the file, its header being 1."""
    verdict: Verdict
    tracklets: tuple[Key, ...]
    """Two; to ignore, one."""

    @property
    def pair(self) -> Pair:
        """The two tracklets."""
        a, b = self.tracklets
        return a, b

    def __str__(self) -> str:
        """Say it to people."""
        if self.verdict == "ignore":
            return f"{spelt(self.tracklets[0])} is ignored (row {self.row})"
        return f"{' and '.join(map(spelt, self.tracklets))} are {SAID[self.verdict]} (row {self.row})"


@dataclass(frozen=True)
class Corrections:
    """Rows that do not contradict each other."""

    path: Path | None = None
    rows: tuple[Correction, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if row.verdict == "same" and self.ignored.intersection(row.tracklets):
                self._refuse([row, *self._ignoring(row)])
        for group in map(set, joined(self.same)):
            for row in self.rows:
                if row.verdict == "different" and group.issuperset(row.tracklets):
                    self._refuse([*_chain(self.rows, *row.pair), row])

    @cached_property
    def same(self) -> tuple[Pair, ...]:
        """Pairs that are one object."""
        return self._pairs("same")

    @cached_property
    def different(self) -> tuple[Pair, ...]:
        """Pairs that are two objects."""
        return self._pairs("different")

    @cached_property
    def ignored(self) -> frozenset[Key]:
        """Tracklets that take no part."""
        return frozenset(row.tracklets[0] for row in self.rows if row.verdict == "ignore")

    @cached_property
    def named(self) -> frozenset[Key]:
        """Tracklets that take part and of which something was said."""
        return frozenset(key for pair in (*self.same, *self.different) for key in pair) - self.ignored

    def check_cameras(self, names: Collection[str]) -> None:
        """Refuse corrections of tracklets of cameras that there are not: that is known before anything is looked at.

        Raises:
            CorrectionsError: naming the first such row.
        """
        for row in self.rows:
            for key in row.tracklets:
                if key[0] not in names:
                    raise CorrectionsError(
                        f"{self.path}: row {row.row} names {spelt(key)}, but this run has no camera {key[0]!r}, "
                        f"only {', '.join(sorted(names))}"
                    )

    def check_known(self, tracklets: Collection[Key]) -> None:
        """Refuse corrections of tracklets that there are not.

        Raises:
            CorrectionsError: naming the first such row.
        """
        for row in self.rows:
            for key in row.tracklets:
                if key not in tracklets:
                    raise CorrectionsError(
                        f"{self.path}: row {row.row} names {spelt(key)}, which is no tracklet of this run; "
                        f"tracklets.csv lists them"
                    )

    def _pairs(self, verdict: Verdict) -> tuple[Pair, ...]:
        return tuple(row.pair for row in self.rows if row.verdict == verdict)

    def _ignoring(self, same: Correction) -> list[Correction]:
        return [row for row in self.rows if row.verdict == "ignore" and row.tracklets[0] in same.tracklets]

    def _refuse(self, rows: Sequence[Correction]) -> None:
        raise CorrectionsError(
            f"{self.path}: these rows contradict each other: {'; '.join(map(str, rows))}; correct one of them"
        )


def read_corrections(path: Path) -> Corrections:
    """Read a CSV file with the columns of `COLUMNS` in any order, and others that do not count.

    Raises:
        CorrectionsError: it cannot be read, a row cannot be understood, or rows contradict each other.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, skipinitialspace=True, restval="", strict=True)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise CorrectionsError(
                    f"{path}: its first line must name the columns {','.join(COLUMNS)}; "
                    f"{', '.join(missing)} is missing"
                )
            rows = tuple(_row(path, reader.line_num, [row[name] for name in COLUMNS]) for row in reader)
    except OSError as error:
        raise CorrectionsError(f"{path}: cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise CorrectionsError(f"{path}: is not readable as CSV in UTF-8 ({error})") from error
    return Corrections(path, rows)


def _row(path: Path, number: int, fields: Sequence[str]) -> Correction:
    """Understand one row."""
    where, verdict = f"{path}: row {number}", fields[2].strip()
    if verdict not in VERDICTS:
        raise CorrectionsError(f"{where} has the verdict {verdict!r}; give one of {', '.join(VERDICTS)}")
    if verdict == "ignore" and fields[1].strip():
        raise CorrectionsError(f"{where} ignores two tracklets; leave tracklet_b empty and give each a row")
    named = fields[:1] if verdict == "ignore" else fields[:2]
    keys = tuple(parse_key(field) for field in named)
    for field, key in zip(named, keys, strict=True):
        if key is None:
            raise CorrectionsError(f"{where} names the tracklet {field!r}; write camera/track, as in gate/17")
    if len(set(keys)) < len(keys):
        raise CorrectionsError(f"{where} names {named[0]} twice; a verdict is on two tracklets")
    return Correction(number, verdict, cast("tuple[Key, ...]", keys))


def parse_key(text: str) -> Key | None:
    """Understand a tracklet's name; None if it is none.

    >>> parse_key("gate/17"), parse_key("up/down/3"), parse_key("gate 17")
    (('gate', 17), ('up/down', 3), None)
    """
    camera, _, track = text.rpartition("/")
    track = track.strip()
    number = track.isascii() and track.isdigit() and len(track) <= DIGITS
    return (camera, int(track)) if camera and number else None


def spelt(key: Key) -> str:
    """Write a tracklet's name as people do."""
    return f"{key[0]}/{key[1]}"


def _chain(rows: Sequence[Correction], start: Key, end: Key) -> list[Correction]:
    """Find the shortest chain of `same` rows from one tracklet to another."""
    ways: dict[Key, list[tuple[Key, Correction]]] = {}
    for row in rows:
        if row.verdict == "same":
            a, b = row.pair
            ways.setdefault(a, []).append((b, row))
            ways.setdefault(b, []).append((a, row))
    chains: dict[Key, list[Correction]] = {start: []}
    waiting = deque([start])
    while end not in chains:
        here = waiting.popleft()
        for there, row in ways[here]:
            if there not in chains:
                chains[there] = [*chains[here], row]
                waiting.append(there)
    return chains[end]

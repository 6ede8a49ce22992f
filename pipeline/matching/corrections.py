"""Corrections: the user's decisions about tracklets, read from a file and checked for contradictions."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, cast

from detectors.tables import read_table
from pipeline.errors import CorrectionsError
from pipeline.matching.pairs.declared import joined_groups
from pipeline.tracking.tracklets import Key, Pair

NAME = "corrections.csv"
"""File of a run folder that holds the decisions made in its review."""
COLUMNS = ("tracklet_a", "tracklet_b", "verdict")
Verdict = Literal["same", "different", "ignore"]
VERDICTS: tuple[Verdict, ...] = ("same", "different", "ignore")
DIGITS = 18
"""Largest number of digits of a track; more do not fit into 64 bits."""


@dataclass(frozen=True)
class Correction:
    """One row: two tracklets are the same object or different objects, or one tracklet is ignored."""

    row: int
    """Line of the file; the header is line 1."""
    verdict: Verdict
    tracklets: tuple[Key, ...]
    """Two tracklets; one if it is ignored."""

    @property
    def pair(self) -> Pair:
        """The two tracklets."""
        a, b = self.tracklets
        return a, b

    def __str__(self) -> str:
        """Return the correction as a clause."""
        if self.verdict == "ignore":
            return f"{tracklet_name(self.tracklets[0])} is ignored (row {self.row})"
        verdict = "the same" if self.verdict == "same" else "different"
        return f"{' and '.join(map(tracklet_name, self.tracklets))} are {verdict} (row {self.row})"


@dataclass(frozen=True)
class Corrections:
    """Rows that do not contradict each other."""

    path: Path | None = None
    rows: tuple[Correction, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if row.verdict == "same" and self.ignored.intersection(row.tracklets):
                self._refuse([row, *self._rows_ignoring(row.pair)])
        for group in map(set, joined_groups(self.same)):
            for row in self.rows:
                if row.verdict == "different" and group.issuperset(row.tracklets):
                    self._refuse([*_shortest_chain(self.rows, *row.pair), row])

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
        """Tracklets that are left out of matching."""
        return frozenset(row.tracklets[0] for row in self.rows if row.verdict == "ignore")

    @cached_property
    def named(self) -> frozenset[Key]:
        """Tracklets in any `same` or `different` row that are not ignored."""
        return frozenset(key for pair in (*self.same, *self.different) for key in pair) - self.ignored

    def check_cameras(self, names: Collection[str]) -> None:
        """Raise an error if a correction names an unknown camera, which can be checked before a run starts.

        Raises:
            CorrectionsError: it names the first row at fault.
        """
        for row in self.rows:
            for key in row.tracklets:
                if key[0] not in names:
                    raise CorrectionsError(
                        f"{self.path}: row {row.row} names {tracklet_name(key)}, but this run has no camera "
                        f"{key[0]!r}, only {', '.join(sorted(names))}"
                    )

    def check_known(self, tracklets: Collection[Key]) -> None:
        """Raise an error if a correction names an unknown tracklet.

        Raises:
            CorrectionsError: it names the first row at fault.
        """
        for row in self.rows:
            for key in row.tracklets:
                if key not in tracklets:
                    raise CorrectionsError(
                        f"{self.path}: row {row.row} names {tracklet_name(key)}, which is not a tracklet of this "
                        f"run; tracklets.csv lists them"
                    )

    def _pairs(self, verdict: Verdict) -> tuple[Pair, ...]:
        return tuple(row.pair for row in self.rows if row.verdict == verdict)

    def _rows_ignoring(self, pair: Pair) -> list[Correction]:
        return [row for row in self.rows if row.verdict == "ignore" and row.tracklets[0] in pair]

    def _refuse(self, rows: Sequence[Correction]) -> None:
        raise CorrectionsError(
            f"{self.path}: these rows contradict each other: {'; '.join(map(str, rows))}; correct one of them"
        )


def read_corrections(path: Path) -> Corrections:
    """Read a table with the columns of `COLUMNS` in any order; other columns are ignored.

    Raises:
        CorrectionsError: the file cannot be read, a row is invalid, or rows contradict each other.
    """
    table = read_table(path, CorrectionsError)
    table.check_columns(COLUMNS, "a corrections file")
    cells = zip(*(table.all_texts(name) for name in COLUMNS), strict=True)
    rows = (_parse_row(path, line, row) for line, row in zip(table.lines, cells, strict=True))
    return Corrections(path, tuple(rows))


def _parse_row(path: Path, number: int, fields: Sequence[str]) -> Correction:
    """Parse one row."""
    where, verdict = f"{path}: row {number}", fields[2].strip().lower()
    if verdict not in VERDICTS:
        raise CorrectionsError(f"{where} has the verdict {verdict!r}; give one of {', '.join(VERDICTS)}")
    if verdict == "ignore" and fields[1].strip():
        raise CorrectionsError(f"{where} ignores two tracklets; leave tracklet_b empty and give each a row")
    names = fields[:1] if verdict == "ignore" else fields[:2]
    keys = tuple(parse_tracklet_name(name) for name in names)
    for name, key in zip(names, keys, strict=True):
        if key is None:
            raise CorrectionsError(f"{where} names the tracklet {name!r}; write camera/track, as in gate/17")
    if len(set(keys)) < len(keys):
        raise CorrectionsError(f"{where} names {names[0]} twice; name two different tracklets")
    return Correction(number, verdict, cast("tuple[Key, ...]", keys))


def parse_tracklet_name(text: str) -> Key | None:
    """Return the camera and track of a tracklet's name; None if the text is not a name.

    >>> parse_tracklet_name("gate/17"), parse_tracklet_name("up/down/3"), parse_tracklet_name("gate 17")
    (('gate', 17), ('up/down', 3), None)
    """
    camera, _, track = text.rpartition("/")
    track = track.strip()
    is_number = track.isascii() and track.isdigit() and len(track) <= DIGITS
    return (camera, int(track)) if camera and is_number else None


def tracklet_name(key: Key) -> str:
    """Return the name of a tracklet, as in "gate/17"."""
    return f"{key[0]}/{key[1]}"


def _shortest_chain(rows: Sequence[Correction], start: Key, end: Key) -> list[Correction]:
    """Find the shortest chain of `same` rows from one tracklet to another."""
    neighbours: dict[Key, list[tuple[Key, Correction]]] = {}
    for row in rows:
        if row.verdict == "same":
            a, b = row.pair
            neighbours.setdefault(a, []).append((b, row))
            neighbours.setdefault(b, []).append((a, row))
    chains: dict[Key, list[Correction]] = {start: []}
    waiting = deque([start])
    while end not in chains:
        tracklet = waiting.popleft()
        for neighbour, row in neighbours[tracklet]:
            if neighbour not in chains:
                chains[neighbour] = [*chains[tracklet], row]
                waiting.append(neighbour)
    return chains[end]

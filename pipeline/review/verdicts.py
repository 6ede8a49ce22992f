"""The statements of a review, in steps that can be undone, and the corrections that they make."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pipeline.folder.atomic import whole_file
from pipeline.matching.corrections import COLUMNS, Correction, Corrections, Verdict, tracklet_name
from pipeline.matching.pairs.declared import joined_groups
from pipeline.tracking.tracklets import Key, Pair


@dataclass(frozen=True)
class Statement:
    """A verdict on two tracklets, or on one that is ignored: a correction without its row number."""

    verdict: Verdict
    tracklets: tuple[Key, ...]


@dataclass(frozen=True)
class ReviewStep:
    """Statements that are made and undone together."""

    number: int
    """Number of the step, from 1; never used twice in a review."""
    statements: tuple[Statement, ...]


def corrections_of(steps: Iterable[ReviewStep], path: Path) -> Corrections:
    """Return the statements of all steps as the rows of a corrections file.

    Raises:
        CorrectionsError: rows contradict each other.
    """
    statements = (statement for step in steps for statement in step.statements)
    rows = (
        Correction(row, statement.verdict, statement.tracklets) for row, statement in enumerate(statements, 2)
    )
    return Corrections(path, tuple(rows))


def new_statements(statements: Iterable[Statement], corrections: Corrections) -> tuple[Statement, ...]:
    """Return the statements that the corrections do not hold yet."""
    rows = {(row.verdict, frozenset(row.tracklets)) for row in corrections.rows}
    return tuple(
        statement
        for statement in statements
        if (statement.verdict, frozenset(statement.tracklets)) not in rows
    )


def statements_joining(members: Sequence[Key], corrections: Corrections) -> tuple[Statement, ...]:
    """Return the fewest statements that declare some tracklets one object.

    Tracklets that the corrections join already need no statement: n groups of them need n − 1.
    """
    groups = _groups(members, corrections)
    return tuple(Statement("same", (a[0], b[0])) for a, b in pairwise(groups))


def statements_separating(
    tracklet: Key, others: Sequence[Key], corrections: Corrections
) -> tuple[Statement, ...]:
    """Return the fewest statements that declare a tracklet another object than each of some others.

    Other tracklets that the corrections join need one statement together.
    """
    return tuple(Statement("different", (tracklet, group[0])) for group in _groups(others, corrections))


def settled_pairs(pairs: Mapping[int, Pair], corrections: Corrections) -> list[int]:
    """Return the pairs that the corrections decide, directly or through other pairs.

    Args:
        pairs: pairs of tracklets, by a number.
        corrections: the corrections so far.

    Returns:
        Numbers of the pairs, in their order.
    """
    group_of = {key: group[0] for group in joined_groups(corrections.same) for key in group}
    apart = {frozenset(group_of.get(key, key) for key in pair) for pair in corrections.different}

    def is_settled(pair: Pair) -> bool:
        ends = frozenset(group_of.get(key, key) for key in pair)
        return len(ends) == 1 or ends in apart or not corrections.ignored.isdisjoint(pair)

    return [number for number, pair in pairs.items() if is_settled(pair)]


def write_corrections(corrections: Corrections, path: Path) -> None:
    """Write a corrections file atomically; reading it returns the same rows."""
    with whole_file(path) as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")  # names may begin with a space
        writer.writerow(COLUMNS)
        for row in corrections.rows:
            names = [tracklet_name(key) for key in row.tracklets]
            writer.writerow([*names, *[""] * (2 - len(names)), row.verdict])


def _groups(members: Sequence[Key], corrections: Corrections) -> list[list[Key]]:
    """Group the tracklets that the corrections join, sorted."""
    group_of = {key: group[0] for group in joined_groups(corrections.same) for key in group}
    groups: dict[Key, list[Key]] = {}
    for key in sorted(members):
        groups.setdefault(group_of.get(key, key), []).append(key)
    return sorted(groups.values())

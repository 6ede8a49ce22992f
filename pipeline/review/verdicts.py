"""What has been said in a review: steps that can be taken back, and the rows of corrections they come to."""

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
class Said:
    """A verdict on two tracklets; to ignore, on one."""

    verdict: Verdict
    tracklets: tuple[Key, ...]


@dataclass(frozen=True)
class Step:
    """What was said at once, and is taken back at once."""

    number: int
    """Of this review, from 1; never used twice."""
    said: tuple[Said, ...]


def corrections_of(steps: Iterable[Step], path: Path) -> Corrections:
    """Put the rows of all steps together, as they stand in the file.

    Raises:
        CorrectionsError: they contradict each other; it names the rows.
    """
    said = (one for step in steps for one in step.said)
    return Corrections(
        path, tuple(Correction(row, one.verdict, one.tracklets) for row, one in enumerate(said, 2))
    )


def news(said: Iterable[Said], known: Corrections) -> tuple[Said, ...]:
    """Leave out what was said before."""
    before = {(row.verdict, frozenset(row.tracklets)) for row in known.rows}
    return tuple(one for one in said if (one.verdict, frozenset(one.tracklets)) not in before)


def one_object(members: Sequence[Key], known: Corrections) -> tuple[Said, ...]:
    """Say with as few rows as can be that some tracklets are one object.

    Those that were said to be the same before need no row: n groups of them take n − 1.
    """
    groups = _groups(members, known)
    return tuple(Said("same", (a[0], b[0])) for a, b in pairwise(groups))


def another_object(one: Key, rest: Sequence[Key], known: Corrections) -> tuple[Said, ...]:
    """Say with as few rows as can be that a tracklet is none of the rest; nothing is said of the rest.

    Those of the rest that were said to be the same need one row together.
    """
    return tuple(Said("different", (one, group[0])) for group in _groups(rest, known))


def settled(pairs: Mapping[int, Pair], known: Corrections) -> list[int]:
    """List which pairs need no more saying: what was said of them or of others decides them.

    Args:
        pairs: any pairs of tracklets by a number.
        known: what was said.

    Returns:
        The numbers of those, in order.
    """
    group_of = {key: group[0] for group in joined_groups(known.same) for key in group}
    apart = {frozenset(group_of.get(key, key) for key in pair) for pair in known.different}

    def decided(pair: Pair) -> bool:
        ends = frozenset(group_of.get(key, key) for key in pair)
        return len(ends) == 1 or ends in apart or not known.ignored.isdisjoint(pair)

    return [number for number, pair in pairs.items() if decided(pair)]


def write_corrections(corrections: Corrections, path: Path) -> None:
    """Write the file, whole or not at all, so that reading gives the same rows."""
    with whole_file(path) as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")  # names may begin with a space
        writer.writerow(COLUMNS)
        for row in corrections.rows:
            names = [tracklet_name(key) for key in row.tracklets]
            writer.writerow([*names, *[""] * (2 - len(names)), row.verdict])


def _groups(members: Sequence[Key], known: Corrections) -> list[list[Key]]:
    """Gather the members that were said to be the same, sorted."""
    group_of = {key: group[0] for group in joined_groups(known.same) for key in group}
    groups: dict[Key, list[Key]] = {}
    for key in sorted(members):
        groups.setdefault(group_of.get(key, key), []).append(key)
    return sorted(groups.values())

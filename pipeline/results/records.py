"""What a finished run found, as typed records: tracklets, identities and matches, for Python and Arrow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_type_hints, overload

import pyarrow as pa

from pipeline.errors import PipelineError, RunError
from pipeline.results.reading import match_rows, run_record, tracklet_rows

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]


@dataclass(frozen=True)
class TrackletRecord:
    """Who was seen by one camera, from when to when: a row of tracklets.csv."""

    camera: str
    track: int
    """Number in its camera."""
    identity: int | None
    """None: it took no part in matching."""
    kind: str
    """The class, as in "person"."""
    start_frame: int
    end_frame: int
    start: float
    """First sighting, in seconds on the shared timeline."""
    end: float
    boxes: int
    clips: int
    quality: float | None
    status: str


@dataclass(frozen=True)
class IdentityRecord:
    """Who is one person or vehicle, in however many cameras."""

    identity: int
    kind: str
    cameras: tuple[str, ...]
    """By name."""
    tracklets: tuple[str, ...]
    """By first sighting, as in "gate/17"."""
    start: float
    """First sighting, in seconds on the shared timeline."""
    end: float


@dataclass(frozen=True)
class MatchRecord:
    """A link that was considered: a row of matches.csv."""

    match: int
    identity: int | None
    """None: it was not made."""
    kind: str | None
    """None where the two are of different classes."""
    camera_a: str
    track_a: int
    start_a: float
    """Seconds on the shared timeline; a was seen first."""
    end_a: float
    camera_b: str
    track_b: int
    start_b: float
    end_b: float
    gap: float
    """Seconds from the end of a to the start of b; negative: seen at one time."""
    appearance: float | None
    spacetime: float | None
    score: float | None
    """What was decided on."""
    runner_up: str | None
    margin: float | None
    threshold: float | None
    decision: str
    """accepted, ambiguous or rejected."""
    reason: str


Record = TypeVar("Record", TrackletRecord, IdentityRecord, MatchRecord)
ARROW = {
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
    int | None: pa.int64(),
    float | None: pa.float64(),
    str | None: pa.string(),
    tuple[str, ...]: pa.list_(pa.string()),
}


class Records(Sequence[Record], Generic[Record]):
    """Records of one kind in the order of their file.

    >>> one = IdentityRecord(1, "person", ("gate", "yard"), ("gate/3", "yard/9"), 0.0, 12.5)
    >>> found = Records(IdentityRecord, [one])
    >>> found[0].cameras, found.to_arrow().column_names[:3]
    (('gate', 'yard'), ['identity', 'kind', 'cameras'])
    """

    def __init__(self, kind: type[Record], rows: Iterable[Record]) -> None:
        self._kind: type[Record] = kind
        self._rows: tuple[Record, ...] = tuple(rows)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Record: ...

    @overload
    def __getitem__(self, index: slice) -> Records[Record]: ...

    def __getitem__(self, index: int | slice) -> Record | Records[Record]:
        if isinstance(index, slice):
            return Records(self._kind, self._rows[index])
        return self._rows[index]

    def __iter__(self) -> Iterator[Record]:
        return iter(self._rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Records) and (self._kind, self._rows) == (other._kind, other._rows)

    def __hash__(self) -> int:
        return hash((self._kind, self._rows))

    def __repr__(self) -> str:
        return f"<{len(self)} {self._kind.__name__}s>"

    def to_arrow(self) -> pa.Table:
        """Give a column a field; of no records, the columns alone."""
        hints = get_type_hints(self._kind)
        schema = pa.schema([(field.name, ARROW[hints[field.name]]) for field in fields(self._kind)])
        return pa.Table.from_pylist([asdict(row) for row in self._rows], schema=schema)

    def to_pandas(self) -> pd.DataFrame:
        """Give a data frame.

        Raises:
            PipelineError: pandas is not installed.
        """
        try:
            return self.to_arrow().to_pandas()
        except ModuleNotFoundError as error:
            raise PipelineError("pandas is not installed: pip install pandas, or use to_arrow()") from error


@dataclass(frozen=True)
class FinishedRun:
    """A finished run's findings."""

    folder: Path
    tracklets: Records[TrackletRecord]
    identities: Records[IdentityRecord]
    matches: Records[MatchRecord]
    warnings: tuple[str, ...]
    """What its results must be read with."""


def read_run(folder: str | Path) -> FinishedRun:
    """Read what a run found from its folder.

    Raises:
        RunError: it is not finished, or its files are missing or damaged.
    """
    run = Path(folder)
    record = run_record(run)
    warnings = record.get("warnings")
    try:
        tracklets = [_tracklet(row) for row in tracklet_rows(run)]
        matches = [_match(row) for row in match_rows(run)]
    except ValueError as error:
        raise RunError(
            f"{run}: tracklets.csv or matches.csv is damaged ({error}); run the match again"
        ) from error
    return FinishedRun(
        run,
        Records(TrackletRecord, tracklets),
        Records(IdentityRecord, identities(tracklets)),
        Records(MatchRecord, matches),
        tuple(map(str, warnings)) if isinstance(warnings, list) else (),
    )


def identities(tracklets: Sequence[TrackletRecord]) -> list[IdentityRecord]:
    """Gather tracklets by identity, in the order of their numbers; those without one are left out."""
    groups: dict[int, list[TrackletRecord]] = defaultdict(list)
    for one in sorted(tracklets, key=lambda one: (one.start, one.camera, one.track)):
        if one.identity is not None:
            groups[one.identity].append(one)
    return [
        IdentityRecord(
            number,
            own[0].kind,
            tuple(sorted({one.camera for one in own})),
            tuple(f"{one.camera}/{one.track}" for one in own),
            own[0].start,
            max(one.end for one in own),
        )
        for number, own in sorted(groups.items())
    ]


def _tracklet(row: dict[str, str]) -> TrackletRecord:
    return TrackletRecord(
        row["camera"],
        int(row["track"]),
        int(row["identity"]) if row["identity"] else None,
        row["class"],
        int(row["start_frame"]),
        int(row["end_frame"]),
        float(row["start_time_s"]),
        float(row["end_time_s"]),
        int(row["boxes"]),
        int(row["clips"]),
        _number(row["quality"]),
        row["status"],
    )


def _match(row: dict[str, str]) -> MatchRecord:
    return MatchRecord(
        int(row["match"]),
        int(row["identity"]) if row["identity"] else None,
        row["class"] or None,
        *(row["camera_a"], int(row["track_a"]), float(row["start_time_a_s"]), float(row["end_time_a_s"])),
        *(row["camera_b"], int(row["track_b"]), float(row["start_time_b_s"]), float(row["end_time_b_s"])),
        float(row["gap_s"]),
        *(_number(row["appearance"]), _number(row["spacetime"]), _number(row["score"])),
        row["runner_up"] or None,
        *(_number(row["margin"]), _number(row["threshold"])),
        row["decision"],
        row["reason"],
    )


def _number(field: str) -> Any:
    return float(field) if field else None

"""A finished run, read back: its record, tracklets, identities, links, boxes and galleries."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Generic, Literal, TypeVar, get_type_hints, overload

import msgspec
import pyarrow as pa

from pipeline.errors import PipelineError, RunError
from pipeline.folder.store import CameraParts, RunFolder
from pipeline.results.boxes import TrackBoxes, read_boxes
from pipeline.results.run_record import GALLERY, RunRecord, checked_file, read_record
from pipeline.tracking.tracklets import Key

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]

    from pipeline.results.galleries import SavedGallery

Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


@dataclass(frozen=True)
class TrackletRecord:
    """A row of tracklets.csv: one object, as one camera saw it from entry to exit."""

    camera: str
    track: Int64
    """Track number, unique in its camera."""
    identity: Int64 | None
    """None: the tracklet was not matched."""
    kind: str
    """Class of the object, such as "person"."""
    start_frame: Int64
    end_frame: Int64
    start: float
    """Time of the first box, in seconds on the shared timeline."""
    end: float
    """Time of the last box, in seconds on the shared timeline."""
    boxes: Int64
    clips: Int64
    quality: float | None
    status: str

    @property
    def key(self) -> Key:
        """Camera and track."""
        return self.camera, self.track

    @property
    def name(self) -> str:
        """Camera and track as text, such as "gate/17"."""
        return f"{self.camera}/{self.track}"


@dataclass(frozen=True)
class IdentityRecord:
    """One person or vehicle and its tracklets in all cameras."""

    number: Int64
    kind: str
    cameras: tuple[str, ...]
    """Names of the cameras that saw it, sorted."""
    tracklets: tuple[str, ...]
    """Names of its tracklets by time, such as "gate/17"."""
    start: float
    """Time of the first box, in seconds on the shared timeline."""
    end: float
    """Time of the last box, in seconds on the shared timeline."""


@dataclass(frozen=True)
class MatchRecord:
    """A row of matches.csv: a pair of tracklets that was considered as a link."""

    match: Int64
    """Number of the row, from 1."""
    identity: Int64 | None
    """None: the link was not made."""
    kind: str | None
    """None: the two tracklets are of different classes."""
    camera_a: str
    track_a: Int64
    start_a: float
    """Seconds on the shared timeline; a was seen first."""
    end_a: float
    camera_b: str
    track_b: Int64
    start_b: float
    end_b: float
    gap: float
    """Seconds from the end of a to the start of b; negative if they overlap in time."""
    appearance: float | None
    spacetime: float | None
    score: float | None
    """The score that was compared with the threshold."""
    runner_up: str | None
    margin: float | None
    threshold: float | None
    decision: Literal["accepted", "ambiguous", "rejected"]
    decided_by: Literal["program", "user"]
    reason: str

    @property
    def a(self) -> str:
        """Name of the tracklet that was seen first, such as "gate/17"."""
        return f"{self.camera_a}/{self.track_a}"

    @property
    def b(self) -> str:
        """Name of the other tracklet."""
        return f"{self.camera_b}/{self.track_b}"

    def other(self, name: str) -> str:
        """Return the name of the tracklet on the other side."""
        return self.b if name == self.a else self.a


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
"""Arrow types of the fields of records; literals are strings."""


@dataclass(frozen=True, repr=False)
class Records(Sequence[Record], Generic[Record]):
    """An immutable sequence of records of one kind, in the order of their file.

    >>> identity = IdentityRecord(1, "person", ("gate", "yard"), ("gate/3", "yard/9"), 0.0, 12.5)
    >>> identities = Records(IdentityRecord, (identity,))
    >>> identities[0].cameras, identities.to_arrow().column_names[:3]
    (('gate', 'yard'), ['number', 'kind', 'cameras'])
    """

    kind: type[Record]
    rows: tuple[Record, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> Record: ...

    @overload
    def __getitem__(self, index: slice) -> Records[Record]: ...

    def __getitem__(self, index: int | slice) -> Record | Records[Record]:
        if isinstance(index, slice):
            return Records(self.kind, self.rows[index])
        return self.rows[index]

    def __iter__(self) -> Iterator[Record]:
        return iter(self.rows)

    def __repr__(self) -> str:
        return f"<{len(self)} {self.kind.__name__}s>"

    def to_arrow(self) -> pa.Table:
        """Return an Arrow table with a column per field."""
        hints = get_type_hints(self.kind)
        schema = pa.schema([(name, ARROW.get(hint, pa.string())) for name, hint in hints.items()])
        return pa.Table.from_pylist([asdict(row) for row in self.rows], schema=schema)

    def to_pandas(self) -> pd.DataFrame:
        """Return a pandas data frame with a column per field; raise `PipelineError` if pandas is not installed."""
        try:
            return self.to_arrow().to_pandas()
        except ModuleNotFoundError as error:
            raise PipelineError("pandas is not installed: pip install pandas, or use to_arrow()") from error


@dataclass(frozen=True)
class FinishedRun:
    """Everything that a finished run wrote down. `read_run` makes one."""

    folder: Path
    record: RunRecord
    """The content of run.json."""
    tracklets: Records[TrackletRecord]
    """By camera and track."""
    identities: Records[IdentityRecord]
    """By number."""
    matches: Records[MatchRecord]
    """By number."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings of the run."""
        return self.record.warnings

    @property
    def cameras(self) -> tuple[str, ...]:
        """Names of all cameras, sorted; cameras without tracklets and failed ones are included."""
        return tuple(sorted(self.record.cameras))

    @cached_property
    def boxes(self) -> TrackBoxes:
        """All boxes of tracks.csv, read on first use; a missing or changed file raises `RunError`."""
        return read_boxes(self.file("tracks.csv"))

    @cached_property
    def galleries(self) -> tuple[SavedGallery, ...]:
        """The galleries of gallery.parquet, one per network, read on first use.

        A missing or changed file raises `RunError`.
        """
        from pipeline.results.galleries import read_galleries  # its import costs scipy

        return tuple(read_galleries(self.file(GALLERY)))

    @cached_property
    def by_key(self) -> Mapping[Key, TrackletRecord]:
        """The tracklets by camera and track."""
        return {tracklet.key: tracklet for tracklet in self.tracklets}

    @cached_property
    def by_name(self) -> Mapping[str, TrackletRecord]:
        """The tracklets by name, such as "gate/17"."""
        return {tracklet.name: tracklet for tracklet in self.tracklets}

    def tracklet(self, name: str) -> TrackletRecord:
        """Return the tracklet with a name, such as "gate/17"; raise `RunError` if the run has none of this name."""
        if name not in self.by_name:
            raise RunError(
                f"{self.folder}: has no tracklet {name}; tracklets.csv lists them, as camera/track"
            )
        return self.by_name[name]

    def matches_of(self, name: str) -> list[MatchRecord]:
        """Return the considered links of one tracklet."""
        return [match for match in self.matches if name in (match.a, match.b)]

    def file(self, name: str) -> Path:
        """Return the path of a result file; raise `RunError` if it is missing or not as the run wrote it."""
        return checked_file(self.folder, self.record, name)

    def parts(self, camera: str) -> CameraParts:
        """Return the stored boxes, tracks and crops of one camera; without any file, the user deleted them.

        Raises:
            RunError: some of them are missing.
        """
        parts, report = RunFolder(self.folder).camera(camera), self.record.cameras[camera].report
        stored = parts.count()
        deleted = not stored and not parts.report.exists()
        if report is not None and not deleted and stored != report.parts:
            raise RunError(f"{parts.folder}: some stored parts are missing; run again with --overwrite")
        return parts


def read_run(folder: str | Path) -> FinishedRun:
    """Read a finished run from its folder.

    Raises:
        RunError: the run is not finished, or a file is missing, damaged or not as the run wrote it.
    """
    run = Path(folder)
    record = read_record(run)
    tracklets = tuple(_read_rows(checked_file(run, record, "tracklets.csv"), TrackletRecord))
    matches = tuple(_read_rows(checked_file(run, record, "matches.csv"), MatchRecord))
    return FinishedRun(
        run,
        record,
        Records(TrackletRecord, tracklets),
        Records(IdentityRecord, _identities(tracklets)),
        Records(MatchRecord, matches),
    )


Row = TypeVar("Row", TrackletRecord, MatchRecord)


def _read_rows(path: Path, kind: type[Row]) -> Iterator[Row]:
    """Read the rows of a table as records, whose fields are the columns in their order; an empty text is None."""
    names = [field.name for field in fields(kind)]
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for row in rows:
            values = {name: text or None for name, text in zip(names, row, strict=True)}
            yield msgspec.convert(values, kind, strict=False)


def _identities(tracklets: Sequence[TrackletRecord]) -> tuple[IdentityRecord, ...]:
    """Group tracklets by identity, in the order of identities; tracklets without identity are left out."""
    groups: dict[int, list[TrackletRecord]] = defaultdict(list)
    for tracklet in sorted(tracklets, key=lambda tracklet: (tracklet.start, tracklet.camera, tracklet.track)):
        if tracklet.identity is not None:
            groups[tracklet.identity].append(tracklet)
    return tuple(
        IdentityRecord(
            number=identity,
            kind=group[0].kind,
            cameras=tuple(sorted({tracklet.camera for tracklet in group})),
            tracklets=tuple(tracklet.name for tracklet in group),
            start=group[0].start,
            end=max(tracklet.end for tracklet in group),
        )
        for identity, group in sorted(groups.items())
    )

"""The run folder: immutable parts that are cache and checkpoint in one.

    RUN/
      run.json                      what was run, with which settings, and how it ended
      tracks.csv tracklets.csv matches.csv
      gallery.parquet               who was matched: identities and embeddings, a row a tracklet
      report.html                   all of it, to look at
      calibration.png               scores of pairs known to be one object or two
      flow.png                      from which camera to which people went
      offsets.png                   clock offsets, where they were asked for
      parts/<camera>/00000.crops.parquet    pictures kept of the tracks of one stretch of footage
                     00000.tracks.parquet   its boxes that belong to a track
                     00000.boxes.parquet    its frames and all their boxes; written last: the commit
                     camera.json            written when the camera is finished
      footage/<camera>.mkv          frames that a caller brought
      search/ videos/               pictures and videos that were asked for
      embeddings/00000-<members>.parquet    clip embeddings of a fixed number of tracklets

A part is written to a temporary name, fsynced and renamed, so it is whole or not there.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from detectors.colours import LENGTH
from pipeline.errors import RunError
from pipeline.folder.atomic import replacing
from pipeline.folder.file_names import file_name
from reid.files import PARTIAL

CORNERS = ("x0", "y0", "x1", "y1")
BOXES = pa.schema(
    [
        pa.field("frame", pa.int64()),
        pa.field("seconds", pa.float64()),  # of the file's own clock
        *[pa.field(name, pa.float32()) for name in CORNERS],  # from here on null in a frame without boxes
        pa.field("score", pa.float32()),
        pa.field("class", pa.string()),
        pa.field("given_track", pa.int64()),  # null unless the detections came with tracks
        pa.field("colours", pa.binary(LENGTH)),  # null if they did: what the tracker saw of each box
    ]
)
TRACKS = pa.schema(
    [
        pa.field("frame", pa.int64()),
        pa.field("seconds", pa.float64()),
        pa.field("track", pa.int64()),
        pa.field("class", pa.string()),
        *[pa.field(name, pa.float32()) for name in CORNERS],
        pa.field("score", pa.float32()),
        pa.field("quality", pa.float32()),
    ]
)
CROPS = pa.schema(
    [
        pa.field("track", pa.int64()),
        pa.field("frame", pa.int64()),
        pa.field("quality", pa.float32()),
        pa.field("jpeg", pa.binary()),
    ]
)
SCHEMAS = {"boxes": BOXES, "tracks": TRACKS, "crops": CROPS}
MARK = ".reid-pipeline.lock"
"""The lock; its being there also tells a run folder from any other."""
DELETED = ".reid-pipeline.deleted"
"""Ending of a folder that is being deleted."""
PICTURES = ("calibration.png", "flow.png", "offsets.png")
"""Drawn where there is something to draw."""
RESULTS = ("tracks.csv", "tracklets.csv", "matches.csv", "gallery.parquet", "report.html", *PICTURES)


@dataclass(frozen=True)
class CameraParts:
    """The parts of one camera, numbered from 0 in the order of its footage."""

    folder: Path

    def count(self) -> int:
        """Count the committed parts.

        Raises:
            RunError: if one is missing among them.
        """
        numbers = sorted(int(path.name.split(".")[0]) for path in self.folder.glob("*.boxes.parquet"))
        if numbers != list(range(len(numbers))):
            raise RunError(f"{self.folder}: parts are missing; run again with --overwrite")
        return len(numbers)

    def commit(self, *, boxes: pa.Table, tracks: pa.Table, crops: pa.Table) -> None:
        """Add the next part; it counts once its boxes are in place."""
        number = self.count()
        for kind, table in (("crops", crops), ("tracks", tracks), ("boxes", boxes)):
            write_parquet(self.path(number, kind), table)

    def read(self, kind: str) -> Iterator[pa.Table]:
        """Read the committed parts of one kind, one after the other."""
        for number in range(self.count()):
            yield read_parquet(self.path(number, kind), SCHEMAS[kind])

    def come_with_tracks(self) -> bool:
        """Tell whether the boxes came with tracks of their own."""
        paths = (self.path(number, "boxes") for number in range(self.count()))
        tables = (read_parquet(path, columns=["given_track"]) for path in paths)
        return any(table["given_track"].null_count < len(table) for table in tables)

    @property
    def report(self) -> Path:
        """What is known of the camera once it is finished."""
        return self.folder / "camera.json"

    def path(self, number: int, kind: str) -> Path:
        """Name one part."""
        return self.folder / f"{number:05d}.{kind}.parquet"


@dataclass(frozen=True)
class RunFolder:
    """One run's folder, held by this process."""

    path: Path

    @property
    def record(self) -> Path:
        """The record of what was run."""
        return self.path / "run.json"

    def camera(self, name: str) -> CameraParts:
        """Find the parts of one camera."""
        return CameraParts(self.path / "parts" / file_name(name))

    def embeddings(self, number: int, members: str) -> Path:
        """Name the part that holds the embeddings of the n-th group of tracklets, which are these."""
        digest = hashlib.sha256(members.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return self.path / "embeddings" / f"{number:05d}-{digest}.parquet"

    def footage(self, name: str) -> Path:
        """Name the recording of frames that a caller brought."""
        return self.path / "footage" / f"{file_name(name)}.mkv"

    def clear(self, *, keep: Collection[Path] = ()) -> None:
        """Delete what runs have written here, and nothing else but what to `keep`; their record last."""
        for path in sorted((self.path / "footage").glob("*.mkv")):
            if path not in keep:
                path.unlink()
        for name in ("embeddings", "parts", "export", "search", "videos"):
            if (self.path / name).is_dir():  # renamed first, so that half of it is never taken for all
                shutil.rmtree((self.path / name).rename(self.path / f"{name}{DELETED}"))
        for name in (*RESULTS, "run.json"):
            (self.path / name).unlink(missing_ok=True)


@contextmanager
def open_run(path: Path) -> Iterator[RunFolder]:
    """Take a run folder for this process alone, making it where it is not there.

    The lock is the operating system's, so one left by a killed run holds nobody up.

    Raises:
        RunError: if another process has it, or it is a folder of something else.
    """
    foreign = path.is_dir() and any(path.iterdir()) and not (path / MARK).exists()
    if foreign or path.is_symlink() > path.exists() or (path.exists() and not path.is_dir()):
        raise RunError(f"{path}: is not a run folder; choose another with --out")
    if str(path) != str(path).encode("utf-8", "replace").decode():
        raise RunError(f"{str(path)!r}: cannot be written as text; choose another folder with --out")
    try:
        path.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(path / MARK, timeout=0):
            for leftover in (*path.glob(f"parts/*/*{PARTIAL}"), *path.glob(f"embeddings/*{PARTIAL}")):
                leftover.unlink()
            for leftover in path.glob(f"*{DELETED}"):  # a deletion that was killed is finished
                shutil.rmtree(leftover)
            yield RunFolder(path)
    except filelock.Timeout as error:
        raise RunError(
            f"{path}: another run is at work in this folder; wait for it or choose another --out"
        ) from error
    except PermissionError as error:
        raise RunError(
            f"{error.filename or path}: may not be written; choose another folder with --out"
        ) from error


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write a table so that it is whole or not there."""
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", write_page_checksum=True)


def read_parquet(
    path: Path,
    schema: pa.Schema | None = None,
    *,
    where: pc.Expression | None = None,
    columns: list[str] | None = None,
    advice: str = "run again with --overwrite",
) -> pa.Table:
    """Read a table, or the rows of it that fulfil a condition, or some columns.

    Raises:
        RunError: if the file is missing, damaged or of another schema.
    """
    try:
        table = pq.read_table(path, filters=where, columns=columns, page_checksum_verification=True)
    except (pa.ArrowException, OSError) as error:
        raise RunError(f"{path}: is damaged ({error}); {advice}") from error
    if schema is not None and not table.schema.equals(schema):
        raise RunError(f"{path}: is damaged (other columns than expected); {advice}")
    return table


def write_json(path: Path, document: dict[str, Any]) -> None:
    """Write a JSON document so that it is whole or not there."""
    with replacing(path) as temporary:
        text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
        temporary.write_bytes((text + "\n").encode("utf-8", "backslashreplace"))  # for odd file names


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON document.

    Raises:
        RunError: if the file is damaged.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: is damaged ({error}); run again with --overwrite") from error
    if not isinstance(document, dict):
        raise RunError(f"{path}: is damaged (not an object); run again with --overwrite")
    return document

"""The run folder on disk: immutable parts, which are both cache and checkpoint.

    RUN/
      run.json                      inputs, settings and outcome of the run
      tracks.csv tracklets.csv matches.csv
      gallery.parquet               identities and embeddings, one row per matched tracklet
      report.html                   the report
      calibration.png               scores of known pairs, of one object and of different objects
      flow.png                      identities that went from one camera to another
      offsets.png                   clock offsets, if their estimation was asked for
      parts/<camera>/00000.crops.parquet    crops kept of the tracks in one stretch of footage
                     00000.tracks.parquet   boxes that belong to a track
                     00000.boxes.parquet    frames and all their boxes; written last: the commit
                     camera.json            written when the camera is finished
      footage/<camera>.mkv          frames given as arrays
      search/ videos/               output of the commands `search` and `render`
      embeddings/00000-<members>.parquet    clip embeddings of one group of tracklets

A part is written to a temporary name, fsynced and renamed, so it is either complete or missing.
"""

from __future__ import annotations

import hashlib
import json
import math
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
from pipeline.folder.atomic import atomic_path, write_errors
from pipeline.folder.file_names import file_name
from reid import files

CORNERS = ("x0", "y0", "x1", "y1")
BOXES = pa.schema(
    [
        pa.field("frame", pa.int64()),
        pa.field("seconds", pa.float64()),  # in the file
        # all columns below are null in a frame without boxes
        *[pa.field(name, pa.float32()) for name in CORNERS],
        pa.field("score", pa.float32()),
        pa.field("class", pa.string()),
        pa.field("given_track", pa.int64()),  # null unless the detections were precomputed with tracks
        pa.field("colours", pa.binary(LENGTH)),  # null if they were; otherwise as seen by the tracker
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
    [("track", pa.int64()), ("frame", pa.int64()), ("quality", pa.float32()), ("jpeg", pa.binary())]
)
SCHEMAS = {"boxes": BOXES, "tracks": TRACKS, "crops": CROPS}
LOCK_FILE = ".reid-pipeline.lock"
"""Name of the lock file, by which a run folder is also recognised."""
DELETED_SUFFIX = ".reid-pipeline.deleted"
"""Suffix of a folder whose deletion has begun."""
PICTURES = ("calibration.png", "flow.png", "offsets.png")
"""Plots, each of which is drawn only if it has data."""
RESULTS = ("tracks.csv", "tracklets.csv", "matches.csv", "gallery.parquet", "report.html", *PICTURES)


@dataclass(frozen=True)
class CameraParts:
    """The parts of one camera, numbered from 0 in the order of its footage."""

    folder: Path

    @property
    def report(self) -> Path:
        """Path of the camera's report, which exists once the camera is finished."""
        return self.folder / "camera.json"

    def path(self, number: int, kind: str) -> Path:
        """Return the path of a part's "boxes", "tracks" or "crops"."""
        return self.folder / f"{number:05d}.{kind}.parquet"

    def count(self) -> int:
        """Return the number of committed parts.

        Raises:
            RunError: if a part is missing between others.
        """
        numbers = sorted(
            int(path.name.split(".")[0])
            for path in self.folder.glob("[0-9][0-9][0-9][0-9][0-9].boxes.parquet")
        )
        if numbers != list(range(len(numbers))):
            raise RunError(f"{self.folder}: parts are missing; run again with --overwrite")
        return len(numbers)

    def commit(self, *, boxes: pa.Table, tracks: pa.Table, crops: pa.Table) -> None:
        """Write the next part. Its boxes are written last, because a part counts as soon as they exist."""
        number = self.count()
        write_parquet(self.path(number, "crops"), crops)
        write_parquet(self.path(number, "tracks"), tracks)
        write_parquet(self.path(number, "boxes"), boxes)

    def read(self, kind: str) -> Iterator[pa.Table]:
        """Yield the tables of one kind of all committed parts, in order."""
        for number in range(self.count()):
            yield read_parquet(self.path(number, kind), SCHEMAS[kind])

    def has_precomputed_tracks(self) -> bool:
        """Return whether the boxes were precomputed with tracks."""
        for number in range(self.count()):
            table = read_parquet(self.path(number, "boxes"), columns=["given_track"])
            if table["given_track"].null_count < len(table):
                return True
        return False


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run; `open_run` locks it for this process."""

    path: Path

    @property
    def record(self) -> Path:
        """Path of the run's record."""
        return self.path / "run.json"

    def camera(self, name: str) -> CameraParts:
        """Return the parts of one camera."""
        return CameraParts(self.path / "parts" / file_name(name))

    def embeddings(self, number: int, members: str) -> Path:
        """Return the path of the embeddings of the n-th group of tracklets, for exactly these members."""
        digest = hashlib.sha256(members.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return self.path / "embeddings" / f"{number:05d}-{digest}.parquet"

    def footage(self, name: str) -> Path:
        """Return the path of the recording made from a camera's frames that were given as arrays."""
        return self.path / "footage" / f"{file_name(name)}.mkv"

    def clear(self, *, keep: Collection[Path] = ()) -> None:
        """Delete the files that runs wrote here, except the recordings in `keep`; the record is deleted last."""
        for path in sorted((self.path / "footage").glob("*.mkv")):
            if path not in keep:
                path.unlink()
        for name in ("embeddings", "parts", "export", "search", "videos"):
            folder = self.path / name
            if folder.is_dir():
                # Renaming first ensures that a folder with half of its files is never taken for a complete one.
                _delete_folder(folder.rename(self.path / f"{name}{DELETED_SUFFIX}"))
        for name in (*RESULTS, "run.json"):
            (self.path / name).unlink(missing_ok=True)


def _delete_folder(folder: Path) -> None:
    """Delete a folder, or the link to one."""
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink()
    else:
        shutil.rmtree(folder)


@contextmanager
def open_run(path: Path) -> Iterator[RunFolder]:
    """Lock a run folder for this process; it is created if it does not exist.

    The operating system holds the lock, so a killed run releases it.

    Raises:
        RunError: if another process has locked the folder, it is not a run folder, or it cannot be written.
    """
    _check_run_path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(path / LOCK_FILE, timeout=0):
            for pattern in ("parts/*/*", "embeddings/*"):
                for partial_file in path.glob(pattern + files.PARTIAL):
                    partial_file.unlink()
            for folder in path.glob(f"*{DELETED_SUFFIX}"):  # the run that deleted it was killed
                _delete_folder(folder)
            yield RunFolder(path)
    except filelock.Timeout as error:
        raise RunError(
            f"{path}: another run is using this folder; wait for it or choose another --out"
        ) from error
    except PermissionError as error:
        raise RunError(
            f"{error.filename or path}: no permission to write; choose another folder with --out"
        ) from error


def _check_run_path(path: Path) -> None:
    """Raise `RunError` if the path exists and is not a run folder, or cannot be written to a file as text."""
    is_broken_link = path.is_symlink() and not path.exists()
    is_file = path.exists() and not path.is_dir()
    is_other_folder = path.is_dir() and any(path.iterdir()) and not (path / LOCK_FILE).exists()
    if is_broken_link or is_file or is_other_folder:
        raise RunError(f"{path}: is not a run folder; choose another with --out")
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError as error:
        raise RunError(f"{str(path)!r}: is not valid Unicode; choose another folder with --out") from error


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write a table completely; raise `RunError` if it cannot be written."""
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", write_page_checksum=True)


def read_parquet(
    path: Path,
    schema: pa.Schema | None = None,
    *,
    where: pc.Expression | None = None,
    columns: list[str] | None = None,
    advice: str = "run again with --overwrite",
) -> pa.Table:
    """Read a table.

    Args:
        path: the file.
        schema: columns that the file must have; None: not checked.
        where: condition on the rows; None: all rows.
        columns: names of the columns to read; None: all columns.
        advice: end of the error message.

    Raises:
        RunError: if the file is missing, damaged or of another schema.
    """
    if not path.is_file():
        raise RunError(f"{path}: is missing; {advice}")
    try:
        table = pq.read_table(path, filters=where, columns=columns, page_checksum_verification=True)
    except (pa.ArrowException, OSError) as error:
        fault = " ".join(str(error).split())  # Arrow's messages have several lines
        raise RunError(f"{path}: is damaged ({fault}); {advice}") from error
    if schema is not None and not table.schema.equals(schema):
        raise RunError(f"{path}: is damaged (other columns than expected); {advice}")
    return table


def write_json_file(path: Path, document: dict[str, Any]) -> None:
    """Write a JSON document completely; raise `RunError` if it cannot be written."""
    with write_errors(path):
        files.write_json(path, document)


def _finite(text: str) -> float:
    """Convert a number of a JSON document; raise `ValueError` if it is infinite or not a number."""
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text[:20]} is not a finite number")
    return number


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON document; raise `RunError` if the file is missing or damaged."""
    if path.exists() and not path.is_file():  # a pipe would block
        raise RunError(f"{path}: is not a regular file; run again with --overwrite")
    try:
        text = path.read_text(encoding="utf-8")
        document = json.loads(text, parse_float=_finite, parse_constant=_finite)
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"{path}: is damaged ({error}); run again with --overwrite") from error
    if not isinstance(document, dict):
        raise RunError(f"{path}: is damaged (not an object); run again with --overwrite")
    return document

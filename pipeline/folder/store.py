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

A part is written to a temporary name, fsynced and renamed, so it is either complete or missing. It carries its own
name, and JSON files carry a checksum, so a file that was changed or took the place of another is noticed.
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
LOCK_FILE = ".reid-pipeline.lock"
"""Name of the lock file, by which a run folder is also recognised."""
DELETED_SUFFIX = ".reid-pipeline.deleted"
"""Suffix of a folder whose deletion has begun."""
PICTURES = ("calibration.png", "flow.png", "offsets.png")
"""Plots, each of which is drawn only if it has data."""
NAME_KEY = b"name"
"""Key of a part's metadata that holds its folder's and its own name."""
CHECKSUM = "sha256"
"""Key of a JSON file that holds the SHA-256 of the rest."""
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
        write_part(self.path(number, "crops"), crops)
        write_part(self.path(number, "tracks"), tracks)
        write_part(self.path(number, "boxes"), boxes)

    def read(self, kind: str) -> Iterator[pa.Table]:
        """Yield the tables of one kind of all committed parts, in order."""
        for number in range(self.count()):
            yield read_part(self.path(number, kind))

    def has_precomputed_tracks(self) -> bool:
        """Return whether the boxes were precomputed with tracks."""
        for number in range(self.count()):
            table = read_part(self.path(number, "boxes"), columns=["given_track"])
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
    path: Path, *, where: pc.Expression | None = None, columns: list[str] | None = None
) -> pa.Table:
    """Read a table.

    Args:
        path: the file.
        where: condition on the rows; None: all rows.
        columns: names of the columns to read; None: all columns.

    Raises:
        RunError: if the file is missing or damaged.
    """
    if not path.is_file():
        raise RunError(f"{path}: is missing; run again with --overwrite")
    try:
        return pq.read_table(path, filters=where, columns=columns, page_checksum_verification=True)
    except (pa.ArrowException, OSError) as error:
        fault = " ".join(str(error).split())  # Arrow's messages have several lines
        raise RunError(f"{path}: is damaged ({fault}); run again with --overwrite") from error


def write_part(path: Path, table: pa.Table) -> None:
    """Write a table that carries the names of its folder and file; raise `RunError` if it cannot be written."""
    write_parquet(path, table.replace_schema_metadata({NAME_KEY: _name_of(path)}))


def read_part(
    path: Path, *, where: pc.Expression | None = None, columns: list[str] | None = None
) -> pa.Table:
    """Read a table that `write_part` wrote; `where` and `columns` are those of `read_parquet`.

    Raises:
        RunError: if the file is missing, damaged, or was written under another name.
    """
    table = read_parquet(path, where=where, columns=columns)
    if (table.schema.metadata or {}).get(NAME_KEY) != _name_of(path):
        raise RunError(f"{path}: is not the file that the run wrote here; run again with --overwrite")
    return table


def _name_of(path: Path) -> bytes:
    return f"{path.parent.name}/{path.name}".encode("utf-8", "surrogatepass")


def write_json_file(path: Path, document: dict[str, Any]) -> None:
    """Write a JSON document with a checksum completely; raise `RunError` if it cannot be written."""
    with write_errors(path):
        files.write_json(path, document | {CHECKSUM: _checksum(document)})


def _checksum(document: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode("ascii")).hexdigest()


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON document without its checksum; raise `RunError` if the file is missing, damaged or changed."""
    if path.exists() and not path.is_file():  # a pipe would block
        raise RunError(f"{path}: is not a regular file; run again with --overwrite")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"{path}: is damaged ({error}); run again with --overwrite") from error
    if not isinstance(document, dict) or document.pop(CHECKSUM, None) != _checksum(document):
        raise RunError(
            f"{path}: is damaged or was changed after the run wrote it; run again with --overwrite"
        )
    return document

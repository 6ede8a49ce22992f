"""Files that are there whole or not at all, whenever the program is killed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pipeline.errors import RunError

PARTIAL = ".partial"
"""Ending of a file that is still being written."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name to write to; afterwards it is fsynced and takes the place of `path`.

    Raises:
        RunError: if it cannot be written, as on a full disk.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + PARTIAL)
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        why = error.strerror or str(error)
        raise RunError(f"{path}: cannot be written ({why}); what was done before is kept") from error
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Open a UTF-8 text file that appears under its name only once it is complete and on the disk."""
    with replacing(path) as temporary, _open(temporary) as file:
        yield file


def _open(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", errors="backslashreplace", newline="")


def _sync_folder(folder: Path) -> None:
    """Put the new name itself on the disk; only POSIX systems can, and need to."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

"""Files that are written completely or not at all, even if the program is killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pipeline.errors import RunError
from reid import files


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path; then fsync the file and rename it to `path`, or raise `RunError` if the disk is full."""
    with write_errors(path), files.replacing(path) as temporary:
        yield temporary


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Open a UTF-8 text file that replaces `path` once it is complete; raise `RunError` if it cannot be written."""
    with (
        atomic_path(path) as temporary,
        temporary.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file,
    ):
        yield file


@contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Turn an `OSError` in a `with` block into a `RunError` that names the file."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunError(f"{path}: cannot be written ({reason}); earlier results are kept") from error

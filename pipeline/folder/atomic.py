"""Files that are there whole or not at all, whenever the program is killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pipeline.errors import RunError
from reid import files


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name to write to; afterwards it is fsynced and takes the place of `path`.

    Raises:
        RunError: if it cannot be written, as on a full disk.
    """
    try:
        with files.replacing(path) as temporary:
            yield temporary
    except OSError as error:
        why = error.strerror or str(error)
        raise RunError(f"{path}: cannot be written ({why}); what was done before is kept") from error


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Open a UTF-8 text file that appears under its name only once it is complete and on the disk."""
    with replacing(path) as temporary, _open(temporary) as file:
        yield file


def _open(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", errors="backslashreplace", newline="")

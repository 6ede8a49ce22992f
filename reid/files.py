"""Files that are written completely or not at all, even if the program is killed; and the digest of a file."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PARTIAL = ".partial"
"""Suffix of a file that is still being written."""


def real_path(path: Path) -> Path:
    """Return the absolute path without symbolic links; a loop of links stays as it is."""
    return Path(os.path.realpath(path))  # Path.resolve raises a RuntimeError at a loop before Python 3.13


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path to write to, then fsync the file and rename it to `path`.

    The folder of `path` is created if it is missing. A symbolic link is followed. After an error the temporary
    file is deleted, and `path` stays as it was.

    Raises:
        OSError: the file cannot be written, for example because the disk is full or `path` is a device.
    """
    path = real_path(path)
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + PARTIAL)
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, content: object) -> None:
    """Write a JSON file of indented UTF-8 text, completely or not at all.

    Characters that UTF-8 cannot encode, as in odd file names, are written with a backslash.

    Raises:
        OSError: the file cannot be written.
        ValueError: `content` has a number that is infinite or not a number.
    """
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    with replacing(path) as temporary:
        temporary.write_bytes((text + "\n").encode("utf-8", "backslashreplace"))


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    """Write the folder's new entry to the disk; only POSIX systems need it."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

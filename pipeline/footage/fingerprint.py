"""Fingerprints of recordings and of files."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from pipeline.footage.recording import list_pictures
from reid.files import sha256

SAMPLES = 64
"""Blocks of a recording that its fingerprint covers."""
BLOCK = 1 << 16
"""Bytes of a block."""


def fingerprint(paths: Sequence[Path]) -> str | None:
    """Return the SHA-256 of the sizes of files and of 64 blocks spread evenly over them; None if one cannot be read.

    A folder stands for the pictures in it.
    """
    digest = hashlib.sha256()
    try:
        files = [file for path in paths for file in (list_pictures(path) if path.is_dir() else [path])]
        if not files or not all(file.is_file() for file in files):  # opening a pipe would block
            return None
        sizes = [file.stat().st_size for file in files]
        digest.update(" ".join(map(str, sizes)).encode())
        ends = list(accumulate(sizes))
        for index in range(SAMPLES):
            position = max(ends[-1] - BLOCK, 0) * index // (SAMPLES - 1)
            place = min(bisect_right(ends, position), len(files) - 1)
            with files[place].open("rb") as file:
                file.seek(position - (ends[place] - sizes[place]))
                digest.update(file.read(BLOCK))
    except OSError:
        return None
    return digest.hexdigest()


def files_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, or of all files in a folder together."""
    if path.is_file():
        return sha256(path)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return hashlib.sha256("".join(map(sha256, files)).encode()).hexdigest()

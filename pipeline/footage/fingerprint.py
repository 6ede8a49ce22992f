"""Fingerprints of recordings."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from reid.files import sha256

SAMPLES = 64
"""Blocks of a recording that its fingerprint covers."""
BLOCK = 1 << 16
"""Bytes of a block."""


def fingerprint(path: Path) -> str | None:
    """Return the SHA-256 of a recording's size and 64 evenly spread blocks; None if it cannot be read."""
    if not path.is_file():  # opening a pipe would block
        return None
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            digest.update(str(size).encode())
            for index in range(SAMPLES):
                file.seek(max(size - BLOCK, 0) * index // (SAMPLES - 1))
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

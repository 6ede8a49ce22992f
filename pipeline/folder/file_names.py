"""File names and numbers of cameras."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

LONGEST = 80
"""Characters of the longest file name; an ending still fits into the 255 bytes that file systems allow."""
_SAFE = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9_.-]{{0,{LONGEST - 1}}}")


def file_name(camera: str) -> str:
    """Convert a camera's name into a name that any system accepts for a file or folder.

    A name of letters, digits, `_`, `-` and inner dots is returned unchanged. From any other name the letters and
    digits are kept, followed by `~` and ten digits of the name's SHA-256. No unchanged name contains a `~`, so two
    cameras never share a file name.

    >>> file_name("gate-2.north"), file_name("Tor Süd/1")
    ('gate-2.north', 'Tor-Sud-1~6f4b9bc07b')
    """
    if _SAFE.fullmatch(camera) and not camera.endswith("."):
        return camera
    ascii_name = unicodedata.normalize("NFKD", camera).encode("ascii", "ignore").decode()
    legible = re.sub(r"[^A-Za-z0-9]+", "-", ascii_name).strip("-")[: LONGEST - 11]
    digest = hashlib.sha256(camera.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{legible or 'camera'}~{digest}"


def camera_numbers(cameras: Iterable[str]) -> dict[str, int]:
    """Return a number for each camera: the digits at the end of its name.

    If a name has none, or two names end in the same number, cameras are numbered from 1 in the order of names.

    >>> camera_numbers(["c041", "c042"]), camera_numbers(["gate", "c042"])
    ({'c041': 41, 'c042': 42}, {'c042': 1, 'gate': 2})
    """
    names = sorted(cameras)
    endings = [ending.group() for name in names if (ending := re.search(r"[0-9]+$", name))]
    numbers = [int(ending) for ending in endings]
    if len(set(numbers)) < len(names):
        numbers = list(range(1, len(names) + 1))
    return dict(zip(names, numbers, strict=True))

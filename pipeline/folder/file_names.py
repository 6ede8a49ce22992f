"""File names for cameras, whatever people call them."""

from __future__ import annotations

import hashlib
import re
import unicodedata

LONGEST = 80
"""Characters; leaves room for endings within the 255 bytes that file systems allow."""

_SAFE = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9_.-]{{0,{LONGEST - 1}}}")


def file_name(camera: str) -> str:
    """Turn a camera's name into one that is safe as a file or folder name on any system.

    Names of letters, digits, `_`, `-` and inner dots stay as they are. Any other keeps what is legible of it
    and gets ten digits of its SHA-256 behind a `~`, which no unchanged name contains: two cameras never get
    one name.

    >>> file_name("gate-2.north"), file_name("Tor Süd/1")
    ('gate-2.north', 'Tor-Sud-1~6f4b9bc07b')
    """
    if _SAFE.fullmatch(camera) and not camera.endswith("."):
        return camera
    plain = unicodedata.normalize("NFKD", camera).encode("ascii", "ignore").decode()
    legible = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[: LONGEST - 11]
    digest = hashlib.sha256(camera.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{legible or 'camera'}~{digest}"

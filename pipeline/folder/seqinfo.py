"""The seqinfo.ini of a MOTChallenge sequence."""

from __future__ import annotations

import configparser
from pathlib import Path


def read_sequence_value(folder: Path, key: str) -> float | None:
    """Return a number of a sequence, such as frameRate or seqLength; None if its folder does not state it above 0."""
    information = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        information.read(folder / "seqinfo.ini", encoding="utf-8-sig")
        value = information.getfloat("Sequence", key, fallback=0.0)
    except (configparser.Error, ValueError, OSError):
        return None
    return value if value > 0 else None

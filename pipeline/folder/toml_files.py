"""Reading of TOML files as typed values."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TypeVar

import msgspec

from pipeline.errors import PipelineError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Content = TypeVar("Content")
TERMS = {
    " | null": "",
    "Object contains unknown field": "unknown key",
    "Object missing required field": "missing key",
    "`object`": "a table",
    "`array`": "a list",
    "`str`": "text",
    "`int`": "a whole number",
    "`float`": "a number",
    "`bool`": "true or false",
}
"""Words of msgspec's messages, and those of TOML."""


def read_toml(path: Path, kind: type[Content], fault: type[PipelineError] = PipelineError) -> Content:
    """Read a TOML file as a value of a type that msgspec knows.

    Raises:
        PipelineError: as the given class `fault`: the file cannot be read, is not TOML, or has other content; the
            message says where.
    """
    if path.exists() and not path.is_file():  # a pipe would block
        raise fault(f"{path}: is not a regular file; write its content to a file first")
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), kind, dec_hook=path_of)
    except OSError as error:
        raise fault(f"{path}: cannot be read: {error.strerror}") from error
    except msgspec.ValidationError as error:
        raise fault(f"{path}: {_in_words(str(error))}; correct the file") from error
    except (ValueError, RecursionError) as error:  # numbers of thousands of digits, arrays nested as deep
        raise fault(f"{path}: not a TOML file: {error}") from error


def path_of(kind: type, value: object) -> Path:
    """Convert a text to a path, for msgspec; raise `ValueError` if no file can have it."""
    if kind is not Path or not isinstance(value, str) or not value or "\0" in value:
        raise ValueError(f"{str(value)[:40]!r} is no path of a file")
    os.fsencode(value)  # raises a ValueError
    return Path(value)


def _in_words(message: str) -> str:
    """Return a message of msgspec in the words of TOML.

    >>> _in_words("Expected `float`, got `str` - at `$.camera[0].offset`")
    'camera 1, offset: expected a number, got text'
    """
    fault, _, place = message.partition(" - at `$")
    for term, word in TERMS.items():
        fault = fault.replace(term, word)
    place = re.sub(r"\[(\d+)\]", lambda index: f" {int(index[1]) + 1}", place.strip(".`")).replace(".", ", ")
    return f"{place}{': ' if place else ''}{fault[:1].lower()}{fault[1:]}"

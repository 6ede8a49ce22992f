"""Matrices of integers from Matlab files, as MARS and iLIDS-VID provide them.

scipy's reader is not used, because it ends the process on some damaged files. The format is level 5 of
MathWorks' "MAT-File Format": a header of 128 bytes, then elements of a type, a size and their bytes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reid.data.reading import FolderLayout

NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
"""numpy's name of each element type that holds numbers."""
MATRIX, COMPRESSED = 14, 15
"""Element types that hold other elements."""
ORDERS = {b"IM": "<", b"MI": ">"}
"""Byte order by the last two bytes of the header."""


def read_matrix(layout: FolderLayout, path: Path, variable: str) -> NDArray[np.int64]:
    """Return one variable of a Matlab file of version 5 to 7, as a (rows, columns) array of integers.

    Raises:
        DatasetError: the file or the variable is missing, or the variable is no matrix of integers.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise layout.missing(path) from error
    try:
        values = _find_variable(data, variable)
        with np.errstate(invalid="ignore"):
            integers = values.astype(np.int64)
        if not np.array_equal(integers, values):
            raise ValueError("not integers")
    except (ValueError, KeyError, struct.error, zlib.error) as error:
        raise layout.malformed(path, f"has no matrix of integers {variable}") from error
    return integers


def _find_variable(data: bytes, variable: str) -> NDArray[np.generic]:
    order = ORDERS[data[126:128]]
    for kind, content in _elements(data[128:], order):
        if kind == MATRIX:
            (_, flags), (_, shape), (_, name) = islice(_elements(content, order), 3)
            if name == variable.encode():
                return _matrix(content, order, np.frombuffer(shape, f"{order}i4").tolist(), flags)
    raise ValueError("no such variable")


def _matrix(content: bytes, order: str, shape: list[int], flags: bytes) -> NDArray[np.generic]:
    """Return the numbers of a variable; raise ValueError if it is not a full, real matrix."""
    (bits,) = struct.unpack_from(f"{order}I", flags)
    kind, body = next(islice(_elements(content, order), 3, None), (0, b""))
    numbers = np.frombuffer(body, order + NUMBERS[kind])
    is_full = 6 <= bits & 0xFF <= 15  # classes double to uint64; others are cells, text or sparse
    is_complex = bool(bits & 0x0800)
    fits = len(shape) == 2 and min(shape) >= 0 and shape[0] * shape[1] == len(numbers)
    if not is_full or is_complex or not fits:
        raise ValueError("not a full, real matrix")
    return numbers.reshape(shape, order="F")


def _elements(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Yield the type and decompressed bytes of each element; a small one lies inside its 8-byte tag."""
    place = 0
    while place < len(data):
        kind, size = struct.unpack_from(f"{order}II", data, place)
        start = place + 8
        small = kind >> 16  # size of a small element, else 0
        if small:
            kind, size, start = kind & 0xFFFF, small, place + 4
        if start + size > len(data) or small > 4:
            raise ValueError("cut short")
        if kind == COMPRESSED:
            yield from _elements(zlib.decompress(data[start : start + size]), order)
        else:
            yield kind, data[start : start + size]
        padding = 0 if kind == COMPRESSED else -(start + size) % 8
        place = start + size + padding

"""Matrices of whole numbers out of Matlab files, as MARS and iLIDS-VID bring them.

Written out here because scipy's reader ends the process on some damaged files. The format is "MAT-File
Format", level 5, of MathWorks: a header of 128 bytes, then elements of a kind, a size and their bytes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reid.data.reading import Layout

NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
"""numpy's name of each kind of element that holds numbers."""
MATRIX, COMPRESSED = 14, 15
ORDERS = {b"IM": "<", b"MI": ">"}


def read_matrix(layout: Layout, path: Path, variable: str) -> NDArray[np.int64]:
    """Read one variable of a Matlab file, version 5 to 7.

    Returns:
        (rows, columns) whole numbers.

    Raises:
        DatasetError: The file or the variable is not there, or holds something else.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise layout.missing(path) from error
    try:
        return _whole(_variable(data, variable))
    except (ValueError, KeyError, struct.error, zlib.error) as error:
        raise layout.malformed(path, f"has no matrix of whole numbers {variable}") from error


def _whole(values: NDArray[np.generic]) -> NDArray[np.int64]:
    with np.errstate(invalid="ignore"):
        whole = values.astype(np.int64)
    if not np.array_equal(whole, values):
        raise ValueError("not whole numbers")
    return whole


def _variable(data: bytes, variable: str) -> NDArray[np.generic]:
    order = ORDERS[data[126:128]]
    for kind, body in _elements(data[128:], order):
        for inner, content in (
            _elements(zlib.decompress(body), order) if kind == COMPRESSED else ((kind, body),)
        ):
            if inner == MATRIX:
                (_, flags), (_, shape), (_, name) = islice(_elements(content, order), 3)
                if name == variable.encode():
                    return _matrix(content, order, np.frombuffer(shape, f"{order}i4").tolist(), flags)
    raise ValueError("no such variable")


def _matrix(content: bytes, order: str, shape: list[int], flags: bytes) -> NDArray[np.generic]:
    """Read a variable's numbers; anything but a full, real matrix is refused."""
    (bits,) = struct.unpack_from(f"{order}I", flags)
    kind, body = next(islice(_elements(content, order), 3, None), (0, b""))
    numbers = np.frombuffer(body, order + NUMBERS[kind])
    full = 6 <= bits & 0xFF <= 15  # classes double to uint64; others are cells, text, sparse
    if not full or bits & 0x0800 or len(shape) != 2 or shape[0] * shape[1] != len(numbers) or min(shape) < 0:
        raise ValueError("not a full, real matrix")
    return numbers.reshape(shape, order="F")


def _elements(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Give kind and bytes of each element; small ones lie within their own tag of eight bytes."""
    place = 0
    while place < len(data):
        kind, size = struct.unpack_from(f"{order}II", data, place)
        start = place + 8
        if small := kind >> 16:
            kind, size, start = kind & 0xFFFF, small, place + 4
        if start + size > len(data) or small > 4:
            raise ValueError("cut short")
        yield kind, data[start : start + size]
        place = start + size if kind == COMPRESSED else start + size + -(start + size) % 8

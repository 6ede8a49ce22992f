"""Boxes of a text file as columns, with or without a header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from detectors.recorded import fault
from pipeline.errors import PipelineError

SIDES = ("bb_left", "bb_top", "bb_width", "bb_height")
LARGEST = 1e9
"""Frames, identities and pixels beyond this are mistakes."""
Columns = dict[str, NDArray[Any]]
"""(n,) float64 or text by name; NaN is what was empty."""


def first_line(path: Path) -> str:
    """Read a file's first line.

    Raises:
        PipelineError: it is not there, or no text.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            return file.readline().strip()
    except OSError as error:
        raise PipelineError(f"{path} cannot be read ({error.strerror}); name a file that is there") from error
    except UnicodeDecodeError as error:
        raise PipelineError(f"{path} is not text in UTF-8; name a text file") from error


def read_header(path: Path, numbers: Sequence[str], words: Sequence[str]) -> Columns:
    """Read those of some columns that a file with a header has.

    Raises:
        PipelineError: it cannot be understood; names the line.
    """
    types = dict.fromkeys(numbers, pa.float64()) | dict.fromkeys(words, pa.string())
    wanted = [name for name in types if name in re.split('[,"]+', first_line(path))]
    options = csv.ConvertOptions(column_types=types, include_columns=wanted, null_values=[""])
    try:  # in one thread, because with more Arrow cannot name the line
        table = csv.read_csv(path, csv.ReadOptions(use_threads=False), convert_options=options)
    except (pa.ArrowException, OSError) as error:
        raise PipelineError(fault(path, error)) from error
    columns = {name: table[name].to_numpy() for name in wanted}
    return columns | {name: columns[name].astype(np.str_) for name in words if name in columns}


def read_numbers(path: Path, names: Sequence[str], delimiter: str | None) -> Columns:
    """Read a file without a header; columns beyond the named ones, or beyond its own, are left out.

    Raises:
        PipelineError: it cannot be understood.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            lines = [line for line in file if line.strip()]
        table = np.loadtxt(lines, delimiter=delimiter, ndmin=2) if lines else np.empty((0, len(names)))
    except (OSError, ValueError) as error:
        raise PipelineError(f"{path}: {error}; give numbers, as many in each line") from error
    if table.shape[1] < len(names):
        raise PipelineError(
            f"{path}, line 1: has {table.shape[1]} of the {len(names)} columns {','.join(names)}"
        )
    return dict(zip(names, table.T, strict=False))


def corners(path: Path, columns: Columns, first_pixel: int) -> NDArray[np.float32]:
    """Turn left, top, width and height into (n, 4) corners that count from 0.

    Raises:
        PipelineError: a box has no area.
    """
    left, top, width, height = (columns[name] for name in SIDES)
    refuse(path, np.logical_not((width > 0) & (height > 0)), "bb_width or bb_height is not above 0")
    sides = [left - first_pixel, top - first_pixel, left - first_pixel + width, top - first_pixel + height]
    with np.errstate(over="ignore"):  # too large, which is refused
        boxes = np.stack(sides, axis=1).astype(np.float32)  # (n, 4)
    refuse(
        path,
        np.logical_not((np.abs(boxes) <= LARGEST).all(axis=1)),
        "a side of the box is empty or too large",
    )
    return boxes


def whole(path: Path, columns: Columns, name: str, least: int) -> NDArray[np.int64]:
    """Take a column of whole numbers.

    Raises:
        PipelineError: one is empty, broken or too small.
    """
    values: NDArray[np.float64] = columns[name]
    sound = (values >= least) & (values <= LARGEST) & (values % 1 == 0)
    refuse(path, np.logical_not(sound), f"{name} is not a whole number from {least}")
    return values.astype(np.int64)


def refuse(path: Path, faulty: NDArray[np.bool_], fault: str) -> None:
    """Refuse a file with a faulty box, naming the first: boxes count from 1."""
    if faulty.any():
        raise PipelineError(f"{path}, box {int(faulty.argmax()) + 1}: {fault}; correct the file")

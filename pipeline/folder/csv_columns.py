"""Columns of CSV files of boxes: read, converted and checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from detectors.precomputed import describe_csv_error
from pipeline.errors import PipelineError

SIDES = ("bb_left", "bb_top", "bb_width", "bb_height")
LARGEST = 1e9
"""Largest frame, identity or pixel that is accepted."""
Columns = dict[str, NDArray[Any]]
"""Arrays of shape (n,) by column name, float64 or text; an empty number is NaN."""


def first_line(path: Path) -> str:
    """Return the first line of a text file.

    Raises:
        PipelineError: the file is missing or is not text.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            return file.readline().strip()
    except OSError as error:
        raise PipelineError(f"{path} cannot be read ({error.strerror}); name an existing file") from error
    except UnicodeDecodeError as error:
        raise PipelineError(f"{path} is not text in UTF-8; name a text file") from error


def read_named_columns(path: Path, numbers: Sequence[str], words: Sequence[str]) -> Columns:
    """Read named columns of numbers and words; a column that the CSV file lacks is missing in the result.

    Raises:
        PipelineError: the file cannot be parsed; the message names the line.
    """
    types = dict.fromkeys(numbers, pa.float64()) | dict.fromkeys(words, pa.string())
    header = re.split('[,"]+', first_line(path))
    names = [name for name in types if name in header]
    try:
        table = csv.read_csv(
            path,
            csv.ReadOptions(use_threads=False),  # with more threads Arrow cannot name the line
            csv.ParseOptions(newlines_in_values=True),
            csv.ConvertOptions(column_types=types, include_columns=names, null_values=[""]),
        )
    except (pa.ArrowException, OSError) as error:
        raise PipelineError(describe_csv_error(path, error)) from error
    columns = {name: table[name].to_numpy() for name in names}
    return columns | {name: columns[name].astype(np.str_) for name in words if name in columns}


def read_numbers(path: Path, names: Sequence[str], delimiter: str | None) -> Columns:
    """Read a file of numbers without a header; columns after the last name are dropped.

    Raises:
        PipelineError: a value is not a number, or the lines differ in length.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            lines = [line for line in file if line.strip()]
        table = np.loadtxt(lines, delimiter=delimiter, ndmin=2) if lines else np.empty((0, len(names)))
    except (OSError, ValueError) as error:
        fault = str(error).rstrip(".")
        raise PipelineError(f"{path}: {fault}; write the same number of numbers in each line") from error
    if table.shape[1] < len(names):
        raise PipelineError(
            f"{path}, line 1: has {table.shape[1]} of the {len(names)} columns {','.join(names)}"
        )
    return dict(zip(names, table.T, strict=False))


def box_corners(path: Path, columns: Columns, first_pixel: int) -> NDArray[np.float32]:
    """Convert the columns `SIDES` to (n, 4) corners x0, y0, x1, y1, counted from 0; the file counts from `first_pixel`.

    Raises:
        PipelineError: a box has no area, or a side is empty or too large.
    """
    left, top, width, height = (columns[name] for name in SIDES)
    refuse_boxes(path, np.logical_not((width > 0) & (height > 0)), "bb_width or bb_height is not above 0")
    x0, y0 = left - first_pixel, top - first_pixel
    with np.errstate(over="ignore"):  # infinite corners are refused below
        corners = np.stack([x0, y0, x0 + width, y0 + height], axis=1).astype(np.float32)  # (n, 4)
    wrong = np.logical_not((np.abs(corners) <= LARGEST).all(axis=1))
    refuse_boxes(path, wrong, "a side of the box is empty or too large")
    return corners


def whole_numbers(path: Path, columns: Columns, name: str, minimum: int) -> NDArray[np.int64]:
    """Return a column of whole numbers as integers.

    Raises:
        PipelineError: a value is empty, fractional, too small or too large.
    """
    values: NDArray[np.float64] = columns[name]
    valid = (values >= minimum) & (values <= LARGEST) & (np.floor(values) == values)
    refuse_boxes(path, np.logical_not(valid), f"{name} is not a whole number from {minimum}")
    return values.astype(np.int64)


def refuse_boxes(path: Path, faulty: NDArray[np.bool_], fault: str) -> None:
    """Raise a `PipelineError` that names the first faulty box, counted from 1, if there is any."""
    if faulty.any():
        raise PipelineError(f"{path}, box {int(faulty.argmax()) + 1}: {fault}; correct the file")

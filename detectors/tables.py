"""Tables in text files, with any usual separator, decimal sign and encoding; errors name the file and the line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

SIDES = ("bb_left", "bb_top", "bb_width", "bb_height")
LARGEST = 1e9
"""Largest frame, identity or pixel that is accepted; larger ones are mistakes."""
SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas", " ": "spaces"}
"""In the order in which they are looked for: a comma may be a decimal sign, and a space part of a cell."""


@dataclass(frozen=True, eq=False)
class TextTable:
    """The cells of a text file, as text: `n` rows."""

    path: Path
    names: tuple[str, ...]
    """Names of the columns; empty if the first line holds numbers."""
    cells: tuple[pa.ChunkedArray, ...]
    """A column each, (n,) texts."""
    text: str
    """The file's text, from which the lines of rows are found."""
    separator: str
    fault: type[Exception]
    """Class of the errors that are raised."""
    has_header: bool = False
    rows: NDArray[np.int64] | None = None
    """(n,) place of each row in the file; None: all rows."""

    def __len__(self) -> int:
        return len(self.cells[0]) if self.cells else 0

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def named(self, names: Sequence[str], needed: int) -> TextTable:
        """Return the table with other names for its columns, of which the first `needed` must exist.

        Columns without a name are dropped, and names without a column, too.
        """
        if self.cells and len(self.cells) < needed:
            raise self.fault(
                f"{self.path}, line {self.lines[0]}: has {len(self.cells)} numbers between {_between(self.separator)}; "
                f"expected at least the {needed} columns {','.join(names[:needed])}"
            )
        cells = self.cells[: len(names)]
        return replace(self, names=tuple(names[: len(cells)]) if cells else tuple(names), cells=cells)

    def select(self, keep: NDArray[np.bool_]) -> TextTable:
        """Return some of the rows, given as an (n,) mask."""
        rows = np.arange(len(self)) if self.rows is None else self.rows
        cells = tuple(column.filter(pa.array(keep)) for column in self.cells)
        return replace(self, cells=cells, rows=rows[keep])

    def check_columns(self, needed: Sequence[str], what: str) -> None:
        """Raise an error unless the table has each of the needed columns once; `what` names the kind of file."""
        wrong = [name for name in needed if self.names.count(name) != 1]
        if wrong:
            raise self.fault(
                f"{self.path}, line 1: {what} needs one column {wrong[0]!r} and has the columns "
                f"{', '.join(name for name in self.names if name) or 'none'} (between {_between(self.separator)})"
            )

    def texts(self, name: str) -> tuple[NDArray[np.int64], list[str]]:
        """Return (n,) indices into the different texts of a column, and these texts."""
        column = self._column(name)
        if not len(column):
            return np.empty(0, np.int64), []
        words = column.combine_chunks().dictionary_encode()
        return words.indices.to_numpy().astype(np.int64), words.dictionary.to_pylist()

    def all_texts(self, name: str) -> list[str]:
        """Return the (n,) texts of a column."""
        texts: list[str] = self._column(name).to_pylist()
        return texts

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return a column as (n,) numbers; an empty cell is NaN."""
        column = pc.utf8_trim_whitespace(self._column(name))
        if self.separator != ",":
            column = pc.replace_substring(column, ",", ".")
        column = pc.if_else(pc.equal(column, ""), None, column)
        try:
            return np.asarray(column.cast(pa.float64()).to_numpy(), np.float64)
        except pa.ArrowInvalid:  # Arrow does not know all forms, such as +1
            texts = column.to_pylist()
            faulty = [text is not None and not _is_number(text) for text in texts]
            self.refuse(np.array(faulty, np.bool_), f"{name} is not a number", name)
            return np.array([float("nan") if text is None else float(text) for text in texts])

    def whole_numbers(self, name: str, minimum: int) -> NDArray[np.int64]:
        """Return a column as (n,) whole numbers of at least `minimum`."""
        values = self.numbers(name)
        valid = (values >= minimum) & (values <= LARGEST) & (np.floor(values) == values)
        self.refuse(np.logical_not(valid), f"{name} is not a whole number from {minimum}", name)
        return values.astype(np.int64)

    def corners(self, first: int) -> NDArray[np.float32]:
        """Return (n, 4) corners x0, y0, x1, y1, counted from 0, of the columns `SIDES`, counted from `first`."""
        left, top, width, height = (self.numbers(name) for name in SIDES)
        for name, side in zip(SIDES, (left, top, width, height), strict=True):
            wild: NDArray[np.bool_] = np.logical_not(np.abs(side) <= LARGEST)
            self.refuse(wild, f"{name} is empty, not finite or too large", name)
        self.refuse(np.logical_not((width > 0) & (height > 0)), "bb_width or bb_height is not above 0")
        x0, y0 = left - first, top - first
        corners = np.stack([x0, y0, x0 + width, y0 + height], axis=1).astype(np.float32)
        self.refuse(np.any(corners[:, :2] >= corners[:, 2:], axis=1), "bb_width or bb_height is too small")
        return corners

    def refuse(self, faulty: NDArray[np.bool_], reason: str, name: str | None = None) -> None:
        """Raise an error that names the line of the first faulty row, if there is any, and its cell of a column."""
        if faulty.any():
            row = int(faulty.argmax())
            cell = f": {self._column(name)[row].as_py()[:40]!r}" if name else ""
            raise self.fault(f"{self.path}, line {self.lines[row]}: {reason}{cell}; correct the file")

    @cached_property
    def lines(self) -> list[int]:
        """Line of each row in the file, from 1."""
        lines, before = [], 0
        reader = csv.reader(io.StringIO(self.text), delimiter=self.separator)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append(before + 1)
            before = reader.line_num
        if self.has_header:
            lines = lines[1:]
        return lines if self.rows is None else [lines[row] for row in self.rows.tolist()]

    def _column(self, name: str) -> pa.ChunkedArray:
        return self.cells[self.names.index(name)] if self.cells else pa.chunked_array([], pa.string())


def read_table(path: Path, fault: type[Exception]) -> TextTable:
    """Read a text file as a table.

    Cells are separated by tabs, semicolons, commas or spaces; with the first two, numbers may have decimal commas. The
    text is UTF-8 or UTF-16. Empty rows, and lines before the first one that begin with #, are passed over. A first line that
    does not begin with a number holds the names of the columns.

    Raises:
        Exception: of the class `fault`: the file cannot be read as text, or a row has more or fewer cells than the
            first one.
    """
    text, separator = _read_text(path, fault)
    first = next(csv.reader(io.StringIO(text.lstrip()), delimiter=separator), [])
    first = [cell.strip() for cell in first]
    if not any(first):
        return TextTable(path, (), (), text, separator, fault)
    if text.count('"') % 2:
        line = len(text[: text.rindex('"')].splitlines())
        raise fault(f"{path}, line {line}: a quotation mark is not closed; correct the file")
    columns = [str(place) for place in range(len(first))]
    try:
        table = arrow_csv.read_csv(
            io.BytesIO(text.encode()),
            arrow_csv.ReadOptions(column_names=columns),
            arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=True),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise fault(_describe_error(path, text, separator, len(first), error)) from error
    joined = pc.utf8_trim_whitespace(pc.binary_join_element_wise(*table.columns, ""))
    cells = [column.filter(pc.not_equal(joined, "")) for column in table.columns]
    if _is_number(first[0] if separator == "," else first[0].replace(",", ".")):
        return TextTable(path, (), tuple(cells), text, separator, fault)
    names = tuple(name.lower() for name in first)
    cells = [column.slice(1) for column in cells]
    return TextTable(path, names, tuple(cells), text, separator, fault, has_header=True)


def _read_text(path: Path, fault: type[Exception]) -> tuple[str, str]:
    """Return the text of a file, its line ends made equal, and the separator of its cells."""
    if path.exists() and not path.is_file():  # a pipe would block
        raise fault(f"{path} is not a regular file; write its content to a file first")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise fault(f"{path} cannot be read ({error.strerror}); name an existing file") from error
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        number = content[: error.start].count(b"\n") + 1
        raise fault(
            f"{path}, line {number}: is not text in UTF-8 or UTF-16; save the file as CSV in UTF-8"
        ) from error
    if "\0" in text:
        raise fault(f"{path} is not a text file; name a file of text")
    text = re.sub(r"\r\n?", "\n", text)
    text = re.sub(r"(?m)^[ \t]+$", "", text)
    told = re.match(r"\s*sep=(.)\n", text)  # as Excel writes it
    lines: list[str] = text.split("\n")
    for row, line in enumerate(lines):
        if line and not line.startswith("#") and not (told and line.startswith("sep=")):
            break
        lines[row] = ""  # keeps the numbers of the lines after it
    text = "\n".join(lines)
    head = re.sub('"[^"]*"', "", text.lstrip("\n").partition("\n")[0])
    separator = told[1] if told else next((sign for sign in SEPARATORS if sign in head.strip(" ")), ",")
    if separator == " ":
        text = "\n".join(" ".join(line.split()) for line in lines)
    elif f"{separator} " in text:  # spaces after a separator, except in quotes
        spaces = re.compile(rf'("(?:[^"]|"")*")|(?<={re.escape(separator)}) +')
        text = spaces.sub(lambda found: found[1] or "", text)
    return text, separator


def _describe_error(path: Path, text: str, separator: str, expected: int, error: Exception) -> str:
    """Return a message with the line and the reason why Arrow could not parse a text."""
    before = 0
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        for cells in reader:
            if cells and len(cells) != expected:
                return (
                    f"{path}, line {before + 1}: has {len(cells)} cells between {_between(separator)}, not {expected} as "
                    "the first line; correct the file"
                )
            before = reader.line_num
    except csv.Error as fault:
        return f"{path}, line {reader.line_num}: {fault}; correct the file"
    return f"{path}: {' '.join(str(error).split())}; correct the file"


def _is_number(text: str) -> bool:
    """Return whether a text is a number in digits.

    >>> [_is_number(text) for text in ("-1.5e+00", "+.5", "nan", "1_000", "track")]
    [True, True, True, False, False]
    """
    return bool(
        re.fullmatch(
            r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?(nan|inf)", text.strip(), re.ASCII | re.IGNORECASE
        )
    )


def _between(separator: str) -> str:
    """Return what stands between cells, in words."""
    return SEPARATORS.get(separator, f"the sign {separator!r}")

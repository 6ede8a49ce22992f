"""One workbook for spreadsheet programs: identities, tracklets and matches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

from pipeline.errors import RunError
from pipeline.folder.atomic import atomic_path
from pipeline.results.records import FinishedRun
from pipeline.results.tables import MATCHES, TRACKLETS

IDENTITIES = "identity,class,cameras,tracklets,start_time_s,end_time_s"
MOST_ROWS = 1_048_575
"""Rows of a sheet under its header."""


def export_xlsx(run: FinishedRun, path: Path) -> None:
    """Write a sheet each for identities, tracklets and matches; the last two have the columns of the CSV files.

    Raises:
        RunError: a table has too many rows for a sheet, or the file cannot be written.
    """
    import xlsxwriter

    identities = (
        (one.number, one.kind, ", ".join(one.cameras), ", ".join(one.tracklets), one.start, one.end)
        for one in run.identities
    )
    sheets: dict[str, tuple[str, int, Iterable[Sequence[Any]]]] = {
        "identities": (IDENTITIES, len(run.identities), identities),
        "tracklets": (TRACKLETS, len(run.tracklets), map(astuple, run.tracklets)),
        "matches": (MATCHES, len(run.matches), map(astuple, run.matches)),
    }
    for name, (_, count, _) in sheets.items():
        if count > MOST_ROWS:
            raise RunError(f"{run.folder}: {count} {name} are too many for a sheet; use --format csv")
    with atomic_path(path) as temporary:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(str(temporary), options) as workbook:
            bold = workbook.add_format({"bold": True})
            for name, (header, count, rows) in sheets.items():
                columns = header.split(",")
                sheet = workbook.add_worksheet(name)
                sheet.freeze_panes(1, 0)
                sheet.autofilter(0, 0, max(count, 1), len(columns) - 1)
                sheet.set_column(0, len(columns) - 1, 14)
                sheet.write_row(0, 0, columns, bold)
                for number, row in enumerate(rows, start=1):
                    sheet.write_row(number, 0, row)

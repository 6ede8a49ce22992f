"""The report of a finished run: one HTML file that needs no other file and no network connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.folder.atomic import whole_file
from pipeline.page.page import make_page, render_page
from pipeline.results.pictures import Blur
from pipeline.results.records import FinishedRun, TrackletRecord

Overlays = Callable[[Sequence[TrackletRecord], Blur], list[list[bytes]]]
"""Returns the pictures of tracklets once more, with an overlay."""


def write_report(run: FinishedRun, path: Path, *, blur: Blur, overlays: Overlays | None = None) -> None:
    """Write the report of a finished run.

    Args:
        run: the run.
        path: file to write, atomically.
        blur: which parts of people are blurred in the pictures.
        overlays: makes the pictures that the page shows on demand; see `pipeline.report.attention`.

    Raises:
        RunError: files of the run are missing or damaged.
    """
    page = make_page(run, blur=blur)
    if overlays is not None:
        page = replace(page, overlays=overlays(run.tracklets, blur))
    with whole_file(path) as file:
        file.writelines(render_page(page))

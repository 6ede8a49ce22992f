"""Write the report of a finished run: one HTML file that needs nothing else and asks nobody for anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.folder.atomic import whole_file
from pipeline.page.document import Findings, Sighting, read_findings
from pipeline.page.page import Page, render
from pipeline.page.sections import camera_lines, cautions, flow, plots, settings
from pipeline.results.pictures import SIZE, Blur, pictures
from pipeline.results.reading import cameras_of, run_record


def default_blur(run: Path, path: Path) -> Blur:
    """Blur heads in whatever leaves the run folder, and nothing inside."""
    return "none" if path.resolve().is_relative_to(run.resolve()) else "faces"


Overlays = Callable[[Sequence[Sighting], Blur], list[list[bytes]]]
"""Makes the pictures of tracklets once more, with something laid over them."""


def write_report(run: Path, path: Path, *, blur: Blur, overlays: Overlays | None = None) -> None:
    """Write the report of a finished run.

    Args:
        run: its folder.
        path: file to write, whole or not at all.
        blur: what of people is made unrecognisable in the pictures.
        overlays: makes what the pictures change to on demand; see `pipeline.report.attention`.

    Raises:
        RunError: the run is not finished, or its files are missing or damaged.
    """
    findings = findings_of(run)
    page = read_page(run, findings, blur=blur)
    if overlays is not None:
        page = replace(page, overlays=overlays(findings.tracklets, blur))
    with whole_file(path) as file:
        file.writelines(render(page))


def findings_of(run: Path) -> Findings:
    """Read what a finished run found.

    Raises:
        RunError: the run is not finished, or its files are missing or damaged.
    """
    return read_findings(run, cameras_of(run), trusted=_trusted(run_record(run)))


def read_page(run: Path, findings: Findings, *, blur: Blur, size: int = SIZE) -> Page:
    """Gather all that a page shows of a finished run.

    Args:
        run: its folder.
        findings: what it found.
        blur: what of people is made unrecognisable in the pictures.
        size: pixels to which their longer side is reduced.
    """
    record = run_record(run)
    found = pictures(run, findings.tracklets, blur=blur, size=size)
    return Page(
        title=run.resolve().name,
        document=findings.document([len(own) for own in found]),
        pictures=found,
        warnings=cautions(record),
        cameras=camera_lines(findings, record),
        flow=flow(findings),
        plots=plots(run),
        settings=settings(record),
        blur=blur,
    )


def _trusted(record: dict[str, object]) -> dict[str, bool]:
    known = record.get("links_trusted")
    return {str(name): bool(value) for name, value in known.items()} if isinstance(known, dict) else {}

"""The footage of a finished run: where it is, and whether it is still what the run read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import FootageError
from pipeline.footage.fingerprint import fingerprint
from pipeline.results.records import FinishedRun


@dataclass(frozen=True)
class Source:
    """The footage of one camera of a run."""

    name: str
    path: Path
    offset: float
    """Seconds to add to the file's times to get the shared timeline."""
    digest: str | None
    """Fingerprint of the footage that the run read; None if the run could not read it."""

    def check(self) -> None:
        """Raise `FootageError` unless the file is the one that the run read: else its boxes belong to other frames."""
        digest = fingerprint(self.path)
        if digest is None:
            raise FootageError(
                f"{self.name}: {self.path} is missing; give its new place with --footage {self.name}=FILE"
            )
        if digest != self.digest:
            raise FootageError(
                f"{self.name}: {self.path} is not the file that the run read; give that file with "
                f"--footage {self.name}=FILE, or match again"
            )


def list_sources(run: FinishedRun, moved: Mapping[str, Path]) -> list[Source]:
    """Return the footage of all cameras of a run, by name; `moved` replaces the files that the run names."""
    record = run.record
    paths = {camera.name: camera.path for camera in record.given.cameras} | dict(moved)
    sources = []
    for name in run.cameras:
        camera, settings = record.cameras[name], record.settings.cameras.get(name)
        path = paths.get(name, Path(camera.file))
        sources.append(Source(name, path, camera.offset_s, settings.footage if settings else None))
    return sources

"""The footage of a finished run: where it is, and whether it is still what the run read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import FootageError
from pipeline.footage.fingerprint import fingerprint
from pipeline.footage.recording import Recording, find_recording
from pipeline.results.records import FinishedRun


@dataclass(frozen=True)
class Source:
    """The footage of one camera of a run."""

    name: str
    recording: Recording
    offset: float
    """Seconds to add to the recording's times to get the shared timeline."""
    digest: str | None
    """Fingerprint of the footage that the run read; None if the run could not read it."""

    def check(self) -> None:
        """Raise `FootageError` unless it is the one that the run read: else its boxes belong to other frames."""
        digest = fingerprint(self.recording.files)
        if digest is None:
            raise FootageError(
                f"{self.name}: {self.recording} is missing; give its new place with --footage {self.name}=FILE"
            )
        if digest != self.digest:
            raise FootageError(
                f"{self.name}: {self.recording} is not what the run read; give that with "
                f"--footage {self.name}=FILE, or match again"
            )


def list_sources(run: FinishedRun, moved: Mapping[str, Path]) -> list[Source]:
    """Return the footage of all cameras of a run, by name; `moved` replaces the files that the run names."""
    sources = []
    for camera in run.record.given.cameras:
        recording = camera.recording
        if camera.name in moved:
            recording = find_recording(moved[camera.name], recording.timing)
        digest = run.record.settings.cameras[camera.name].footage
        sources.append(Source(camera.name, recording, camera.offset, digest))
    return sources

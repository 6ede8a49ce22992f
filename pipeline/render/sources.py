"""Where is a run's footage now, and is it still what the run saw?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import FootageError, RunError
from pipeline.footage.fingerprint import fingerprint


@dataclass(frozen=True)
class Source:
    """A camera as a run read it."""

    name: str
    path: Path
    offset: float
    """Seconds to add to the file's times to get the shared timeline."""
    digest: str | None
    """Fingerprint of what was read; None where the run could not read it."""

    def check(self) -> None:
        """Make sure that boxes of the run belong to the frames of the file.

        Raises:
            FootageError: it is not there, or is another file now.
        """
        found = fingerprint(self.path)
        if found is None:
            raise FootageError(
                f"{self.name}: {self.path} is not there any more; say where it is with --footage {self.name}=FILE"
            )
        if found != self.digest:
            raise FootageError(
                f"{self.name}: {self.path} is not the file that the run read; say where that is with "
                f"--footage {self.name}=FILE, or match again"
            )


def sources(run: Path, record: Mapping[str, Any], moved: Mapping[str, Path]) -> list[Source]:
    """List a run's cameras by name.

    Args:
        run: its folder.
        record: its run.json.
        moved: files to take in place of those that the run names, by camera.

    Raises:
        RunError: the record is damaged.
    """
    try:
        given = record.get("given") or {"cameras": []}
        whole = {one["name"]: one["path"] for one in given["cameras"]}
        digests = {name: one["footage"] for name, one in record["settings"]["cameras"].items()}
        return [
            Source(
                name, moved.get(name, Path(whole.get(name, one["file"]))), one["offset_s"], digests.get(name)
            )
            for name, one in sorted(record["cameras"].items())
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise RunError(f"{run / 'run.json'}: damaged, it does not tell what footage was read") from error

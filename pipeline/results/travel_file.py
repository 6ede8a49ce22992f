"""The file of travel times that `transitions` writes and `match --transitions` reads.

knee = 10.0                    # seconds
width = 0.12

[[way]]
class = "person"
from = "gate"                  # the camera that saw the object first
to = "hall"
gaps = [38.2, 41.0, 44.7]      # seconds, sorted
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
from numpy.typing import NDArray

from detectors.class_names import class_group
from pipeline.errors import PipelineError, RunError
from pipeline.folder.atomic import whole_file
from pipeline.folder.toml_files import read_toml
from pipeline.footage.cameras import Bounded
from pipeline.matching.travel.travel_times import Route, TravelStatistics
from pipeline.results.records import FinishedRun


@dataclass(frozen=True, eq=False)
class RunVisits:
    """The n matched tracklets of a finished run; fulfils `pipeline.matching.travel.travel_times.Visits`."""

    keys: list[tuple[str, int]]
    cameras: NDArray[np.str_]
    groups: NDArray[np.str_]
    starts: NDArray[np.float64]
    ends: NDArray[np.float64]
    identities: Mapping[tuple[str, int], int | None]
    """Identity of each tracklet, by camera and track."""


def visits_of(run: FinishedRun) -> RunVisits:
    """Return when each matched tracklet was seen; raise `RunError` if the clock offset of a camera is unknown."""
    unknown = [
        name
        for name, camera in sorted(run.record.cameras.items())
        if not camera.offset_known and camera.failed is None
    ]
    if unknown and len(run.cameras) > 1:
        raise RunError(
            f"{run.folder}: travel times need clock offsets, and those of {', '.join(unknown)} are unknown; "
            "give each camera its offset in the cameras file (0 if its clock is right) and match again"
        )
    tracklets = [tracklet for tracklet in run.tracklets if tracklet.identity is not None]
    return RunVisits(
        keys=[tracklet.key for tracklet in tracklets],
        cameras=np.array([tracklet.camera for tracklet in tracklets], np.str_),
        groups=np.array([class_group(tracklet.kind) for tracklet in tracklets], np.str_),
        starts=np.array([tracklet.start for tracklet in tracklets], np.float64),
        ends=np.array([tracklet.end for tracklet in tracklets], np.float64),
        identities={tracklet.key: tracklet.identity for tracklet in tracklets},
    )


def write_statistics(path: Path, statistics: TravelStatistics) -> None:
    """Write travel times as TOML; raise `RunError` if the file cannot be written."""
    with whole_file(path) as file:
        file.write(
            "# Seconds from leaving one camera (from) to entering another (to); negative: in both at once\n"
        )
        file.write(f"knee = {statistics.knee!r}  # gaps up to this many seconds are compared by difference\n")
        file.write(f"width = {statistics.width!r}  # width of the smoothing, in units of asinh(gap / knee)\n")
        for (group, first, second), gaps in statistics.gaps.items():
            file.write(f"\n[[way]]  # {summarise_gaps(gaps)}\n")
            for key, name in (("class", group), ("from", first), ("to", second)):
                file.write(f"{key} = {json.dumps(name, ensure_ascii=False)}\n")
            file.write(f"gaps = [{', '.join(f'{gap:.3f}' for gap in gaps)}]\n")


def summarise_gaps(gaps: tuple[float, ...]) -> str:
    """Return number, median and range of some gaps as text.

    >>> summarise_gaps((38.0, 40.0, 45.0))
    '3 gaps, median 40.0 s, from 38.0 to 45.0 s'
    """
    word = "gap" if len(gaps) == 1 else "gaps"
    return f"{len(gaps)} {word}, median {np.median(gaps):.1f} s, from {min(gaps):.1f} to {max(gaps):.1f} s"


class _Way(msgspec.Struct, forbid_unknown_fields=True):
    """A [[way]] table."""

    kind: str = msgspec.field(name="class")
    first: str = msgspec.field(name="from")
    second: str = msgspec.field(name="to")
    gaps: Annotated[tuple[Bounded, ...], msgspec.Meta(min_length=1)]

    @property
    def route(self) -> Route:
        return self.kind, self.first, self.second


class _TravelFile(msgspec.Struct, forbid_unknown_fields=True):
    knee: Bounded = TravelStatistics.knee
    width: Bounded = TravelStatistics.width
    way: tuple[_Way, ...] = ()


def read_statistics(path: Path) -> TravelStatistics:
    """Read a file of travel times; raise `PipelineError` if it cannot be read or contradicts itself."""
    content = read_toml(path, _TravelFile)
    gaps = {way.route: tuple(sorted(way.gaps)) for way in sorted(content.way, key=lambda way: way.route)}
    if len(gaps) < len(content.way):
        raise PipelineError(f"{path}: a way has two tables; put all its gaps into one [[way]]")
    try:
        return TravelStatistics(gaps, knee=content.knee, width=content.width)
    except ValueError as error:
        raise PipelineError(f"{path}: {error}") from error

"""Travel times on disk: learnt from a finished run, kept in a file that people can read, drawn.

knee = 10.0                    # seconds
width = 0.12

[[way]]
class = "person"
from = "gate"                  # who saw the object first
to = "hall"
gaps = [38.2, 41.0, 44.7]      # seconds, sorted
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detectors.boxes import class_group
from pipeline.errors import PipelineError, RunError
from pipeline.folder.atomic import whole_file
from pipeline.folder.toml_files import read_toml
from pipeline.footage.cameras import LONGEST
from pipeline.matching.travel.travel_times import TravelStatistics, Way
from pipeline.results.reading import run_record, tracklet_rows

if TYPE_CHECKING:  # it costs the import of matplotlib
    pass

WAY = {"class": str, "from": str, "to": str, "gaps": list}


@dataclass(frozen=True, eq=False)
class RunVisits:
    """The n tracklets of a finished run that took part in matching; `pipeline.matching.travel.Visits`."""

    keys: list[tuple[str, int]]
    cameras: NDArray[np.str_]
    groups: NDArray[np.str_]
    starts: NDArray[np.float64]
    ends: NDArray[np.float64]
    identities: Mapping[tuple[str, int], int | None]
    """What the run found, by camera and track."""


def read_visits(run: Path) -> RunVisits:
    """Read when each tracklet of a finished run was seen.

    Raises:
        RunError: the run's files are missing or damaged, or a camera's clock was unknown.
    """
    _refuse_unknown_clocks(run)
    rows = [row for row in tracklet_rows(run) if row["identity"]]
    try:
        keys = [(row["camera"], int(row["track"])) for row in rows]
        starts, ends = (
            np.array([float(row[name]) for row in rows]) for name in ("start_time_s", "end_time_s")
        )
        identities = [int(row["identity"]) for row in rows]
    except ValueError as error:
        raise RunError(
            f"{run / 'tracklets.csv'}: no number where one belongs; run the match again"
        ) from error
    cameras = np.array([camera for camera, _ in keys], np.str_)
    groups = np.array([class_group(row["class"]) for row in rows], np.str_)
    return RunVisits(keys, cameras, groups, starts, ends, dict(zip(keys, identities, strict=True)))


def _refuse_unknown_clocks(run: Path) -> None:
    cameras = run_record(run).get("cameras")
    if not isinstance(cameras, dict) or not all(isinstance(camera, dict) for camera in cameras.values()):
        raise RunError(f"{run / 'run.json'}: damaged, it names no cameras")
    unknown = [
        name
        for name, camera in sorted(cameras.items())
        if not (camera.get("offset_known") or camera.get("failed"))
    ]
    if unknown and len(cameras) > 1:
        raise RunError(
            f"{run}: travel times cannot be learnt, for the clocks of {', '.join(unknown)} are unknown; "
            "give each camera its offset in the cameras file (0 where a clock is right) and run the match again"
        )


def write_statistics(path: Path, statistics: TravelStatistics) -> None:
    """Write statistics as TOML.

    Raises:
        RunError: the file cannot be written.
    """
    with whole_file(path) as file:
        file.write(
            "# Seconds from leaving one camera (from) to entering another (to); negative: in both at once\n"
        )
        file.write(f"knee = {statistics.knee!r}  # seconds up to which gaps are told apart by difference\n")
        file.write(f"width = {statistics.width!r}  # of the smoothing, in units of asinh(gap / knee)\n")
        for (group, first, other), gaps in statistics.gaps.items():
            file.write(f"\n[[way]]  # {summary(gaps)}\n")
            for key, name in (("class", group), ("from", first), ("to", other)):
                file.write(f"{key} = {json.dumps(name, ensure_ascii=False)}\n")
            file.write(f"gaps = [{', '.join(f'{gap:.3f}' for gap in gaps)}]\n")


def summary(gaps: tuple[float, ...]) -> str:
    """Say in a few words how long a way takes.

    >>> summary((38.0, 40.0, 45.0))
    '3 gaps, median 40.0 s, from 38.0 to 45.0 s'
    """
    word = "gap" if len(gaps) == 1 else "gaps"
    return f"{len(gaps)} {word}, median {np.median(gaps):.1f} s, from {min(gaps):.1f} to {max(gaps):.1f} s"


def read_statistics(path: Path) -> TravelStatistics:
    """Read statistics that `write_statistics` wrote, or somebody by hand.

    Raises:
        PipelineError: the file cannot be read or contradicts itself.
    """
    content = read_toml(path)
    tables = content.pop("way", [])
    unknown = sorted(set(content) - {"knee", "width"})
    if unknown or not isinstance(tables, list):
        raise PipelineError(f"{path}: expected knee, width and [[way]] tables, got {unknown or 'no tables'}")
    ways = [_way(path, number, table) for number, table in enumerate(tables, start=1)]
    twice = [way for place, (way, _) in enumerate(ways) if way in dict(ways[:place])]
    if twice:
        raise PipelineError(f"{path}: {' '.join(twice[0])}: is there twice; put the gaps into one [[way]]")
    try:
        return TravelStatistics(dict(sorted(ways)), **{key: float(value) for key, value in content.items()})
    except (TypeError, ValueError) as error:
        raise PipelineError(f"{path}: {error}") from error


def _way(path: Path, number: int, table: Any) -> tuple[Way, tuple[float, ...]]:
    """Understand one table."""
    where = f"{path}: [[way]] number {number}"
    if not isinstance(table, dict) or {key: type(value) for key, value in table.items()} != WAY:
        raise PipelineError(f"{where}: needs class, from and to, all text, and gaps, a list; nothing else")
    gaps = table["gaps"]
    if not all(type(gap) in (int, float) and abs(gap) <= LONGEST for gap in gaps):
        raise PipelineError(f"{where}: gaps must be numbers of seconds, at most {LONGEST:g}")
    return (table["class"], table["from"], table["to"]), tuple(sorted(map(float, gaps)))

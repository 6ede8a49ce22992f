"""Ground truth of recordings, and the boxes that a perfect detector would report, as CSV files.

Both have the columns of `samples/street.py`. `bb_...` is the visible box. `frame` counts the frames of a recording from
0; `time_s` is on the simulation's clock. Identities are separate for each class: person 3 is not vehicle 3. An actor
that is completely occluded or outside the picture has no row.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from reid.files import replacing

if TYPE_CHECKING:  # importing it would need OpenGL
    from samples.world.production import Sighting

SIDES = ("left", "top", "width", "height")
BOX = tuple(f"bb_{side}" for side in SIDES)
TRUTH = (
    "camera",
    "frame",
    "time_s",
    "identity",
    "class",
    *BOX,
    "visible",
    *(f"full_{side}" for side in SIDES),
)
DETECTIONS = ("camera", "frame", "class", *BOX, "conf")
DETECTABLE = 0.35
"""Smallest visible share of a reported box."""
SMALLEST = 8
"""Smallest side of a reported box, in pixels."""


@dataclass(frozen=True)
class Frame:
    """The sightings in one frame of a recording."""

    camera: str
    number: int
    """Number of the frame in its recording, from 0."""
    time: float
    """Seconds on the simulation's clock."""
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True)
class Transition:
    """Knowledge about the path between two cameras whose views do not overlap."""

    cameras: tuple[str, str]
    minimum: int
    """Lower bound in seconds of the time between leaving one view and entering the other."""


def visible_sightings(frames: Iterable[Frame]) -> Iterator[tuple[Frame, Sighting]]:
    """Yield each visible sighting with its frame, sorted by camera, frame, class and identity."""
    for frame in sorted(frames, key=lambda frame: (frame.camera, frame.number)):
        for sighting in sorted(frame.sightings, key=lambda sighting: (sighting.category, sighting.identity)):
            left, top, right, bottom = sighting.visible
            if sighting.share > 0 and left < right and top < bottom:
                yield frame, sighting


def write_truth(path: Path, frames: Sequence[Frame]) -> None:
    """Write one row for each visible sighting."""
    rows = (
        [
            frame.camera,
            frame.number,
            f"{frame.time:.3f}",
            sighting.identity,
            sighting.category,
            *_sides(sighting.visible),
            f"{sighting.share:.3f}",
            *_sides(sighting.full),
        ]
        for frame, sighting in visible_sightings(frames)
    )
    _write(path, TRUTH, rows)


def write_detections(path: Path, frames: Sequence[Frame], *, share: float = DETECTABLE) -> None:
    """Write true boxes with a visible share of at least `share`, for `reid-pipeline match --detections`."""
    rows = (
        [
            frame.camera,
            frame.number,
            sighting.category,
            *_sides(sighting.visible),
            f"{0.5 + 0.45 * sighting.share:.3f}",
        ]
        for frame, sighting in visible_sightings(frames)
        if sighting.share >= share and min(_size(sighting.visible)) >= SMALLEST
    )
    _write(path, DETECTIONS, rows)


def find_transitions(frames: Sequence[Frame]) -> list[Transition]:
    """Return the pairs of cameras that share actors but never see one at the same time.

    `minimum` is half the shortest time between the two views. An operator knows an installation about that well; the
    exact time would give a matcher an unfair advantage.
    """
    times: dict[str, dict[tuple[str, int], list[float]]] = defaultdict(lambda: defaultdict(list))
    for frame, sighting in visible_sightings(frames):
        times[frame.camera][sighting.category, sighting.identity].append(frame.time)
    transitions = []
    for a, b in combinations(sorted({frame.camera for frame in frames}), 2):
        shared = sorted(times[a].keys() & times[b].keys())
        gaps = [_shortest_gap(times[a][actor], times[b][actor]) for actor in shared]
        if gaps and min(gaps) > 0:
            transitions.append(Transition((a, b), int(min(gaps) / 2)))
    return transitions


def _shortest_gap(times_a: list[float], times_b: list[float]) -> float:
    """Return the shortest time between two cameras' stays of one actor; 0 if two stays overlap."""
    return min(
        max(0.0, start_b - end_a, start_a - end_b)
        for start_a, end_a in _stays(times_a)
        for start_b, end_b in _stays(times_b)
    )


def _stays(times: list[float], longest: float = 1.0) -> list[tuple[float, float]]:
    """Join increasing times into stays (start, end); gaps of up to `longest` seconds do not end a stay."""
    breaks = [i for i in range(1, len(times)) if times[i] - times[i - 1] > longest]
    starts, ends = [0, *breaks], [*breaks, len(times)]
    return [(times[start], times[end - 1]) for start, end in zip(starts, ends, strict=True)]


def _size(box: tuple[float, float, float, float]) -> tuple[float, float]:
    """Return width and height of a box."""
    left, top, right, bottom = box
    return right - left, bottom - top


def _sides(box: tuple[float, float, float, float]) -> list[str]:
    """Return left, top, width and height of a box as text."""
    return [f"{value:.2f}" for value in (*box[:2], *_size(box))]


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)

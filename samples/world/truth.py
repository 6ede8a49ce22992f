"""Who is where in each frame? The truth of a recording, and the boxes that a perfect detector would report.

Both are CSVs laid out as those of `samples/scene.py`: `bb_...` is the visible box. `frame` counts a recording's own
frames from 0; `time_s` is on the world's clock. An identity is one within its class: person 3 is not vehicle 3.
Who is wholly hidden or outside the picture has no row.
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

if TYPE_CHECKING:  # what draws is known only to who opens it
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
"""Visible share from which a box is reported."""
SMALLEST = 8
"""Pixels of the shorter side from which a box is reported."""


@dataclass(frozen=True)
class Frame:
    """What one frame of a recording shows."""

    camera: str
    number: int
    """Of the recording's own frames, from 0."""
    time: float
    """Seconds on the world's clock."""
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True)
class Way:
    """What whoever hung two cameras knows of the way between them."""

    cameras: tuple[str, str]
    minimum: int
    """Seconds that nobody undercuts from leaving one view to entering the other."""


def seen(frames: Iterable[Frame]) -> Iterator[tuple[Frame, Sighting]]:
    """Go through who is seen, by camera, frame, class and identity."""
    for frame in sorted(frames, key=lambda one: (one.camera, one.number)):
        for sighting in sorted(frame.sightings, key=lambda one: (one.category, one.identity)):
            left, top, right, bottom = sighting.visible
            if sighting.share > 0 and left < right and top < bottom:
                yield frame, sighting


def write_truth(path: Path, frames: Sequence[Frame]) -> None:
    """Write a row for each sighting."""
    rows = (
        (
            *(frame.camera, frame.number, f"{frame.time:.3f}", one.identity, one.category),
            *(*_sides(one.visible), f"{one.share:.3f}", *_sides(one.full)),
        )
        for frame, one in seen(frames)
    )
    _write(path, TRUTH, rows)


def write_detections(path: Path, frames: Sequence[Frame], *, share: float = DETECTABLE) -> None:
    """Write perfect boxes for `reid-pipeline match --detections`: of whom at least this share can be seen."""
    rows = (
        (frame.camera, frame.number, one.category, *_sides(one.visible), f"{0.5 + 0.45 * one.share:.3f}")
        for frame, one in seen(frames)
        if one.share >= share and min(_size(one.visible)) >= SMALLEST
    )
    _write(path, DETECTIONS, rows)


def ways(frames: Sequence[Frame]) -> list[Way]:
    """Tell which pairs of cameras people are seen by, but never at once, and half the shortest time between them.

    That is what an operator knows of an installation, and half of it: the figures would flatter a matcher if
    they were as sharp as the truth.
    """
    times: dict[str, dict[tuple[str, int], list[float]]] = defaultdict(lambda: defaultdict(list))
    for frame, one in seen(frames):
        times[frame.camera][one.category, one.identity].append(frame.time)
    found = []
    for a, b in combinations(sorted({frame.camera for frame in frames}), 2):
        gaps = [_gap(times[a][who], times[b][who]) for who in sorted(times[a].keys() & times[b].keys())]
        if gaps and min(gaps) > 0:
            found.append(Way((a, b), int(min(gaps) / 2)))
    return found


def _gap(one: list[float], other: list[float]) -> float:
    """Measure the shortest time from being seen here to being seen there; 0 where seen by both within a stay."""
    stays = [_stays(times) for times in (one, other)]
    return min(
        max(0.0, begin_b - end_a, begin_a - end_b)
        for begin_a, end_a in stays[0]
        for begin_b, end_b in stays[1]
    )


def _stays(times: list[float], longest: float = 1.0) -> list[tuple[float, float]]:
    """Join increasing times into stays; one hidden for up to `longest` seconds has not left."""
    breaks = [i for i in range(1, len(times)) if times[i] - times[i - 1] > longest]
    starts, ends = [0, *breaks], [*breaks, len(times)]
    return [(times[start], times[end - 1]) for start, end in zip(starts, ends, strict=True)]


def _size(box: tuple[float, float, float, float]) -> tuple[float, float]:
    left, top, right, bottom = box
    return right - left, bottom - top


def _sides(box: tuple[float, float, float, float]) -> list[str]:
    return [f"{value:.2f}" for value in (*box[:2], *_size(box))]


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)

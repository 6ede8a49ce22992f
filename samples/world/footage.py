"""How does a world become recordings? A video for each camera, the truth, perfect boxes, and a cameras file."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import av
import numpy as np
from numpy.typing import NDArray

from reid.files import replacing
from samples.world.camera import Camera
from samples.world.crew import Run, crew
from samples.world.errors import WorldError
from samples.world.sensor import Image, Sensor, develop
from samples.world.truth import Frame, Way, ways, write_detections, write_truth

if TYPE_CHECKING:  # what draws is known only to who opens it
    from samples.world.production import Sighting

CAMERAS = "cameras.toml"
"""Written last: a folder that has it is whole."""
REPEATABLE = {"threads": "1", "x264-params": "asm=AVX"}
"""Makes x264 give the same bytes each time: with AVX2, its macroblock tree reads beyond the end of a row."""
TOGETHER = 8
"""Frames that a worker takes at once."""


Report = Callable[[int, int | None], None]
"""Is called with the steps done and in all."""


def silent(done: int, total: int | None) -> None:
    """Report to nobody."""
    del done, total


class Production(Protocol):
    """A cast in a place for a while, seen by cameras."""

    cameras: tuple[Camera, ...]
    seconds: float

    def picture(self, camera: int, time: float, /) -> tuple[NDArray[np.float32], list[Sighting]]:
        """Give (h, w, 3) linear light, and who is seen."""
        ...


@dataclass(frozen=True)
class Opening:
    """How a worker gets its own production: it cannot be sent, what it is made from can."""

    opener: Callable[[Any], Production]
    """Found by name in another process; keeps what it opened last, as it is asked again and again."""
    plan: Hashable

    def opened(self) -> Production:
        """Open the production, or give the one that is open."""
        return self.opener(self.plan)


@dataclass(frozen=True)
class Stretch:
    """Some successive frames of one camera, a worker's task."""

    opening: Opening
    camera: int
    sensor: Sensor
    numbers: range
    seed: int


def film(
    opening: Opening,
    sensors: Sequence[Sensor],
    folder: Path,
    *,
    seed: int,
    workers: int = 1,
    report: Report = silent,
) -> list[Frame]:
    """Write `NAME.mp4` for each camera, `truth.csv`, `detections.csv` and, last, `cameras.toml`.

    Args:
        opening: Of the production.
        sensors: One for each camera; they decide frame rates and when recordings begin.
        folder: Made if it is not there; what it has of these files is replaced.
        seed: Of the sensors' noise; the same seed gives the same bytes with any number of workers.
        workers: Processes that draw.
        report: Is called with the frames done and in all.

    Returns:
        The truth, by camera and frame.

    Raises:
        WorldError: The sensors do not fit the cameras or their time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CAMERAS).unlink(missing_ok=True)
    with crew(workers) as run:
        ((cameras, seconds),) = run(describe, [opening])
        counts = [frames_of(*pair, seconds) for pair in zip(cameras, _fitting(sensors, cameras), strict=True)]
        frames: list[Frame] = []
        for index, camera in enumerate(cameras):
            with recording(folder / f"{camera.name}.mp4", camera, sensors[index]) as record:
                stretches = _stretches(opening, index, sensors[index], counts[index], seed)
                for picture, frame in _shot(run, camera, stretches):
                    record(picture)
                    frames.append(frame)
                    report(len(frames), sum(counts))
    write_truth(folder / "truth.csv", frames)
    write_detections(folder / "detections.csv", frames)
    write_cameras(folder / CAMERAS, cameras, sensors, ways(frames))
    return frames


def instant(sensor: Sensor, number: int) -> float:
    """Tell when a frame is taken, in seconds on the world's clock."""
    return sensor.offset + number / sensor.rate


def frames_of(camera: Camera, sensor: Sensor, seconds: float) -> int:
    """Count a camera's frames from its recording's beginning to the world's end."""
    count = int(np.ceil(round((seconds - sensor.offset) * sensor.rate, 6)))
    if count < 1:
        raise WorldError(
            f"camera {camera.name}: its recording would begin {sensor.offset:g} s into a world of {seconds:g} s;"
            f" ask for more seconds"
        )
    if camera.width % 2 or camera.height % 2:
        raise WorldError(
            f"camera {camera.name}: {camera.width} x {camera.height} pixels; H.264 needs even numbers"
        )
    return count


def describe(opening: Opening) -> tuple[tuple[Camera, ...], float]:
    """Give a production's cameras and seconds."""
    production = opening.opened()
    return production.cameras, production.seconds


def expose(stretch: Stretch) -> list[tuple[Image, float, list[Sighting]]]:
    """Take a stretch of frames: pictures, seconds, and who is seen."""
    production, taken = stretch.opening.opened(), []
    for number in stretch.numbers:
        time = instant(stretch.sensor, number)
        linear, sightings = production.picture(stretch.camera, time)
        random = np.random.default_rng([stretch.seed, stretch.camera, number])
        taken.append((develop(linear, stretch.sensor, random), time, sightings))
    return taken


@contextmanager
def recording(path: Path, camera: Camera, sensor: Sensor) -> Iterator[Callable[[Image], None]]:
    """Give what takes (h, w, 3) RGB pictures and encodes them as H.264."""
    options = {"crf": str(sensor.crf), **REPEATABLE}
    with replacing(path) as temporary, av.open(str(temporary), "w", format="mp4") as container:
        stream = container.add_stream(
            "libx264", rate=Fraction(sensor.rate).limit_denominator(1001), options=options
        )
        stream.width, stream.height, stream.pix_fmt = camera.width, camera.height, "yuv420p"

        def record(picture: Image) -> None:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))

        yield record
        container.mux(stream.encode(None))


def write_cameras(
    path: Path, cameras: Sequence[Camera], sensors: Sequence[Sensor], between: Sequence[Way]
) -> None:
    """Write what `reid-pipeline match --cameras` reads: files, clocks, and what is known of the ways."""
    lines = ["# Made by samples.world; offset: seconds to add to a file's times"]
    for camera, sensor in zip(cameras, sensors, strict=True):
        lines += [
            "",
            "[[camera]]",
            f"name = {json.dumps(camera.name)}",
            f"file = {json.dumps(camera.name + '.mp4')}",
        ]
        lines += [f"offset = {float(sensor.offset)}"]
    for way in between:
        lines += ["", "[[transition]]", f"cameras = {json.dumps(way.cameras)}", "overlapping = false"]
        lines += [f"minimum = {way.minimum}"] if way.minimum else []
    with replacing(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _shot(run: Run, camera: Camera, stretches: Iterable[Stretch]) -> Iterator[tuple[Image, Frame]]:
    """Number the frames of successive stretches."""
    pictures = (taken for stretch in run(expose, stretches) for taken in stretch)
    for number, (picture, time, sightings) in enumerate(pictures):
        yield picture, Frame(camera.name, number, time, tuple(sightings))


def _stretches(opening: Opening, camera: int, sensor: Sensor, count: int, seed: int) -> Iterator[Stretch]:
    for first in range(0, count, TOGETHER):
        yield Stretch(opening, camera, sensor, range(first, min(first + TOGETHER, count)), seed)


def _fitting(sensors: Sequence[Sensor], cameras: Sequence[Camera]) -> Sequence[Sensor]:
    if len(sensors) != len(cameras):
        raise WorldError(f"{len(sensors)} sensors for {len(cameras)} cameras; give one for each")
    return sensors

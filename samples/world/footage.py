"""Rendering of a production to files: one video per camera, ground truth, perfect detections, and cameras.toml."""

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
from samples.world.truth import Frame, Transition, find_transitions, write_detections, write_truth

if TYPE_CHECKING:  # importing the renderer needs OpenGL
    from samples.world.production import Sighting

CAMERAS = "cameras.toml"
"""Name of the file that is written last; a folder that contains it is complete."""
REPEATABLE = {"threads": "1", "x264-params": "asm=AVX"}
"""Options that make x264 deterministic. With AVX2 its macroblock tree reads past the end of a row."""
TOGETHER = 8
"""Number of frames per task of a worker."""

Report = Callable[[int, int | None], None]
"""A function that is called with the number of steps done and the total number of steps."""


def silent(done: int, total: int | None) -> None:
    """Ignore a progress report."""
    del done, total


class Production(Protocol):
    """A scene with moving people and vehicles, filmed by cameras for some seconds."""

    cameras: tuple[Camera, ...]
    seconds: float

    def picture(self, camera: int, time: float, /) -> tuple[NDArray[np.float32], list[Sighting]]:
        """Return the (h, w, 3) linear light that a camera sees at a time, and the visible people and vehicles."""
        ...


@dataclass(frozen=True)
class Opening:
    """Recipe with which each worker opens its own production, because a production cannot be pickled."""

    opener: Callable[[Any], Production]
    """Function that opens a plan. It must be importable by name, and should cache the last production."""
    plan: Hashable

    def opened(self) -> Production:
        """Return the production; the opener may return one that it opened before."""
        return self.opener(self.plan)


@dataclass(frozen=True)
class Stretch:
    """Hold the task of one worker: successive frames of one camera."""

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
        opening: recipe of the production.
        sensors: one per camera; they define frame rates and start times.
        folder: created if it does not exist; existing files of these names are replaced.
        seed: seed of the sensor noise; the same seed gives the same bytes with any number of workers.
        workers: number of processes that render.
        report: called with the number of frames done and in total.

    Returns:
        The ground truth of all frames, by camera and frame.

    Raises:
        WorldError: the number of sensors is wrong, a recording has no frame, or an image size is odd.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CAMERAS).unlink(missing_ok=True)
    with crew(workers) as run:
        cameras, seconds = next(run(describe, [opening]))
        if len(sensors) != len(cameras):
            raise WorldError(f"{len(sensors)} sensors for {len(cameras)} cameras; give one per camera")
        counts = [frames_of(camera, sensor, seconds) for camera, sensor in zip(cameras, sensors, strict=True)]
        frames: list[Frame] = []
        for index, camera in enumerate(cameras):
            with recording(folder / f"{camera.name}.mp4", camera, sensors[index]) as record:
                stretches = _stretches(opening, index, sensors[index], counts[index], seed)
                for picture, frame in _filmed_frames(run, camera, stretches):
                    record(picture)
                    frames.append(frame)
                    report(len(frames), sum(counts))
    write_truth(folder / "truth.csv", frames)
    write_detections(folder / "detections.csv", frames)
    write_cameras(folder / CAMERAS, cameras, sensors, find_transitions(frames))
    return frames


def instant(sensor: Sensor, number: int) -> float:
    """Return the time of a frame in seconds on the clock of the world."""
    return sensor.offset + number / sensor.rate


def frames_of(camera: Camera, sensor: Sensor, seconds: float) -> int:
    """Return the number of frames between the start of a camera's recording and the end of the world.

    Raises:
        WorldError: the recording has no frame, or the image size is odd.
    """
    count = int(np.ceil(round((seconds - sensor.offset) * sensor.rate, 6)))
    if count < 1:
        raise WorldError(
            f"camera {camera.name}: its recording starts at {sensor.offset:g} s, but the scene ends at {seconds:g} s;"
            f" use more seconds"
        )
    if camera.width % 2 or camera.height % 2:
        raise WorldError(
            f"camera {camera.name}: {camera.width} x {camera.height} pixels; H.264 needs an even width and height"
        )
    return count


def describe(opening: Opening) -> tuple[tuple[Camera, ...], float]:
    """Return the cameras and the seconds of a production."""
    production = opening.opened()
    return production.cameras, production.seconds


def expose(stretch: Stretch) -> list[tuple[Image, float, list[Sighting]]]:
    """Return the image, the seconds and the visible people and vehicles of each frame of a stretch."""
    production, frames = stretch.opening.opened(), []
    for number in stretch.numbers:
        time = instant(stretch.sensor, number)
        linear, sightings = production.picture(stretch.camera, time)
        random = np.random.default_rng([stretch.seed, stretch.camera, number])
        frames.append((develop(linear, stretch.sensor, random), time, sightings))
    return frames


@contextmanager
def recording(path: Path, camera: Camera, sensor: Sensor) -> Iterator[Callable[[Image], None]]:
    """Yield a function that encodes one (h, w, 3) RGB image as the next H.264 frame of a video."""
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
    path: Path, cameras: Sequence[Camera], sensors: Sequence[Sensor], transitions: Sequence[Transition]
) -> None:
    """Write the file that `reid-pipeline match --cameras` reads: video files, clock offsets, and transitions."""
    lines = ["# Made by samples.world; offset: seconds to add to a file's times"]
    for camera, sensor in zip(cameras, sensors, strict=True):
        lines += ["", "[[camera]]"]
        lines += [f"name = {json.dumps(camera.name)}", f"file = {json.dumps(camera.name + '.mp4')}"]
        lines += [f"offset = {float(sensor.offset)}"]
    for transition in transitions:
        lines += ["", "[[transition]]", f"cameras = {json.dumps(transition.cameras)}", "overlapping = false"]
        lines += [f"minimum = {transition.minimum}"] if transition.minimum else []
    with replacing(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _filmed_frames(run: Run, camera: Camera, stretches: Iterable[Stretch]) -> Iterator[tuple[Image, Frame]]:
    """Yield the images of successive stretches with the ground truth of each."""
    pictures = (picture for frames in run(expose, stretches) for picture in frames)
    for number, (picture, time, sightings) in enumerate(pictures):
        yield picture, Frame(camera.name, number, time, tuple(sightings))


def _stretches(opening: Opening, camera: int, sensor: Sensor, count: int, seed: int) -> Iterator[Stretch]:
    """Yield tasks of up to `TOGETHER` frames that cover all frames of a camera."""
    for first in range(0, count, TOGETHER):
        yield Stretch(opening, camera, sensor, range(first, min(first + TOGETHER, count)), seed)

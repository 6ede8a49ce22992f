"""Data sets collected from many productions. The number of workers does not change a byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from samples.world.crew import crew
from samples.world.detection_sets import DetectionWriter, View, examples
from samples.world.footage import Opening, Report, silent
from samples.world.layouts import MARS_CAMERAS, VERI_CAMERAS, MarsWriter, VeriWriter, camera_number
from samples.world.programme import Category, Part
from samples.world.sensor import Sensor
from samples.world.tracklets import USUAL, Cutting, Tracklet, Watch, cut_tracklets

DAY = 1_000.0
"""Seconds on the clock of the data set between the starts of two productions; no production is longer."""
SPREAD = 6
"""Largest number of images kept of a vehicle's tracklet: in VeRi every image is one gallery entry."""


@dataclass(frozen=True)
class Filming:
    """One production and the part of the data set that it fills."""

    part: Part
    opening: Opening
    sensors: tuple[Sensor, ...]
    """One sensor per camera."""
    seed: int
    """Seed of the sensor noise and of the detector errors."""


def collect_tracklets(
    filmings: Sequence[Filming],
    root: Path,
    *,
    categories: Sequence[Category],
    twins: Sequence[Sequence[int]] = (),
    cutting: Cutting = USUAL,
    workers: int = 1,
    report: Report = silent,
) -> int:
    """Cut the tracklets of all productions, write people as MARS and vehicles as VeRi, and return their number.

    Raises:
        WorldError: a data set already exists, or a part stays empty because no person or vehicle is visible.
    """
    mars = MarsWriter(root) if "person" in categories else None
    veri = VeriWriter(root) if "vehicle" in categories else None
    watches = [Watch(filming.opening, filming.sensors, filming.seed, cutting) for filming in filmings]
    cameras_before = count = 0
    with crew(workers) as run:
        for done, (filming, tracklets) in enumerate(zip(filmings, run(cut_tracklets, watches), strict=True)):
            for tracklet in tracklets:
                if tracklet.category == "person" and mars is not None:
                    camera = camera_number(cameras_before, tracklet.camera, MARS_CAMERAS)
                    mars.add(tracklet.identity, filming.part, camera, tracklet.pictures)
                elif tracklet.category == "vehicle" and veri is not None:
                    camera = camera_number(cameras_before, tracklet.camera, VERI_CAMERAS)
                    veri.add(tracklet.identity, filming.part, camera, spread(tracklet, DAY * done))
            cameras_before += len(filming.sensors)
            count += len(tracklets)
            report(done + 1, len(filmings))
    if mars is not None:
        mars.close(twins)
    if veri is not None:
        veri.close()
    return count


def collect_scenes(
    filmings: Sequence[Filming],
    folder: Path,
    *,
    every: float = 2.0,
    workers: int = 1,
    report: Report = silent,
) -> int:
    """Write images of all productions as a detection data set and return their number.

    The test productions become the validation split.

    Raises:
        WorldError: the folder already exists, or a split has no image.
    """
    writer, count = DetectionWriter(folder), 0
    views = [View(filming.opening, filming.sensors, filming.seed, every) for filming in filmings]
    with crew(workers) as run:
        for done, (filming, labelled) in enumerate(zip(filmings, run(examples, views), strict=True)):
            for example in labelled:
                writer.add("train" if filming.part == "train" else "val", example)
            count += len(labelled)
            report(done + 1, len(filmings))
    writer.close()
    return count


def spread(tracklet: Tracklet, start: float) -> dict[float, bytes]:
    """Return at most `SPREAD` images of a tracklet, by seconds on the clock of the data set."""
    step = -(-len(tracklet.pictures) // SPREAD)
    chosen = zip(tracklet.seconds[::step], tracklet.pictures[::step], strict=True)
    return {start + seconds: picture for seconds, picture in chosen}

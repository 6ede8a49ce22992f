"""How do many productions fill one data set, whatever the number of workers?"""

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
from samples.world.tracklets import USUAL, Cutting, Tracklet, Watch, cut

DAY = 1_000.0
"""Seconds on the data set's clock from one production's beginning to the next one's; more than any lasts."""
SPREAD = 6
"""Most pictures of a vehicle's tracklet that are kept, evenly spread: VeRi is searched picture by picture."""


@dataclass(frozen=True)
class Filming:
    """One production's place in a data set."""

    part: Part
    opening: Opening
    sensors: tuple[Sensor, ...]
    """One for each camera."""
    seed: int
    """Of the sensors' noise and the detector's errors."""


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
    """Cut all productions' tracklets and write people as MARS, vehicles as VeRi; give how many there are.

    Raises:
        WorldError: A data set is there already, or lacks a part because nobody was seen.
    """
    mars = MarsWriter(root) if "person" in categories else None
    veri = VeriWriter(root) if "vehicle" in categories else None
    watches = [Watch(one.opening, one.sensors, one.seed, cutting) for one in filmings]
    before = made = 0
    with crew(workers) as run:
        for done, (filming, tracklets) in enumerate(zip(filmings, run(cut, watches), strict=True)):
            for one in tracklets:
                if one.category == "person" and mars is not None:
                    camera = camera_number(before, one.camera, MARS_CAMERAS)
                    mars.add(one.identity, filming.part, camera, one.pictures)
                elif one.category == "vehicle" and veri is not None:
                    camera = camera_number(before, one.camera, VERI_CAMERAS)
                    veri.add(one.identity, filming.part, camera, spread(one, DAY * done))
            before, made = before + len(filming.sensors), made + len(tracklets)
            report(done + 1, len(filmings))
    if mars is not None:
        mars.close(twins)
    if veri is not None:
        veri.close()
    return made


def collect_scenes(
    filmings: Sequence[Filming],
    folder: Path,
    *,
    every: float = 2.0,
    workers: int = 1,
    report: Report = silent,
) -> int:
    """Write all productions' pictures as a detection set, the test's for validation; give how many there are.

    Raises:
        WorldError: The folder is there already, or a part has no picture.
    """
    writer, made = DetectionWriter(folder), 0
    views = [View(one.opening, one.sensors, one.seed, every) for one in filmings]
    with crew(workers) as run:
        for done, (filming, found) in enumerate(zip(filmings, run(examples, views), strict=True)):
            for example in found:
                writer.add("train" if filming.part == "train" else "val", example)
            made += len(found)
            report(done + 1, len(filmings))
    writer.close()
    return made


def spread(tracklet: Tracklet, start: float) -> dict[float, bytes]:
    """Choose at most `SPREAD` of a tracklet's pictures, by seconds on the data set's clock."""
    step = -(-len(tracklet.pictures) // SPREAD)
    chosen = zip(tracklet.seconds[::step], tracklet.pictures[::step], strict=True)
    return {start + seconds: picture for seconds, picture in chosen}

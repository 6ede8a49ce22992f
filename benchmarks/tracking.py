"""Measure what decoding, tracking and storing cost on top of detection.

    python -m benchmarks.tracking VIDEO WEIGHTS

Detection alone runs on the same frames, already decoded, in the same batches. Both are timed in turn, round by round.
The goal is a ratio of at most 1.15.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import click
import numpy as np

from pipeline.config import RunConfig
from pipeline.folder.store import CameraParts
from pipeline.footage.cameras import Camera
from pipeline.footage.reader import Frame, FrameReader, probe
from pipeline.footage.recording import Recording
from pipeline.protocols import Detector, no_progress
from pipeline.setup.build import build_tracker, load_yolo
from pipeline.tracking.camera_job import BATCH, track_camera
from pipeline.tracking.config import TrackingConfig

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("video", type=FILE)
@click.argument("weights", type=FILE)
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1))
def main(video: Path, weights: Path, rounds: int) -> None:
    """Time detection alone and the tracking of a whole camera, on VIDEO with the detector WEIGHTS."""
    config = RunConfig()
    detector = load_yolo(weights, config)
    camera = Camera("camera", Recording((video,)))
    with FrameReader(video) as reader:
        frames = list(reader)
    time_detection(detector, frames[:BATCH])  # warms up
    ratios = []
    for number in range(1, rounds + 1):
        detection = time_detection(detector, frames)
        total, stages = time_camera(detector, camera, config.tracking)
        ratios.append(total / detection)
        parts = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in stages.items())
        click.echo(
            f"round {number}: detection alone {detection:.2f} s, camera {total:.2f} s ({parts}): {ratios[-1]:.3f}"
        )
    click.echo(f"{len(frames)} frames, median ratio {np.median(ratios):.3f} (goal: at most 1.15)")


def time_detection(detector: Detector, frames: list[Frame]) -> float:
    """Return the seconds of detection on decoded frames."""
    started = time.perf_counter()
    for first in range(0, len(frames), BATCH):
        batch = frames[first : first + BATCH]
        detector.detect([frame.pixels for frame in batch], [frame.number for frame in batch])
    return time.perf_counter() - started


def time_camera(detector: Detector, camera: Camera, config: TrackingConfig) -> tuple[float, dict[str, float]]:
    """Return the seconds of decoding, detecting, tracking and storing a recording, in total and by stage."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        report = track_camera(
            camera,
            probe(camera.recording),
            config,
            parts=CameraParts(Path(folder)),
            detector=detector,
            tracker=build_tracker(),
            start_progress=no_progress,
        )
        return time.perf_counter() - started, report.seconds


if __name__ == "__main__":
    main()

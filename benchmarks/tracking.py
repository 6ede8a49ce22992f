"""What decoding, tracking and storing cost beside detection: `python benchmarks/spine.py VIDEO WEIGHTS`.

Detection alone runs over the same frames, already decoded, in the same batches. Both are timed in turn,
round by round; the goal is a ratio of at most 1.15.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from pipeline.config import RunConfig
from pipeline.folder.store import CameraParts
from pipeline.footage.cameras import Camera
from pipeline.footage.reader import Frame, FrameReader, probe
from pipeline.protocols import Detector
from pipeline.setup import build as wiring
from pipeline.tracking.camera_job import BATCH, track_camera


def detection_alone(detector: Detector, frames: list[Frame]) -> float:
    began = time.perf_counter()
    for start in range(0, len(frames), BATCH):
        batch = frames[start : start + BATCH]
        detector.detect([frame.pixels for frame in batch], [frame.number for frame in batch])
    return time.perf_counter() - began


def whole_camera(detector: Detector, camera: Camera, config: RunConfig) -> tuple[float, dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        report = track_camera(
            camera,
            probe(camera.path),
            config.tracking,
            parts=CameraParts(Path(folder)),
            detector=detector,
            tracker=wiring.build_tracker(),
            start_progress=lambda _: lambda *_: None,
        )
        return time.perf_counter() - began, report.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("video", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    config = RunConfig()
    detector = wiring.build_yolo(arguments.weights, config)
    camera = Camera("camera", arguments.video)
    with FrameReader(camera.path) as reader:
        frames = list(reader)
    detection_alone(detector, frames[:BATCH])
    ratios = []
    for number in range(arguments.rounds):
        alone = detection_alone(detector, frames)
        whole, stages = whole_camera(detector, camera, config)
        ratios.append(whole / alone)
        parts_of_it = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in stages.items())
        print(
            f"round {number + 1}: detection {alone:.2f} s, all {whole:.2f} s ({parts_of_it}): {ratios[-1]:.3f}"
        )
    print(f"{len(frames)} frames, median ratio {statistics.median(ratios):.3f} (goal: at most 1.15)")


if __name__ == "__main__":
    main()

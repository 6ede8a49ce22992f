"""Measure how well trackers keep identities: this project's and those of two libraries, evaluated by TrackEval.

    python -m benchmarks.trackers [--seeds 10] [--truth gt.txt]

The Markdown table shows HOTA / IDF1 / identity switches, means over the seeds, and milliseconds per box. A synthetic
detector sees synthetic scenes from one camera: people who walk over a square, or cars that queue on a road. It jitters,
misses hidden objects, adds false boxes, and has lower scores for objects that show less. `--truth` adds MOTChallenge
ground truth at 25 frames per second: paths of real people, seen by the same detector. The extra `bench` installs the
libraries.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import click
import numpy as np
from numpy.typing import NDArray

from detectors.boxes import iou_matrix
from detectors.precomputed import Precomputed
from detectors.tracker import SecondsByteTrack
from detectors.yolo import import_ultralytics

FPS = 25.0
FRAMES = 500
WIDTH, HEIGHT, FOCAL, HORIZON, MAST = 1920, 1080, 1200.0, 200.0, 5.0
PILLARS = np.array([[600, 100, 680, 620], [1300, 150, 1360, 560]], np.float32)
STEP = {"stride 1": 1.0, "stride 5": 5.0, "uneven": 2.5}
"""Mean number of source frames between two processed frames, by way of sampling."""

Boxes = NDArray[np.float32]
Truth = list[tuple[NDArray[np.int64], Boxes]]
"""The (m,) objects and their (m, 4) corners, by frame."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame: m true objects, and n boxes of the detector."""

    seconds: float
    objects: NDArray[np.int64]
    """(m,)"""
    truth: Boxes
    """(m, 4) corners of the objects."""
    boxes: Boxes
    """(n, 4) corners of the detector's boxes."""
    scores: NDArray[np.float32]
    """(n,)"""


class GroupTracker(Protocol):
    """Tracks the objects of one class group."""

    def update(
        self, seconds: float, boxes: NDArray[np.float32], scores: NDArray[np.float32]
    ) -> NDArray[np.int64]:
        """Return the (n,) track numbers of the next frame's boxes; -1 for a box without a track."""
        ...


# Scenes


def walk(rng: np.random.Generator, people: int) -> Iterator[NDArray[np.float64]]:
    """Yield the (people, 2) metres right and away of people who walk from goal to goal and sometimes rest there."""
    position, goal = random_places(rng, people), random_places(rng, people)
    pace, rest, velocity = rng.uniform(0.6, 1.8, people), np.zeros(people), np.zeros((people, 2))
    for _ in range(FRAMES):
        yield position
        distance = np.linalg.norm(goal - position, axis=1)
        arrived = np.flatnonzero(distance < 0.5)
        goal[arrived] = random_places(rng, len(arrived))
        rest[arrived] = np.where(rng.random(len(arrived)) < 0.3, rng.uniform(1, 4, len(arrived)), 0)
        rest -= 1 / FPS
        wanted = (goal - position) / np.maximum(distance, 1e-6)[:, None] * (pace * (rest <= 0))[:, None]
        velocity += (wanted - velocity) / (0.5 * FPS) + rng.normal(0, 0.03, (people, 2))
        position = position + velocity / FPS


def random_places(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Return (count, 2) random places in metres right and away."""
    away = rng.uniform(8, 28, count)
    return np.stack([rng.uniform(-0.8, 0.8, count) * away, away], axis=1)


def drive(rng: np.random.Generator, cars: int) -> Iterator[NDArray[np.float64]]:
    """Yield the (cars, 2) places of cars in four lanes that keep their distance; a red light stops two lanes for 4 s."""
    lane = rng.integers(0, 4, cars)
    limit, red = rng.uniform(6, 14, 4), rng.uniform(4, 10)
    along, speed = np.zeros(cars), limit[lane]
    for number in range(4):
        queue = np.flatnonzero(lane == number)
        along[queue] = 30 - np.cumsum(rng.uniform(9, 25, len(queue)))
    for frame in range(FRAMES):
        yield np.stack([along * np.where(lane < 2, 1, -1), np.array([10, 13.5, 17, 20.5])[lane]], axis=1)
        ahead = np.array(
            [along[(lane == lane[car]) & (along > along[car])].min(initial=1e9) for car in range(cars)]
        )
        stop = (lane % 2 == 1) & (red < frame / FPS) & (frame / FPS < red + 4) & (along < -2)
        room = np.minimum(ahead - along - 6, np.where(stop, -2 - along, 1e9))
        speed += np.clip(np.clip(room, 0, limit[lane]) - speed, -6 / FPS, 2.5 / FPS)
        along = along + speed / FPS


def project(ground: NDArray[np.float64], heights: NDArray[np.float64], aspect: float) -> Boxes:
    """Return the (n, 4) corners of upright objects at (n, 2) metres right and away; `aspect` is width per height."""
    x, foot = WIDTH / 2 + FOCAL * ground[:, 0] / ground[:, 1], HORIZON + FOCAL * MAST / ground[:, 1]
    height = FOCAL * heights / ground[:, 1]
    half = aspect * height / 2
    return np.stack([x - half, foot - height, x + half, foot], axis=1).astype(np.float32)


def synthetic_truth(kind: str, count: int, seed: int) -> Truth:
    """Return the ground truth of a synthetic scene of people or cars."""
    rng = np.random.default_rng([seed, count])
    moves, height, aspect = (walk, 1.7, 0.4) if kind == "people" else (drive, 1.5, 3.0)
    heights = rng.normal(height, 0.05 * height, count)
    return [(np.arange(count), project(ground, heights, aspect)) for ground in moves(rng, count)]


def read_truth(path: Path) -> Truth:
    """Read MOTChallenge ground truth."""
    frames = Precomputed(path, "").detect([], range(100_000))
    last = max(number for number, detections in enumerate(frames) if len(detections))
    return [
        (detections.tracks, detections.boxes)
        for detections in frames[: last + 1]
        if detections.tracks is not None
    ]


# The synthetic detector


def visible_shares(boxes: Boxes, obstacles: Boxes) -> NDArray[np.float64]:
    """Return the visible share of each box, on 8 x 16 points; an obstacle with a lower foot hides what is behind it."""
    x = boxes[:, [0]] + (boxes[:, [2]] - boxes[:, [0]]) * (np.arange(8) + 0.5) / 8  # (n, 8)
    y = boxes[:, [1]] + (boxes[:, [3]] - boxes[:, [1]]) * (np.arange(16) + 0.5) / 16  # (n, 16)
    x, y = np.broadcast_arrays(x[:, None, :], y[:, :, None])  # (n, 16, 8)
    hidden = (x < 0) | (x > WIDTH) | (y < 0) | (y > HEIGHT)
    for other in obstacles:
        inside = (x > other[0]) & (x < other[2]) & (y > other[1]) & (y < other[3])
        hidden |= inside & (other[3] > boxes[:, 3] + 1e-3)[:, None, None]
    return np.asarray(1 - hidden.mean(axis=(1, 2)))


def detect(truth: Truth, pillars: Boxes, seed: int) -> list[Frame]:
    """Return a scene as the detector sees it; objects that show less than a tenth do not count as true objects."""
    rng = np.random.default_rng(seed)
    count = int(max(objects.max(initial=0) for objects, _ in truth)) + 1
    drift, ghosts = np.zeros(count), np.empty((0, 6))
    frames = []
    for number, (objects, real) in enumerate(truth):
        share = visible_shares(real, np.concatenate([real, pillars]))
        height = real[:, 3] - real[:, 1]
        drift = 0.9 * drift + rng.normal(0, 0.03, count)
        detected = rng.random(len(real)) < 0.98 / (1 + np.exp((0.3 - share) / 0.06))
        boxes = real + rng.normal(0, 0.02, real.shape) * (height * (3 - 2 * share))[:, None]
        scores = 0.02 + 0.84 * share + drift[objects] - 8 / height
        ghosts = np.concatenate([ghosts[ghosts[:, 5] >= number], false_boxes(rng, number, real)])
        boxes = np.concatenate([boxes[detected], ghosts[:, :4] + rng.normal(0, 2, (len(ghosts), 4))])
        scores = np.concatenate([scores[detected], ghosts[:, 4] + rng.normal(0, 0.05, len(ghosts))])
        kept_boxes, kept_scores = suppress(
            boxes.astype(np.float32), np.clip(scores, 0.02, 0.98).astype(np.float32)
        )
        counted = share >= 0.1
        frame = Frame(
            seconds=number / FPS,
            objects=objects[counted],
            truth=real[counted],
            boxes=kept_boxes,
            scores=kept_scores,
        )
        frames.append(frame)
    return frames


def false_boxes(rng: np.random.Generator, number: int, real: Boxes) -> NDArray[np.float64]:
    """Return new false boxes as (k, 6) corners, score and last frame; one in three lasts for up to 20 frames."""
    boxes = real[rng.integers(0, len(real), rng.poisson(0.3) if len(real) else 0)].astype(float)
    boxes[:, [0, 2]] += rng.uniform(-600, 600, (len(boxes), 1))
    duration = np.where(rng.random(len(boxes)) < 0.3, rng.integers(3, 20, len(boxes)), 0)
    return np.column_stack([boxes, rng.uniform(0.1, 0.5, len(boxes)), number + duration])


def suppress(boxes: Boxes, scores: NDArray[np.float32]) -> tuple[Boxes, NDArray[np.float32]]:
    """Return boxes with a score of at least 0.1; of boxes with an IoU above 0.7, only that with the highest score."""
    order = np.argsort(-scores, kind="stable")
    order = order[(scores[order] >= 0.1) & (boxes[order, :2] < boxes[order, 2:]).all(axis=1)]
    near = iou_matrix(boxes[order], boxes[order]) > 0.7
    kept = np.zeros(len(order), np.bool_)
    for row in range(len(order)):
        kept[row] = not (near[row] & kept).any()
    return boxes[order[kept]], scores[order[kept]]


def sample(frames: list[Frame], sampling: str, seed: int) -> list[Frame]:
    """Return every frame, every fifth, or uneven steps of 1 to 4 frames with a gap of one second."""
    if sampling != "uneven":
        return frames[:: int(STEP[sampling])]
    steps = np.random.default_rng(seed).integers(1, 5, len(frames))
    steps[len(frames) // 5] = int(FPS)
    numbers = np.cumsum(steps)
    return [frames[number] for number in numbers[numbers < len(frames)]]


# The trackers


class UltralyticsTracker:
    """A tracker of Ultralytics, without appearance; it counts frames and has no times."""

    def __init__(self, kind: str, buffer: int) -> None:
        ultralytics = import_ultralytics()
        from ultralytics.engine.results import Boxes as Results
        from ultralytics.trackers import BOTSORT, BYTETracker
        from ultralytics.utils import IterableSimpleNamespace
        from ultralytics.utils.checks import check_yaml

        settings = ultralytics.utils.YAML.load(check_yaml(f"{kind}.yaml"))
        settings |= {"track_buffer": buffer, "new_track_thresh": 0.4, "match_thresh": 0.9}
        settings |= {"gmc_method": "none"} if kind == "botsort" else {}
        tracker = {"bytetrack": BYTETracker, "botsort": BOTSORT}[kind]
        self._tracker = tracker(IterableSimpleNamespace(**settings))
        self._results = Results

    def update(self, seconds: float, boxes: Boxes, scores: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return track numbers; see `GroupTracker`."""
        del seconds
        rows = np.column_stack([boxes, scores, np.zeros(len(boxes))]).astype(np.float32)
        numbers = np.full(len(boxes), -1, np.int64)
        for row in self._tracker.update(self._results(rows, (HEIGHT, WIDTH))):
            numbers[int(row[7])] = int(row[4])
        return numbers


class RoboflowByteTrack:
    """ByteTrack of roboflow's trackers; it has the time of each frame."""

    def __init__(self, fps: float) -> None:
        import supervision
        import trackers

        self._tracker = trackers.ByteTrackTracker(
            high_conf_det_threshold=0.25, lost_track_buffer=75, frame_rate=fps, track_activation_threshold=0.4
        )
        self._detections = supervision.Detections

    def update(self, seconds: float, boxes: Boxes, scores: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return track numbers; see `GroupTracker`."""
        rows = self._detections(xyxy=boxes, confidence=scores, class_id=np.arange(len(boxes)))
        tracked = self._tracker.update(rows, timestamp=seconds)
        numbers = np.full(len(boxes), -1, np.int64)
        if len(tracked):
            numbers[tracked.class_id] = np.where(tracked.tracker_id >= 0, tracked.tracker_id + 1, -1)
        return numbers


TRACKERS: dict[str, Callable[[float], GroupTracker]] = {
    "this project": lambda _: SecondsByteTrack(),
    "Ultralytics ByteTrack, 2.5 s": lambda fps: UltralyticsTracker("bytetrack", round(2.5 * fps)),
    "Ultralytics BoT-SORT, 2.5 s": lambda fps: UltralyticsTracker("botsort", round(2.5 * fps)),
    "roboflow ByteTrack": RoboflowByteTrack,
}
"""Builders of trackers for a frame rate, by name."""


# Evaluation


def evaluate(frames: list[Frame], tracks: list[NDArray[np.int64]]) -> tuple[float, float, float]:
    """Return HOTA, IDF1 and identity switches."""
    from trackeval.metrics import CLEAR, HOTA, Identity

    objects = np.unique(np.concatenate([frame.objects for frame in frames]))
    numbers = np.unique(np.concatenate([track[track > 0] for track in tracks]))
    data = {
        "gt_ids": [np.searchsorted(objects, frame.objects) for frame in frames],
        "tracker_ids": [np.searchsorted(numbers, track[track > 0]) for track in tracks],
        "similarity_scores": [
            iou_matrix(frame.truth, frame.boxes[track > 0])
            for frame, track in zip(frames, tracks, strict=True)
        ],
        "num_gt_ids": len(objects),
        "num_tracker_ids": len(numbers),
        "num_gt_dets": sum(len(frame.objects) for frame in frames),
        "num_tracker_dets": sum(int((track > 0).sum()) for track in tracks),
        "num_timesteps": len(frames),
    }
    quiet = {"PRINT_CONFIG": False}
    hota = float(np.mean(HOTA().eval_sequence(data)["HOTA"]))
    return hota, Identity(quiet).eval_sequence(data)["IDF1"], CLEAR(quiet).eval_sequence(data)["IDSW"]


def run_tracker(
    scenes: list[list[Frame]], sampling: str, build: Callable[[float], GroupTracker]
) -> tuple[str, float]:
    """Run a tracker on all seeds of a scene, and return the cell of the table and milliseconds per box."""
    results, seconds, boxes = [], 0.0, 0
    for seed, scene in enumerate(scenes):
        frames, tracker = sample(scene, sampling, seed), build(FPS / STEP[sampling])
        started = time.perf_counter()
        tracks = [tracker.update(frame.seconds, frame.boxes, frame.scores) for frame in frames]
        seconds += time.perf_counter() - started
        boxes += sum(len(track) for track in tracks)
        results.append(evaluate(frames, tracks))
    hota, idf1, switches = np.mean(results, axis=0)
    return f"{hota:.3f} / {idf1:.3f} / {switches:.1f}", 1000 * seconds / boxes


@click.command()
@click.option("--seeds", default=10, show_default=True)
@click.option(
    "--truth",
    "truths",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="MOTChallenge ground truth; repeat it for several files.",
)
def main(seeds: int, truths: tuple[Path, ...]) -> None:
    """Print the table of trackers and scenes."""
    scenes = {
        f"{count} {kind}": [
            detect(synthetic_truth(kind, count, seed), PILLARS, seed) for seed in range(seeds)
        ]
        for kind, count in (("people", 12), ("people", 30), ("cars", 40))
    }
    for path in truths:
        scenes[path.parent.name] = [detect(read_truth(path), PILLARS[:0], seed) for seed in range(seeds)]
    click.echo(f"| scene | frames | {' | '.join(TRACKERS)} |")
    click.echo("|---" * (2 + len(TRACKERS)) + "|")
    costs: dict[str, list[float]] = {name: [] for name in TRACKERS}
    for scene, runs in scenes.items():
        for sampling in STEP:
            cells = []
            for name, build in TRACKERS.items():
                cell, milliseconds = run_tracker(runs, sampling, build)
                cells.append(cell)
                costs[name].append(milliseconds)
            click.echo(f"| {scene} | {sampling} | {' | '.join(cells)} |")
    click.echo(f"| ms per box | mean | {' | '.join(f'{np.mean(cost):.3f}' for cost in costs.values())} |")


if __name__ == "__main__":
    main()

"""Which tracker keeps identities best? Ours and the libraries' side by side, judged by TrackEval.

    python -m benchmarks.trackers [--seeds 10] [--truth gt.txt ...]

prints a Markdown table: HOTA / IDF1 / identity switches, means over the seeds, and milliseconds a box. Scenes
are synthetic: people who walk over a square or cars that queue on a road, seen by one camera, and a detector
that jitters, misses what is hidden, invents boxes, and is less sure the less it sees. Files of MOTChallenge
truth given with --truth (25 frames a second) are paths of real people seen by the same synthetic detector.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detectors.boxes import iou_matrix
from detectors.recorded import Recorded
from detectors.tracker import SecondsByteTrack
from detectors.yolo import import_ultralytics

FPS = 25.0
FRAMES = 500
WIDTH, HEIGHT, FOCAL, HORIZON, MAST = 1920, 1080, 1200.0, 200.0, 5.0
PILLARS = np.array([[600, 100, 680, 620], [1300, 150, 1360, 560]], np.float32)
FACTOR = {"stride 1": 1.0, "stride 5": 5.0, "uneven": 2.5}
"""Mean number of source frames from one frame looked at to the next."""

Boxes = NDArray[np.float32]
Truth = list[tuple[NDArray[np.int64], Boxes]]


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame: (m,) objects at (m, 4) corners, and a detector's (n, 4) corners and (n,) scores."""

    seconds: float
    objects: NDArray[np.int64]
    truth: Boxes
    boxes: Boxes
    scores: NDArray[np.float32]


class GroupTracker(Protocol):
    """Follows the objects of one class group."""

    def update(
        self, seconds: float, boxes: NDArray[np.float32], scores: NDArray[np.float32]
    ) -> NDArray[np.int64]:
        """Take the next frame's (n, 4) corners and (n,) scores; (n,) own number of each, or -1."""
        ...


# Scenes: who is where


def walk(rng: np.random.Generator, people: int) -> Iterator[NDArray[np.float64]]:
    """Let people walk from goal to goal, some of them resting there; (people, 2) metres right and away."""
    at, goal = some_places(rng, people), some_places(rng, people)
    pace, rest, velocity = rng.uniform(0.6, 1.8, people), np.zeros(people), np.zeros((people, 2))
    for _ in range(FRAMES):
        yield at
        way = np.linalg.norm(goal - at, axis=1)
        there = np.flatnonzero(way < 0.5)
        goal[there] = some_places(rng, len(there))
        rest[there] = np.where(rng.random(len(there)) < 0.3, rng.uniform(1, 4, len(there)), 0)
        rest -= 1 / FPS
        wanted = (goal - at) / np.maximum(way, 1e-6)[:, None] * (pace * (rest <= 0))[:, None]
        velocity += (wanted - velocity) / (0.5 * FPS) + rng.normal(0, 0.03, (people, 2))
        at = at + velocity / FPS


def some_places(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    away = rng.uniform(8, 28, count)
    return np.stack([rng.uniform(-0.8, 0.8, count) * away, away], axis=1)


def drive(rng: np.random.Generator, cars: int) -> Iterator[NDArray[np.float64]]:
    """Let cars cross the view in four lanes, keeping their distance; a red light stops two lanes for 4 s."""
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


def project(ground: NDArray[np.float64], tall: NDArray[np.float64], wide: float) -> Boxes:
    """See (n, 2) metres right and away as (n, 4) corners, upright, `tall` metres and `wide` times as wide."""
    x, foot = WIDTH / 2 + FOCAL * ground[:, 0] / ground[:, 1], HORIZON + FOCAL * MAST / ground[:, 1]
    height = FOCAL * tall / ground[:, 1]
    half = wide * height / 2
    return np.stack([x - half, foot - height, x + half, foot], axis=1).astype(np.float32)


def synthetic(kind: str, count: int, seed: int) -> Truth:
    rng = np.random.default_rng([seed, count])
    moves, tall, wide = (walk, 1.7, 0.4) if kind == "people" else (drive, 1.5, 3.0)
    size = rng.normal(tall, 0.05 * tall, count)
    return [(np.arange(count), project(ground, size, wide)) for ground in moves(rng, count)]


def recorded(path: Path) -> Truth:
    frames = Recorded(path, "").detect([], range(100_000))
    last = max(number for number, found in enumerate(frames) if len(found))
    return [(found.tracks, found.boxes) for found in frames[: last + 1] if found.tracks is not None]


# The synthetic detector: what is seen of it


def visible(boxes: Boxes, hiding: Boxes) -> NDArray[np.float64]:
    """Measure the share of each box not hidden by one with a lower foot, on a raster of 8 x 16 points."""
    x = boxes[:, [0]] + (boxes[:, [2]] - boxes[:, [0]]) * (np.arange(8) + 0.5) / 8  # (n, 8)
    y = boxes[:, [1]] + (boxes[:, [3]] - boxes[:, [1]]) * (np.arange(16) + 0.5) / 16  # (n, 16)
    x, y = np.broadcast_arrays(x[:, None, :], y[:, :, None])  # (n, 16, 8)
    hidden = (x < 0) | (x > WIDTH) | (y < 0) | (y > HEIGHT)
    for other in hiding:
        inside = (x > other[0]) & (x < other[2]) & (y > other[1]) & (y < other[3])
        hidden |= inside & (other[3] > boxes[:, 3] + 1e-3)[:, None, None]
    return np.asarray(1 - hidden.mean(axis=(1, 2)))


def observe(truth: Truth, pillars: Boxes, seed: int) -> list[Frame]:
    """See a scene through the detector; what shows less than a tenth of itself is nobody's fault."""
    rng = np.random.default_rng(seed)
    count = int(max(objects.max(initial=0) for objects, _ in truth)) + 1
    mood, ghosts = np.zeros(count), np.empty((0, 6))
    frames = []
    for number, (objects, real) in enumerate(truth):
        share, height = visible(real, np.concatenate([real, pillars])), real[:, 3] - real[:, 1]
        mood = 0.9 * mood + rng.normal(0, 0.03, count)
        found = rng.random(len(real)) < 0.98 / (1 + np.exp((0.3 - share) / 0.06))
        boxes = real + rng.normal(0, 0.02, real.shape) * (height * (3 - 2 * share))[:, None]
        scores = 0.02 + 0.84 * share + mood[objects] - 8 / height
        ghosts = np.concatenate([ghosts[ghosts[:, 5] >= number], invented(rng, number, real)])
        boxes = np.concatenate([boxes[found], ghosts[:, :4] + rng.normal(0, 2, (len(ghosts), 4))])
        scores = np.concatenate([scores[found], ghosts[:, 4] + rng.normal(0, 0.05, len(ghosts))])
        kept = suppressed(boxes.astype(np.float32), np.clip(scores, 0.02, 0.98).astype(np.float32))
        there = share >= 0.1
        frames.append(Frame(number / FPS, objects[there], real[there], *kept))
    return frames


def invented(rng: np.random.Generator, number: int, real: Boxes) -> NDArray[np.float64]:
    """Invent (k, 6) boxes that are nobody: corners, score, last frame. One in three stays for up to 20 frames."""
    like = real[rng.integers(0, len(real), rng.poisson(0.3) if len(real) else 0)].astype(float)
    like[:, [0, 2]] += rng.uniform(-600, 600, (len(like), 1))
    stay = np.where(rng.random(len(like)) < 0.3, rng.integers(3, 20, len(like)), 0)
    return np.column_stack([like, rng.uniform(0.1, 0.5, len(like)), number + stay])


def suppressed(boxes: Boxes, scores: NDArray[np.float32]) -> tuple[Boxes, NDArray[np.float32]]:
    """Keep what a detector keeps: scores from 0.1, and the surest of boxes that overlap by more than 0.7."""
    order = np.argsort(-scores, kind="stable")
    order = order[(scores[order] >= 0.1) & (boxes[order, :2] < boxes[order, 2:]).all(axis=1)]
    near = iou_matrix(boxes[order], boxes[order]) > 0.7
    kept = np.zeros(len(order), np.bool_)
    for row in range(len(order)):
        kept[row] = not (near[row] & kept).any()
    return boxes[order[kept]], scores[order[kept]]


def sampled(frames: list[Frame], how: str, seed: int) -> list[Frame]:
    """Look at every frame, at every fifth, or at uneven steps of 1 to 4 with a gap of a second in the middle."""
    if how != "uneven":
        return frames[:: int(FACTOR[how])]
    steps = np.random.default_rng(seed).integers(1, 5, len(frames))
    steps[len(frames) // 5] = int(FPS)
    numbers = np.cumsum(steps)
    return [frames[number] for number in numbers[numbers < len(frames)]]


# The contestants


class Ultralytics:
    """One of Ultralytics' trackers, without appearance; it counts frames and knows no time."""

    def __init__(self, kind: str, patience: int) -> None:
        ultralytics = import_ultralytics()
        from ultralytics.engine.results import Boxes as Results
        from ultralytics.trackers import BOTSORT, BYTETracker
        from ultralytics.utils import IterableSimpleNamespace
        from ultralytics.utils.checks import check_yaml

        settings = ultralytics.utils.YAML.load(check_yaml(f"{kind}.yaml"))
        settings |= {"track_buffer": patience, "new_track_thresh": 0.4, "match_thresh": 0.9}
        settings |= {"gmc_method": "none"} if kind == "botsort" else {}
        self._tracker = {"bytetrack": BYTETracker, "botsort": BOTSORT}[kind](
            IterableSimpleNamespace(**settings)
        )
        self._results = Results

    def update(self, seconds: float, boxes: Boxes, scores: NDArray[np.float32]) -> NDArray[np.int64]:
        """Follow; see GroupTracker."""
        del seconds
        rows = np.column_stack([boxes, scores, np.zeros(len(boxes))]).astype(np.float32)
        numbers = np.full(len(boxes), -1, np.int64)
        for row in self._tracker.update(self._results(rows, (HEIGHT, WIDTH))):
            numbers[int(row[7])] = int(row[4])
        return numbers


class Roboflow:
    """One of roboflow's trackers, without camera motion; it takes the time of each frame."""

    def __init__(self, kind: str, fps: float) -> None:
        import supervision
        import trackers

        settings = {"high_conf_det_threshold": 0.25, "lost_track_buffer": 75, "frame_rate": fps}
        settings |= {"track_activation_threshold": 0.4} if kind != "OCSORTTracker" else {}
        settings |= {"enable_cmc": False} if kind == "BoTSORTTracker" else {}
        self._tracker = getattr(trackers, kind)(**settings)
        self._detections = supervision.Detections

    def update(self, seconds: float, boxes: Boxes, scores: NDArray[np.float32]) -> NDArray[np.int64]:
        """Follow; see GroupTracker."""
        rows = self._detections(xyxy=boxes, confidence=scores, class_id=np.arange(len(boxes)))
        found = self._tracker.update(rows, timestamp=seconds)
        numbers = np.full(len(boxes), -1, np.int64)
        if len(found):
            numbers[found.class_id] = np.where(found.tracker_id >= 0, found.tracker_id + 1, -1)
        return numbers


CONTESTANTS: dict[str, Callable[[float], GroupTracker]] = {
    "ours": lambda _: SecondsByteTrack(),
    "Ultralytics ByteTrack, 2.5 s": lambda fps: Ultralytics("bytetrack", round(2.5 * fps)),
    "Ultralytics BoT-SORT, 2.5 s": lambda fps: Ultralytics("botsort", round(2.5 * fps)),
    "roboflow ByteTrack": lambda fps: Roboflow("ByteTrackTracker", fps),
    "roboflow BoT-SORT": lambda fps: Roboflow("BoTSORTTracker", fps),
    "roboflow OC-SORT": lambda fps: Roboflow("OCSORTTracker", fps),
}


# The judge


def judge(frames: list[Frame], tracks: list[NDArray[np.int64]]) -> tuple[float, float, float]:
    """Measure HOTA, IDF1 and identity switches."""
    from trackeval.metrics import CLEAR, HOTA, Identity

    objects = np.unique(np.concatenate([frame.objects for frame in frames]))
    numbers = np.unique(np.concatenate([found[found > 0] for found in tracks]))
    data = {
        "gt_ids": [np.searchsorted(objects, frame.objects) for frame in frames],
        "tracker_ids": [np.searchsorted(numbers, found[found > 0]) for found in tracks],
        "similarity_scores": [
            iou_matrix(f.truth, f.boxes[found > 0]) for f, found in zip(frames, tracks, strict=True)
        ],
        "num_gt_ids": len(objects),
        "num_tracker_ids": len(numbers),
        "num_gt_dets": sum(len(frame.objects) for frame in frames),
        "num_tracker_dets": sum(int((found > 0).sum()) for found in tracks),
        "num_timesteps": len(frames),
    }
    quiet = {"PRINT_CONFIG": False}
    hota = float(np.mean(HOTA().eval_sequence(data)["HOTA"]))
    return hota, Identity(quiet).eval_sequence(data)["IDF1"], CLEAR(quiet).eval_sequence(data)["IDSW"]


def contest(scenes: list[list[Frame]], how: str, begin: Callable[[float], GroupTracker]) -> tuple[str, float]:
    """Run one contestant on all seeds of one scene; what the table says, and milliseconds a box."""
    results, spent, boxes = [], 0.0, 0
    for seed, scene in enumerate(scenes):
        frames, tracker = sampled(scene, how, seed), begin(FPS / FACTOR[how])
        started = time.perf_counter()
        tracks = [tracker.update(frame.seconds, frame.boxes, frame.scores) for frame in frames]
        spent += time.perf_counter() - started
        boxes += sum(len(found) for found in tracks)
        results.append(judge(frames, tracks))
    hota, idf1, switches = np.mean(results, axis=0)
    return f"{hota:.3f} / {idf1:.3f} / {switches:.1f}", 1000 * spent / boxes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--truth", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    seeds = range(given.seeds)
    scenes = {
        f"{count} {kind}": [observe(synthetic(kind, count, seed), PILLARS, seed) for seed in seeds]
        for kind, count in (("people", 12), ("people", 30), ("cars", 40))
    }
    for path in given.truth:
        scenes[path.parent.name] = [observe(recorded(path), PILLARS[:0], seed) for seed in seeds]
    print("| scene | frames |", " | ".join(CONTESTANTS), "|")
    print("|---" * (2 + len(CONTESTANTS)) + "|")
    cost: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
    for scene, runs in scenes.items():
        for how in FACTOR:
            cells = {name: contest(runs, how, begin) for name, begin in CONTESTANTS.items()}
            print(f"| {scene} | {how} |", " | ".join(cell for cell, _ in cells.values()), "|", flush=True)
            for name, (_, milliseconds) in cells.items():
                cost[name].append(milliseconds)
    print("| ms a box | mean |", " | ".join(f"{np.mean(each):.3f}" for each in cost.values()), "|")


if __name__ == "__main__":
    main()

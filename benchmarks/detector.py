"""Measure recall, precision and AP50 of detector weights, against ground truth or against another detector.

    python -m benchmarks.detector set FOLDER --weights shipped              # a detection set in Ultralytics' format
    python -m benchmarks.detector footage FOLDER ... --weights yolo11n.pt   # recordings with truth.csv beside them
    python -m benchmarks.detector agree CLIP.mp4 --reference yolo11n.pt --weights shipped

People and vehicles are scored separately. A box is correct if its IoU with a true box is at least 0.5.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import click
import numpy as np
import yaml  # type: ignore[import-untyped]
from numpy.typing import NDArray

from detectors.boxes import Detections, iou_matrix
from detectors.class_names import class_group
from detectors.tables import SIDES
from detectors.yolo import Yolo
from pipeline.setup.build import find_detector
from reid.data.frames import read_image

MIN_IOU = 0.5
GROUPS = ("person", "vehicle")
Image = NDArray[np.uint8]
Boxes = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Truth:
    """The true boxes of one picture; arrays share their first axis, `n` boxes."""

    boxes: Boxes
    """(n, 4) pixel corners."""
    groups: NDArray[np.str_]
    """(n,) class groups."""
    required: NDArray[np.bool_]
    """(n,) whether the detector must find the box; a detection of any other box is not scored."""


@dataclass(frozen=True)
class Score:
    """The scores of one class group."""

    recall: float
    precision: float
    ap50: float
    required: int
    """Number of true boxes that the detector must find."""


Judged = tuple[NDArray[np.float32], NDArray[np.bool_], int]
"""The detections of one picture and class group: (m,) confidences, (m,) whether each is correct, and the number of
required true boxes."""


def judge(detections: Detections, truth: Truth, group: str) -> Judged:
    """Assign each detection, by falling confidence, to the free required box that it overlaps most.

    Detections of boxes that are not required are left out.
    """
    in_group = np.array([class_group(str(name)) == group for name in detections.classes], np.bool_)
    detections = detections.select(in_group)
    detections = detections.select(np.argsort(-detections.scores, kind="stable"))
    true_in_group = truth.groups == group
    required = truth.boxes[true_in_group & truth.required]
    optional = truth.boxes[true_in_group & ~truth.required]
    overlaps = iou_matrix(detections.boxes, required)  # (m, n)
    correct = np.zeros(len(detections), np.bool_)
    for row in range(len(detections)):
        best = int(overlaps[row].argmax()) if len(required) else -1
        if best >= 0 and overlaps[row, best] >= MIN_IOU:
            correct[row] = True
            overlaps[:, best] = 0
    left_out = ~correct & (iou_matrix(detections.boxes, optional) >= MIN_IOU).any(axis=1)
    return detections.scores[~left_out], correct[~left_out], len(required)


def score(pictures: list[Judged], min_confidence: float) -> Score | None:
    """Return the scores over all pictures; None if no box is required.

    Args:
        pictures: the judged detections of each picture.
        min_confidence: lowest confidence of the detections for recall and precision; AP50 uses all detections.
    """
    required = sum(count for _, _, count in pictures)
    if not required:
        return None
    confidences = np.concatenate([confidences for confidences, _, _ in pictures])
    correct = np.concatenate([correct for _, correct, _ in pictures])
    correct = correct[np.argsort(-confidences, kind="stable")]
    detected = int((confidences >= min_confidence).sum())
    hits = int(correct[:detected].sum())
    return Score(hits / required, hits / max(detected, 1), average_precision(correct, required), required)


def average_precision(correct: NDArray[np.bool_], required: int) -> float:
    """Return the area under the precision-recall curve of detections by falling confidence.

    Precision is made monotonic first, as in Pascal VOC since 2010.
    """
    precision = np.cumsum(correct) / np.arange(1, len(correct) + 1)
    falling = np.maximum.accumulate(precision[::-1])[::-1]
    return float(falling[correct].sum() / required)


def read_detection_set(folder: Path, part: str) -> Iterator[tuple[Image, Truth]]:
    """Yield the pictures and true boxes of a detection set in Ultralytics' format."""
    names = yaml.safe_load((folder / "data.yaml").read_text(encoding="utf-8"))["names"]
    for path in sorted((folder / "images" / part).iterdir()):
        image = read_image(str(path))
        labels = folder / "labels" / part / f"{path.stem}.txt"
        lines = labels.read_text(encoding="utf-8").splitlines() if labels.is_file() else []
        rows = np.array([line.split() for line in lines], np.float32).reshape(-1, 5)
        height, width = image.shape[:2]
        centre, half = rows[:, 1:3], rows[:, 3:5] / 2
        corners = np.concatenate([centre - half, centre + half], axis=1) * [width, height, width, height]
        groups = np.array([class_group(names[int(number)]) for number in rows[:, 0]], np.str_)
        yield image, Truth(corners.astype(np.float32), groups, np.ones(len(rows), np.bool_))


def read_footage(folder: Path, every: int, visible: float) -> Iterator[tuple[Image, Truth]]:
    """Yield every n-th frame of the recordings in a folder, with the true boxes of its truth.csv."""
    rows: dict[tuple[str, int], list[dict[str, str]]] = defaultdict(list)
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows[row["camera"], int(row["frame"])].append(row)
    for camera in sorted({camera for camera, _ in rows}):
        for number, image in read_frames(folder / f"{camera}.mp4", every):
            truth = rows[camera, number]
            sides = [[float(row[name]) for name in SIDES] for row in truth]
            boxes = np.array(sides, np.float32).reshape(-1, 4)
            boxes[:, 2:] += boxes[:, :2]
            groups = np.array([class_group(row["class"]) for row in truth], np.str_)
            required = np.array([float(row["visible"]) >= visible for row in truth], np.bool_)
            yield image, Truth(boxes, groups, required)


def read_frames(path: Path, every: int) -> Iterator[tuple[int, Image]]:
    """Yield number and pixels of every n-th frame."""
    with av.open(str(path)) as clip:
        for number, frame in enumerate(clip.decode(clip.streams.video[0])):
            if number % every == 0:
                yield number, np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def judge_pictures(pictures: Iterator[tuple[Image, Truth]], detector: Yolo) -> dict[str, list[Judged]]:
    """Detect in pictures, and return the judged detections of each picture by class group."""
    judged: dict[str, list[Judged]] = {group: [] for group in GROUPS}
    for image, truth in pictures:
        (detections,) = detector.detect([image], [0])
        for group, results in judged.items():
            results.append(judge(detections, truth, group))
    return judged


def print_scores(name: str, judged: dict[str, list[Judged]], min_confidence: float) -> None:
    """Print a line per class group that has true boxes."""
    for group, pictures in judged.items():
        result = score(pictures, min_confidence)
        if result:
            click.echo(
                f"{name}, {group}: recall {result.recall:.3f}, precision {result.precision:.3f} from confidence "
                f"{min_confidence:g}, AP50 {result.ap50:.3f}, {result.required} boxes in {len(pictures)} pictures"
            )


def load(weights: str, imgsz: int, conf: float = 0.001) -> Yolo:
    """Load detector weights; `weights` is a file, or `shipped`."""
    return Yolo(find_detector(weights).path, imgsz=imgsz, conf=conf)


WEIGHTS = click.option("--weights", default="shipped", show_default=True, help="A file, or shipped.")
IMGSZ = click.option("--imgsz", default=640, show_default=True)
CONF = click.option(
    "--conf", default=0.25, show_default=True, help="Lowest confidence for recall and precision."
)
EVERY = click.option("--every", default=5, show_default=True, help="Use every n-th frame.")
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def main() -> None:
    """Measure detector weights."""


@main.command("set")
@click.argument("folder", type=FOLDER)
@click.option("--part", default="val", show_default=True)
@WEIGHTS
@IMGSZ
@CONF
def score_set(folder: Path, part: str, weights: str, imgsz: int, conf: float) -> None:
    """Score on a detection set in Ultralytics' format."""
    print_scores(weights, judge_pictures(read_detection_set(folder, part), load(weights, imgsz)), conf)


@main.command("footage")
@click.argument("folders", nargs=-1, required=True, type=FOLDER)
@click.option("--visible", default=0.25, show_default=True, help="Smallest visible share of a required box.")
@EVERY
@WEIGHTS
@IMGSZ
@CONF
def score_footage(
    folders: tuple[Path, ...], visible: float, every: int, weights: str, imgsz: int, conf: float
) -> None:
    """Score on recordings with truth.csv beside them, each folder and all together."""
    detector = load(weights, imgsz)
    together: dict[str, list[Judged]] = {group: [] for group in GROUPS}
    for folder in folders:
        judged = judge_pictures(read_footage(folder, every, visible), detector)
        print_scores(f"{weights}, {folder.name}", judged, conf)
        for group, pictures in judged.items():
            together[group] += pictures
    if len(folders) > 1:
        print_scores(f"{weights}, all", together, conf)


@main.command("agree")
@click.argument("clip", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reference", required=True, help="Weights whose detections from --conf are required.")
@EVERY
@WEIGHTS
@IMGSZ
@CONF
def score_agreement(clip: Path, reference: str, every: int, weights: str, imgsz: int, conf: float) -> None:
    """Score against another detector's detections in a clip; its detections below --conf are not required."""
    other = load(reference, imgsz, conf=0.1)

    def pictures() -> Iterator[tuple[Image, Truth]]:
        for _, image in read_frames(clip, every):
            (detections,) = other.detect([image], [0])
            groups = np.array([class_group(str(name)) for name in detections.classes], np.str_)
            yield image, Truth(detections.boxes, groups, detections.scores >= conf)

    print_scores(f"{weights} against {reference}", judge_pictures(pictures(), load(weights, imgsz)), conf)


if __name__ == "__main__":
    main()

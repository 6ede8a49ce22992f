"""How good is a detector? Recall, precision and AP50 against truth, or against another detector's word.

    python -m benchmarks.detector set FOLDER --weights shipped          # a detection set in Ultralytics' format
    python -m benchmarks.detector footage FOLDER ... --weights yolo11n.pt   # recordings with truth.csv beside them
    python -m benchmarks.detector agree CLIP.mp4 --reference yolo11n.pt --weights shipped

People and vehicles are scored by themselves, a box being right where it overlaps a true one by half or more.
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

from detectors.boxes import Detections, class_group, iou_matrix
from detectors.yolo import Yolo
from pipeline.setup.build import find_detector
from reid.data.frames import read_image

OVERLAP = 0.5
"""Intersection over union from which a box is the true one."""
GROUPS = ("person", "vehicle")
Image = NDArray[np.uint8]
Boxes = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Truth:
    """What is to be found in one picture; arrays share their first axis, `n` boxes."""

    boxes: Boxes
    """(n, 4) pixel corners."""
    groups: NDArray[np.str_]
    """(n,) class groups."""
    wanted: NDArray[np.bool_]
    """(n,) whether it must be found; finding any other is neither right nor wrong."""


@dataclass(frozen=True)
class Score:
    """What came of one class group."""

    recall: float
    precision: float
    ap50: float
    wanted: int


Verdicts = tuple[NDArray[np.float32], NDArray[np.bool_], int]
"""(m,) scores of the boxes that count, (m,) whether each is right, and how many were wanted."""


def judge(found: Detections, truth: Truth, group: str) -> Verdicts:
    """Give each box the wanted one that it overlaps most and no better box has; those on unwanted ones do not count."""
    mine = found.select(np.array([class_group(str(name)) == group for name in found.classes], np.bool_))
    mine = mine.select(np.argsort(-mine.scores, kind="stable"))
    here = truth.groups == group
    wanted, other = truth.boxes[here & truth.wanted], truth.boxes[here & ~truth.wanted]
    overlaps = iou_matrix(mine.boxes, wanted)  # (m, n)
    right = np.zeros(len(mine), np.bool_)
    for row in range(len(mine)):
        best = int(overlaps[row].argmax()) if len(wanted) else -1
        if best >= 0 and overlaps[row, best] >= OVERLAP:
            right[row] = True
            overlaps[:, best] = 0
    excused = ~right & (iou_matrix(mine.boxes, other) >= OVERLAP).any(axis=1)
    return mine.scores[~excused], right[~excused], len(wanted)


def score(verdicts: list[Verdicts], least: float) -> Score | None:
    """Sum up all pictures; None where nothing was wanted.

    Args:
        verdicts: of each picture.
        least: score from which a box counts for recall and precision; AP50 takes all of them.
    """
    wanted = sum(count for _, _, count in verdicts)
    if not wanted:
        return None
    scores = np.concatenate([own for own, _, _ in verdicts])
    right = np.concatenate([own for _, own, _ in verdicts])[np.argsort(-scores, kind="stable")]
    sure = int((scores >= least).sum())
    hits = int(right[:sure].sum())
    return Score(hits / wanted, hits / max(sure, 1), average_precision(right, wanted), wanted)


def average_precision(right: NDArray[np.bool_], wanted: int) -> float:
    """Area under precision over recall, precision made falling (Pascal VOC since 2010), of boxes by falling score."""
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(right) + 1)
    falling = np.maximum.accumulate(precision[::-1])[::-1]
    return float(falling[right].sum() / wanted)


def set_pictures(folder: Path, part: str) -> Iterator[tuple[Image, Truth]]:
    """Read a detection set in Ultralytics' format."""
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


def filmed_pictures(folder: Path, every: int, visible: float) -> Iterator[tuple[Image, Truth]]:
    """Read every n-th frame of recordings whose truth lies beside them in truth.csv."""
    rows: dict[tuple[str, int], list[dict[str, str]]] = defaultdict(list)
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows[row["camera"], int(row["frame"])].append(row)
    for camera in sorted({camera for camera, _ in rows}):
        for number, image in frames(folder / f"{camera}.mp4", every):
            yield image, _truth(rows[camera, number], visible)


def _truth(rows: list[dict[str, str]], visible: float) -> Truth:
    sides = [[float(row[f"bb_{side}"]) for side in ("left", "top", "width", "height")] for row in rows]
    boxes = np.array(sides, np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    groups = np.array([class_group(row["class"]) for row in rows], np.str_)
    return Truth(boxes, groups, np.array([float(row["visible"]) >= visible for row in rows], np.bool_))


def frames(path: Path, every: int) -> Iterator[tuple[int, Image]]:
    """Read every n-th frame with its number."""
    with av.open(str(path)) as clip:
        for number, frame in enumerate(clip.decode(clip.streams.video[0])):
            if number % every == 0:
                yield number, np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def judged(pictures: Iterator[tuple[Image, Truth]], detector: Yolo) -> dict[str, list[Verdicts]]:
    """Let a detector look at pictures; gives each class group's verdicts, picture by picture."""
    verdicts: dict[str, list[Verdicts]] = {group: [] for group in GROUPS}
    for image, truth in pictures:
        (found,) = detector.detect([image], [0])
        for group, own in verdicts.items():
            own.append(judge(found, truth, group))
    return verdicts


def show(name: str, verdicts: dict[str, list[Verdicts]], least: float) -> None:
    """Print a line for each class group that there is."""
    for group, own in verdicts.items():
        result = score(own, least)
        if result:
            click.echo(
                f"{name}, {group}: recall {result.recall:.3f}, precision {result.precision:.3f} at {least:g}, "
                f"AP50 {result.ap50:.3f}, {result.wanted} boxes in {len(own)} pictures"
            )


def load(weights: str, imgsz: int, conf: float = 0.001) -> Yolo:
    """Load detection weights, by a file's name or `shipped`."""
    return Yolo(find_detector(weights).path, imgsz=imgsz, conf=conf)


WEIGHTS = click.option("--weights", default="shipped", show_default=True, help="A file, or shipped.")
IMGSZ = click.option("--imgsz", default=640, show_default=True)
LEAST = click.option("--conf", default=0.25, show_default=True, help="Score from which a box counts.")
EVERY = click.option("--every", default=5, show_default=True, help="Frames from one look to the next.")
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def main() -> None:
    """Measure detection weights."""


@main.command("set")
@click.argument("folder", type=FOLDER)
@click.option("--part", default="val", show_default=True)
@WEIGHTS
@IMGSZ
@LEAST
def of_set(folder: Path, part: str, weights: str, imgsz: int, conf: float) -> None:
    """Score on a detection set in Ultralytics' format."""
    show(weights, judged(set_pictures(folder, part), load(weights, imgsz)), conf)


@main.command()
@click.argument("folders", nargs=-1, required=True, type=FOLDER)
@click.option("--visible", default=0.25, show_default=True, help="Share of somebody from which to find them.")
@EVERY
@WEIGHTS
@IMGSZ
@LEAST
def footage(
    folders: tuple[Path, ...], visible: float, every: int, weights: str, imgsz: int, conf: float
) -> None:
    """Score on recordings with truth.csv beside them, each folder's and all together."""
    detector = load(weights, imgsz)
    together: dict[str, list[Verdicts]] = {group: [] for group in GROUPS}
    for folder in folders:
        own = judged(filmed_pictures(folder, every, visible), detector)
        show(f"{weights}, {folder.name}", own, conf)
        for group, verdicts in own.items():
            together[group] += verdicts
    if len(folders) > 1:
        show(f"{weights}, all", together, conf)


@main.command()
@click.argument("clip", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reference", required=True, help="Weights whose boxes of the least score are the truth.")
@EVERY
@WEIGHTS
@IMGSZ
@LEAST
def agree(clip: Path, reference: str, every: int, weights: str, imgsz: int, conf: float) -> None:
    """Score against what another detector finds in a clip; its weaker boxes are neither right nor wrong."""
    other = load(reference, imgsz, conf=0.1)

    def pictures() -> Iterator[tuple[Image, Truth]]:
        for _, image in frames(clip, every):
            (told,) = other.detect([image], [0])
            groups = np.array([class_group(str(name)) for name in told.classes], np.str_)
            yield image, Truth(told.boxes, groups, told.scores >= conf)

    show(f"{weights} beside {reference}", judged(pictures(), load(weights, imgsz)), conf)


if __name__ == "__main__":
    main()

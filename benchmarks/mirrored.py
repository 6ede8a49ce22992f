"""Links on real footage whose truth is known by construction: a clip against its own mirror image.

    python -m benchmarks.mirrored FOLDER --people one-by-one-person.mp4 --cars car-detection.mp4 \
        --detector-weights yolo11n.pt

Further options go to `match`: without `--weights` it takes the network that comes with the program.

Camera A is the people clip; camera B the same clip mirrored, scaled to 640 pixels wide, brightened and 4 s
later; the car clip is a third camera of the same command. A tracklet of B is the true partner of one of A if
their boxes, put back, are the same in most of the frames of the shorter. Prints link precision and recall and
draws ten links side by side (`links.png`).
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pyarrow.parquet as pq
from click.testing import CliRunner
from numpy.typing import NDArray

from cli.main import main as reid_pipeline

WIDTH, DELAY = 640, 4
Key = tuple[str, int]
Boxes = dict[Key, dict[int, NDArray[np.float64]]]


def width_of(path: Path) -> int:
    """Width of a video in pixels."""
    with av.open(str(path)) as clip:
        return int(clip.streams.video[0].width)


def mirror(source: Path, target: Path) -> None:
    """Write camera B."""
    with av.open(str(source)) as clip, av.open(str(target), "w") as copy:
        video = clip.streams.video[0]
        scale = WIDTH / video.width
        out = copy.add_stream("libx264", rate=Fraction(video.average_rate or 10), options={"crf": "18"})
        out.width, out.height, out.pix_fmt = WIDTH, round(video.height * scale / 2) * 2, "yuv420p"
        for frame in clip.decode(video):
            pixels = cv2.resize(frame.to_ndarray(format="rgb24")[:, ::-1], (out.width, out.height))
            bright = (pixels.astype(np.int16) + 25).clip(0, 255).astype(np.uint8)
            changed = av.VideoFrame.from_ndarray(bright, format="rgb24")
            assert frame.pts is not None
            assert frame.time_base is not None
            changed.pts, changed.time_base = frame.pts + round(DELAY / frame.time_base), frame.time_base
            copy.mux(out.encode(changed))
        copy.mux(out.encode())


def read_boxes(run: Path) -> Boxes:
    """Boxes (x0, y0, x1, y1) by camera and track, then source frame."""
    boxes: Boxes = defaultdict(dict)
    with (run / "tracks.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            left, top, wide, high = (float(row[f"bb_{name}"]) for name in ("left", "top", "width", "height"))
            box = np.array([left, top, left + wide, top + high])
            boxes[row["camera"], int(row["track"])][int(row["frame"])] = box
    return boxes


def overlap(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Intersection over union of two boxes."""
    sides = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None)
    shared = float(sides.prod())
    return shared / float((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - shared)


def partners(boxes: Boxes, width: int, scale: float) -> set[tuple[Key, Key]]:
    """Pair the tracklets of A and B that are one by construction."""
    found = set()
    for a in [key for key in boxes if key[0] == "A"]:
        for b in [key for key in boxes if key[0] == "B"]:
            common = boxes[a].keys() & boxes[b].keys()
            back = {
                n: (boxes[b][n] / scale)[[2, 1, 0, 3]] * [-1, 1, -1, 1] + [width, 0, width, 0] for n in common
            }
            same = sum(overlap(boxes[a][n], back[n]) > 0.5 for n in common)
            if same > 0.5 * min(len(boxes[a]), len(boxes[b])):
                found.add((a, b))
    return found


def links_of(run: Path) -> tuple[set[tuple[Key, Key]], set[Key]]:
    """Pairs of A and B with one identity, and all tracklets that were matched at all."""
    members: dict[str, list[Key]] = defaultdict(list)
    with (run / "tracklets.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["identity"]:
                members[row["identity"]].append((row["camera"], int(row["track"])))
    pairs = {(a, b) for keys in members.values() for a in keys for b in keys if (a[0], b[0]) == ("A", "B")}
    return pairs, {key for keys in members.values() for key in keys}


def draw_links(run: Path, pairs: list[tuple[Key, Key]], path: Path) -> None:
    """Draw the best crop of both sides of up to ten links."""
    best: dict[Key, tuple[float, bytes]] = {}
    for camera in ("A", "B"):
        for part in sorted((run / "parts" / camera).glob("*.crops.parquet")):
            for row in pq.read_table(part).to_pylist():
                key = camera, row["track"]
                best[key] = max(best.get(key, (-1.0, b"")), (row["quality"], row["jpeg"]))
    columns = []
    for pair in pairs[:10]:
        pictures = [cv2.imdecode(np.frombuffer(best[key][1], np.uint8), cv2.IMREAD_COLOR) for key in pair]
        columns.append(np.vstack([cv2.resize(picture, (120, 240)) for picture in pictures]))
    if columns:
        cv2.imwrite(str(path), np.hstack(columns))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=Path, required=True)
    parser.add_argument("--cars", type=Path, required=True)
    arguments, more = parser.parse_known_args()
    folder: Path = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "mirrored.mkv").exists():
        mirror(arguments.people, folder / "mirrored.mkv")
    width = width_of(arguments.people)
    cameras = [f"A={arguments.people}", f"B={folder / 'mirrored.mkv'}", f"cars={arguments.cars}"]
    command = ["match", *cameras, "--out", str(folder / "run"), *more]
    result = CliRunner().invoke(reid_pipeline, command, catch_exceptions=False)
    print(result.output)
    if result.exit_code:
        raise SystemExit(result.exit_code)
    run = folder / "run"
    pairs, matched = links_of(run)
    true = partners(read_boxes(run), width, WIDTH / width)
    possible = {pair for pair in true if set(pair) <= matched}
    right = pairs & true
    print(
        f"true pairs {len(true)}, both sides good enough to match {len(possible)}, linked {len(pairs)}, right {len(right)}"
    )
    print(
        f"link precision {len(right) / max(len(pairs), 1):.3f}, recall {len(right) / max(len(possible), 1):.3f}"
    )
    draw_links(run, sorted(pairs), folder / "links.png")
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    for classes, network in record["weights"]["network"].items():
        threshold = record["matching"][classes]["threshold"]
        print(
            f"{classes}: {network['source']} {network['file']}, threshold {threshold['value']} ({threshold['chosen']})"
        )
    for name, camera in record["cameras"].items():
        print(name, {stage: round(seconds, 1) for stage, seconds in camera["seconds"].items()})
    print("all", {stage: round(seconds, 1) for stage, seconds in record["seconds"].items()})


if __name__ == "__main__":
    main()

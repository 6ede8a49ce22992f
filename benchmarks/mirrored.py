"""Measure links on real footage with ground truth by construction: a clip and its mirror image.

    python -m benchmarks.mirrored FOLDER --people one-by-one-person.mp4 --cars car-detection.mp4 \
        --detector-weights yolo11n.pt

Other options are passed to `match`. Camera A is the clip of people. Camera B is the same clip, mirrored, scaled to 640
pixels wide, brightened and 4 s later. The clip of cars is a third camera. A tracklet of A and a tracklet of B are the
same person if their boxes, mirrored back, overlap in most frames of the shorter tracklet.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import av
import click
import cv2
import numpy as np
from click.testing import CliRunner
from numpy.typing import NDArray

from cli.main import main as reid_pipeline
from detectors.boxes import paired_iou
from pipeline.results.records import FinishedRun, read_run
from pipeline.tracking.tracklets import Key, Pair

WIDTH, DELAY = 640, 4
"""Width of camera B in pixels, and its delay in seconds."""
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--people", required=True, type=FILE, help="Clip of people.")
@click.option("--cars", required=True, type=FILE, help="Clip of cars.")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def main(folder: Path, people: Path, cars: Path, options: tuple[str, ...]) -> None:
    """Match a clip, its mirror image and a clip of cars in FOLDER; OPTIONS are passed to match."""
    folder.mkdir(parents=True, exist_ok=True)
    mirrored = folder / "mirrored.mkv"
    if not mirrored.exists():
        write_mirrored(people, mirrored)
    with av.open(str(people)) as clip:
        width = int(clip.streams.video[0].width)
    command = [
        "match",
        f"A={people}",
        f"B={mirrored}",
        f"cars={cars}",
        "--out",
        str(folder / "run"),
        *options,
    ]
    result = CliRunner().invoke(reid_pipeline, command, catch_exceptions=False)
    click.echo(result.output)
    if result.exit_code:
        raise SystemExit(result.exit_code)
    run = read_run(folder / "run")
    identities = {tracklet.key: tracklet.identity for tracklet in run.tracklets if tracklet.identity}
    true = true_pairs(run, width)
    possible = {pair for pair in true if identities.keys() >= set(pair)}
    made = linked_pairs(identities)
    right = made & true
    click.echo(
        f"true pairs {len(true)}, with both tracklets matched {len(possible)}, linked {len(made)}, right {len(right)}"
    )
    click.echo(
        f"link precision {len(right) / max(len(made), 1):.3f}, recall {len(right) / max(len(possible), 1):.3f}"
    )


def write_mirrored(source: Path, target: Path) -> None:
    """Write the video of camera B."""
    with av.open(str(source)) as clip, av.open(str(target), "w") as copy:
        video = clip.streams.video[0]
        out = copy.add_stream("libx264", rate=Fraction(video.average_rate or 10), options={"crf": "18"})
        out.width, out.height, out.pix_fmt = (
            WIDTH,
            round(video.height * WIDTH / video.width / 2) * 2,
            "yuv420p",
        )
        for frame in clip.decode(video):
            pixels = cv2.resize(frame.to_ndarray(format="rgb24")[:, ::-1], (out.width, out.height))
            bright = (pixels.astype(np.int16) + 25).clip(0, 255).astype(np.uint8)
            changed = av.VideoFrame.from_ndarray(bright, format="rgb24")
            assert frame.pts is not None
            assert frame.time_base is not None
            changed.pts, changed.time_base = frame.pts + round(DELAY / frame.time_base), frame.time_base
            copy.mux(out.encode(changed))
        copy.mux(out.encode())


def true_pairs(run: FinishedRun, width: int) -> set[Pair]:
    """Return the pairs of tracklets of A and B that are the same person; `width` is that of camera A."""
    tracks_a, tracks_b = (read_tracks(run, camera) for camera in "AB")
    pairs = set()
    for a, (frames_a, boxes_a) in tracks_a.items():
        for b, (frames_b, boxes_b) in tracks_b.items():
            _, rows_a, rows_b = np.intersect1d(frames_a, frames_b, return_indices=True)
            back = boxes_b[rows_b][:, [2, 1, 0, 3]] * width / WIDTH * [-1, 1, -1, 1] + [width, 0, width, 0]
            overlapping = (paired_iou(boxes_a[rows_a], back) > 0.5).sum()
            if overlapping > 0.5 * min(len(frames_a), len(frames_b)):
                pairs.add((("A", a), ("B", b)))
    return pairs


def read_tracks(run: FinishedRun, camera: str) -> dict[int, tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Return the (n,) frames and (n, 4) corners of each track of a camera."""
    boxes = run.boxes.select(run.boxes.cameras == camera)
    return {
        track: (boxes.frames[boxes.tracks == track], boxes.corners[boxes.tracks == track])
        for track in np.unique(boxes.tracks).tolist()
    }


def linked_pairs(identities: Mapping[Key, int]) -> set[Pair]:
    """Return the pairs of tracklets of A and B with the same identity."""
    return {
        (a, b)
        for a, identity in identities.items()
        for b, other in identities.items()
        if (a[0], b[0]) == ("A", "B") and identity == other
    }


if __name__ == "__main__":
    main()

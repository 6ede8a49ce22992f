"""Matching from Python: `python -m samples.api FOLDER`, on the first seconds of the sample.

It runs on two recordings, then on frames of one's own, and works on with what was found as plain records.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.config import RunConfig
from pipeline.embedding.config import EmbeddingConfig
from pipeline.footage.caller_frames import keep_frames
from pipeline.footage.cameras import Camera, CameraSet, gather
from pipeline.results.records import read_run
from pipeline.run import match
from pipeline.tracking.config import TrackingConfig

PLAZA = Path(__file__).parent / "plaza"


def from_recordings(out: Path) -> None:
    """Match two recordings with recorded boxes, then read the same from the folder."""
    config = RunConfig(
        tracking=TrackingConfig(end=1.5), embedding=EmbeddingConfig(clips=1, min_boxes=12, min_area=1200)
    )
    videos = [str(PLAZA / "c1.mp4"), str(PLAZA / "c2.mp4")]
    result = match(gather(videos, detections=[str(PLAZA / "detections.csv")]), config, out)
    for identity in result.identities:
        if len(identity.cameras) > 1:
            print(f"identity {identity.identity}: {', '.join(identity.tracklets)}")
    for one in result.matches:
        if one.decision == "ambiguous":
            print(f"{one.camera_a}/{one.track_a} or not: {one.reason}")
    print(result.tracklets.to_arrow().group_by("status").aggregate([("track", "count")]).to_pylist())
    assert read_run(out).identities == result.identities


def frames() -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Frames of one's own: their seconds and their pixels."""
    for number in range(20):
        picture = np.full((240, 320, 3), 90, np.uint8)
        picture[80:160, 10 * number : 10 * number + 40] = (200, 40, 40)
        yield number / 10, picture


def from_frames(out: Path) -> None:
    """Match frames that come from anywhere, with boxes of one's own; without `Camera`, as {"lab": frames()}, YOLO looks."""
    boxes = out / "boxes.csv"
    rows = [f"{number},person,{10 * number},80,40,80,0.9" for number in range(20)]
    head = "frame,class,bb_left,bb_top,bb_width,bb_height,conf"
    out.mkdir(parents=True)
    boxes.write_text("\n".join([head, *rows]), encoding="utf-8")
    lab = Camera("lab", keep_frames(frames(), out / "lab.mkv"), detections=boxes)
    result = match(CameraSet((lab,)), RunConfig(embedding=EmbeddingConfig(clips=1)), out / "run")
    print(result.tracklets[0])


if __name__ == "__main__":
    from_recordings(Path(sys.argv[1]) / "sample")
    from_frames(Path(sys.argv[1]) / "frames")

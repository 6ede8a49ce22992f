"""Example of matching from Python: `python -m samples.api FOLDER`.

Matches the first seconds of two recordings of the sample, then a stream of frames made here, and reads the results
as plain records.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline import (
    Camera,
    CameraSet,
    EmbeddingConfig,
    RunConfig,
    TrackingConfig,
    cameras_from_arguments,
    find_recording,
    keep_frames,
    match,
    read_run,
)

PLAZA = Path(__file__).parent / "plaza"


def from_recordings(out: Path) -> None:
    """Match two recordings with boxes from a file, print the results, and read them again from the run folder."""
    config = RunConfig(
        tracking=TrackingConfig(end=1.5), embedding=EmbeddingConfig(clips=1, min_boxes=12, min_area=1200)
    )
    videos = [str(PLAZA / "c1.mp4"), str(PLAZA / "c2.mp4")]
    result = match(cameras_from_arguments(videos, detections=[str(PLAZA / "detections.csv")]), config, out)
    for identity in result.identities:
        if len(identity.cameras) > 1:
            print(f"identity {identity.number}: {', '.join(identity.tracklets)}")
    for match_row in result.matches:
        if match_row.decision == "ambiguous":
            print(f"{match_row.camera_a}/{match_row.track_a} is ambiguous: {match_row.reason}")
    print(result.tracklets.to_arrow().group_by("status").aggregate([("track", "count")]).to_pylist())
    assert read_run(out).identities == result.identities


def frames() -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Yield the seconds and the (h, w, 3) RGB pixels of 20 frames in which a red box moves right."""
    for number in range(20):
        picture = np.full((240, 320, 3), 90, np.uint8)
        picture[80:160, 10 * number : 10 * number + 40] = (200, 40, 40)
        yield number / 10, picture


def from_frames(out: Path) -> None:
    """Match frames that do not come from a recording, with given boxes.

    Without boxes, pass `{"lab": frames()}` instead of a `CameraSet`; the YOLO detector then finds them.
    """
    boxes = out / "boxes.csv"
    rows = [f"{number},person,{10 * number},80,40,80,0.9" for number in range(20)]
    header = "frame,class,bb_left,bb_top,bb_width,bb_height,conf"
    out.mkdir(parents=True)
    boxes.write_text("\n".join([header, *rows]), encoding="utf-8")
    lab = Camera("lab", find_recording(keep_frames(frames(), out / "lab.mkv")), detections=boxes)
    result = match(CameraSet((lab,)), RunConfig(embedding=EmbeddingConfig(clips=1)), out / "run")
    print(result.tracklets[0])


if __name__ == "__main__":
    from_recordings(Path(sys.argv[1]) / "sample")
    from_frames(Path(sys.argv[1]) / "frames")

"""Frames from a caller: recorded with their own times, refused if they are not footage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.errors import FootageError
from pipeline.folder.store import RunFolder
from pipeline.footage.caller_frames import build_camera_set, keep_frames
from pipeline.footage.reader import FrameReader
from pipeline.footage.recording import Recording

TIMES = [0.0, 0.04, 0.5, 2.001, 60.25]


def pictures(
    times: list[float], shape: tuple[int, ...] = (65, 97, 3)
) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    for number, seconds in enumerate(times):
        yield seconds, np.full(shape, 40 * number, np.uint8)


def test_frames_come_back_with_their_times_and_pixels(tmp_path: Path) -> None:
    path = keep_frames(pictures(TIMES), tmp_path / "deep" / "lab.mkv")
    with FrameReader(path) as reader:
        frames = list(reader)
    start = frames[0].seconds
    assert [round(frame.seconds - start, 3) for frame in frames] == TIMES
    assert [frame.pixels.shape for frame in frames] == [(64, 96, 3)] * 5
    assert [abs(int(frame.pixels.mean()) - 40 * n) <= 2 for n, frame in enumerate(frames)] == [True] * 5


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        pytest.param([], "there are no frames", id="none"),
        pytest.param(
            [next(pictures([0.0]))[1]], "frames are pairs of seconds and pixels, not ndarray", id="no-seconds"
        ),
        pytest.param(list(pictures([1.0, 0.5])), "in the order of their times", id="backwards"),
        pytest.param(list(pictures([0.0], (64, 64))), "give (h, w, 3) RGB uint8", id="grey"),
        pytest.param(
            [*pictures([0.0]), *pictures([1.0], (32, 32, 3))],
            "the frame at 1 s is (32, 32, 3)",
            id="two-sizes",
        ),
    ],
)
def test_invalid_frames_are_refused_and_leave_no_file(
    tmp_path: Path, frames: list[tuple[float, NDArray[np.uint8]]], said: str
) -> None:
    with pytest.raises(FootageError, match="lab: ") as caught:
        keep_frames(frames, tmp_path / "lab.mkv")
    assert said in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_resumed_run_uses_its_recording_and_overwrite_replaces_it(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    (camera,) = build_camera_set({"lab": pictures(TIMES)}, run, overwrite=False).cameras
    first = camera.recording.files[0].read_bytes()
    assert camera.recording.files[0].is_relative_to(tmp_path)
    build_camera_set({"lab": pictures([0.0, 1.0])}, run, overwrite=False)
    assert camera.recording.files[0].read_bytes() == first
    build_camera_set({"lab": pictures([0.0, 1.0])}, run, overwrite=True)
    assert camera.recording.files[0].read_bytes() != first


def test_overwriting_deletes_recordings_of_frames_that_are_no_longer_given(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    kept, gone = (
        build_camera_set({name: pictures(TIMES)}, run, overwrite=False)[name].recording.files[0]
        for name in ("a", "b")
    )
    run.clear(keep=[kept])
    assert kept.exists()
    assert not gone.exists()


def test_paths_may_come_with_names_or_without(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    assert [
        camera.name
        for camera in build_camera_set(["x/gate.mp4", Path("yard.mp4")], run, overwrite=False).cameras
    ] == [
        "gate",
        "yard",
    ]
    assert build_camera_set("x/gate.mp4", run, overwrite=False)["gate"].recording == Recording(
        (Path("x/gate.mp4"),)
    )
    assert build_camera_set({"door": "x/gate.mp4"}, run, overwrite=False)["door"].recording == Recording(
        (Path("x/gate.mp4"),)
    )

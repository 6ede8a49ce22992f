"""Videos of a hand-made run: times, boxes, colours, blurred heads, offsets, missing footage."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner, Result

from cli.render import render_command
from pipeline.errors import RunError
from pipeline.footage.fingerprint import fingerprint
from pipeline.footage.reader import FrameReader
from pipeline.render.blurring import blurred_region
from pipeline.render.colours import identity_colour
from pipeline.render.grid import CLOCK_HEIGHT, format_clock
from pipeline.render.trajectories import Trajectory
from pipeline.render.videos import RenderRequest, render_run
from pipeline.results.pictures import pixelate
from pipeline.results.records import read_run
from pipeline.results.run_record import CameraSettings
from pipeline.tracking.config import TrackingConfig
from tests.footage import write_video
from tests.runs import camera_record, run_record, run_settings, write_run

SIZE = (320, 192)
BOX = (40, 60, 80, 160)
"""Box of identity 7 in every second frame: x0, y0, x1, y1."""


TRACKLETS = {
    "a": [
        "a,1,7,person,4,14,0.000,0.000,6,1,0.5000,linked",
        "a,2,,person,4,14,0.000,0.000,6,0,0.5000,ignored",
    ],
    "b": ["b,1,7,person,4,14,0.000,0.000,6,1,0.5000,linked"],
}


def make_run(
    folder: Path, offsets: Sequence[float] = (0.0, 0.4), times: Sequence[float] | None = None
) -> Path:
    """Write a run of two cameras of 20 frames; identity 7 stands in both, track 2 of the first has no identity."""
    folder.mkdir()
    cameras, settings, rows = {}, {}, []
    for name, offset in zip(("a", "b"), offsets, strict=True):
        path = write_video(folder / f"{name}-footage.mp4", range(20), size=SIZE, times=times)
        cameras[name] = camera_record(files=(str(path),), offset_s=offset)
        settings[name] = CameraSettings(fingerprint([path]), None, (), None)
        for frame in range(4, 16, 2):
            rows.append(f"{name},{frame},0.000,1,7,person,40.00,60.00,40.00,100.00,0.9")
            if name == "a":
                rows.append(f"{name},{frame},0.000,2,,person,200.00,60.00,40.00,100.00,0.9")
    tracking = TrackingConfig(vid_stride=2)
    record = run_record(
        cameras=cameras, settings=replace(run_settings(), cameras=settings, tracking=tracking)
    )
    return write_run(folder, record=record, tracklets=[*TRACKLETS["a"], *TRACKLETS["b"]], tracks=rows)


def drawn(run: Path, *more: str) -> Result:
    return CliRunner().invoke(render_command, [str(run), *more])


def film(path: Path) -> list[tuple[float, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]]:
    with av.open(str(path)) as container:
        return [(float(f.time or 0), f.to_ndarray(format="rgb24")) for f in container.decode(video=0)]


def near(pixel: Sequence[int], colour: Sequence[int]) -> bool:
    return bool(np.abs(np.asarray(pixel, int) - np.asarray(colour, int)).max() < 60)


@pytest.mark.parametrize("uneven", [False, True])
def test_frames_are_shown_when_the_source_shows_them(tmp_path: Path, uneven: bool) -> None:
    times = [n * 0.04 + (0.013 if n % 3 else 0) for n in range(20)] if uneven else None
    run = make_run(tmp_path / "run", times=times)
    assert drawn(run, "--no-grid").exit_code == 0
    with FrameReader(run / "a-footage.mp4") as reader:
        expected = [frame.seconds for frame in reader]
    assert len(expected) == 20
    assert [seconds for seconds, _ in film(run / "videos" / "a.mp4")] == pytest.approx(expected, abs=3e-6)


def test_an_identity_has_one_colour_in_all_cameras_and_only_while_it_is_there(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    assert drawn(run, "--no-grid").exit_code == 0
    for name in ("a", "b"):
        frames = film(run / "videos" / f"{name}.mp4")
        left = [picture[120:140, BOX[0] - 1 : BOX[0] + 1].mean(axis=(0, 1)) for _, picture in frames]
        shown = [near(pixel, identity_colour(7)) for pixel in left]
        assert shown == [4 <= number <= 14 for number in range(20)]  # between two boxes, too


@pytest.mark.parametrize("blur", ["faces", "people"])
def test_heads_are_blurred_even_between_and_around_boxes(tmp_path: Path, blur: str) -> None:
    run = make_run(tmp_path / "run")
    plain, blurred = tmp_path / "plain", tmp_path / "blurred"
    assert drawn(run, "--no-grid", "--identity", "7", "--out", str(plain), "--blur", "none").exit_code == 0
    result = drawn(run, "--no-grid", "--identity", "7", "--out", str(blurred), "--blur", blur)
    assert "blurred" in result.output
    for (_, before), (_, after) in zip(film(plain / "a.mp4"), film(blurred / "a.mp4"), strict=True):
        head = np.s_[62:78, 202:238]  # of the track without identity, which has no label
        assert before[head].std() > 15
        assert len(np.unique(after[head][8, ::12] // 32, axis=0)) <= 3
        assert np.abs(np.diff(after[head].astype(int), axis=1)).mean() < 4


def test_videos_outside_the_run_folder_have_blurred_heads_by_default(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    assert "heads are blurred" in drawn(run, "--no-grid", "--out", str(tmp_path / "out")).output
    assert "can be recognised" in drawn(run, "--no-grid").output


def test_the_grid_shows_each_camera_at_the_shared_time_and_black_before_and_after(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", offsets=(0.0, 0.4))  # b begins ten frames after a
    assert drawn(run).exit_code == 0
    frames = film(run / "videos" / "grid+clock.mp4")
    assert len(frames) == 30
    assert [seconds for seconds, _ in frames] == pytest.approx([n / 25 for n in range(30)], abs=3e-6)
    lit = [[picture[CLOCK_HEIGHT:120, x : x + 320].mean() > 20 for x in (0, 320)] for _, picture in frames]
    assert lit == [[number < 20, number >= 10] for number in range(30)]


def test_the_grid_omits_a_year_without_pictures(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", offsets=(0.0, 365.25 * 86_400))
    assert drawn(run).exit_code == 0
    frames = film(run / "videos" / "grid+clock.mp4")
    assert len(frames) == 40
    lit = [[picture[CLOCK_HEIGHT:120, x : x + 320].mean() > 20 for x in (0, 320)] for _, picture in frames]
    assert lit == [[number < 20, number >= 20] for number in range(40)]


def test_a_video_is_drawn_again_only_if_something_changed(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    assert drawn(run).exit_code == 0
    assert drawn(run).output.count("is up to date") == 3
    assert drawn(run, "--overwrite").output.count("is up to date") == 0
    assert drawn(run, "--identity", "7").output.count("is up to date") == 0


def test_a_file_of_another_program_is_not_replaced(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.mp4").write_text("mine")
    assert "was not written by render" in str(drawn(run, "--out", str(tmp_path / "out")).exception)
    assert (tmp_path / "out" / "a.mp4").read_text() == "mine"


def test_a_camera_whose_footage_is_gone_or_changed_is_named_and_others_are_drawn(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    (run / "a-footage.mp4").rename(tmp_path / "moved.mp4")
    result = drawn(run)
    assert result.exit_code == 1 and "a: " in result.output and "--footage a=FILE" in result.output
    assert (run / "videos" / "b.mp4").is_file() and not (run / "videos" / "a.mp4").exists()
    result = drawn(run, "--footage", f"a={run / 'run.json'}")
    assert result.exit_code == 1 and "is not what the run read" in result.output
    assert drawn(run, "--footage", f"a={tmp_path / 'moved.mp4'}").exit_code == 0


def test_a_changed_table_is_one_sentence_and_no_film(tmp_path: Path) -> None:
    tracks = make_run(tmp_path / "run") / "tracks.csv"
    tracks.write_text(tracks.read_text().replace("a,6", "a,4", 1))
    with pytest.raises(RunError, match=r"tracks\.csv: is damaged or was changed"):
        render_run(read_run(tracks.parent), tmp_path / "out", RenderRequest("none"))
    assert not list(tmp_path.glob("out/*"))


def test_a_recording_is_never_drawn_over(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    (run / "a-footage.mp4").rename(tmp_path / "a.mp4")
    before = (tmp_path / "a.mp4").read_bytes()
    result = drawn(run, "--footage", f"a={tmp_path / 'a.mp4'}", "--out", str(tmp_path), "--overwrite")
    assert result.exit_code == 1
    assert "is the recording itself; choose another --out" in str(result.exception) + result.output
    assert (tmp_path / "a.mp4").read_bytes() == before


def test_a_killed_render_leaves_nothing_under_the_final_name(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    code = f"from cli.render import render_command; render_command([{str(run)!r}])"
    process = subprocess.Popen([sys.executable, "-c", code])
    while not list(run.glob("videos/*.partial")) and process.poll() is None:
        time.sleep(0.002)
    process.kill()
    process.wait()
    assert all(len(film(path)) >= 20 for path in run.glob("videos/*.mp4"))
    assert drawn(run).exit_code == 0
    assert not list(run.glob("videos/*.partial"))


def test_a_box_lies_on_the_line_between_its_neighbours() -> None:
    trajectory = Trajectory(1, 7, "person", np.array([10, 14]), np.array([[0.0, 0, 10, 20], [8, 4, 18, 24]]))
    assert (
        trajectory.at(9, bridge=4) is None
        and trajectory.at(15, bridge=4) is None
        and trajectory.at(12, bridge=3) is None
    )
    for frame, left in ((10, 0), (11, 2), (13, 6), (14, 8)):
        box = trajectory.at(frame, bridge=4)
        assert box is not None and box[0] == left
    early = trajectory.at(7, bridge=4, hold=3)
    assert early is not None and early.tolist() == [0, 0, 10, 20]


def test_a_head_of_a_person_cut_off_below_is_blurred_completely() -> None:
    assert (
        blurred_region(np.array([0.0, 0, 100, 100]), "faces")[3] == 56
    )  # half as high as the box is wide, and a margin


def test_pixelating_a_sliver_or_nothing_is_no_error() -> None:
    picture = np.full((5, 1, 3), 9, np.uint8)
    pixelate(picture)
    pixelate(picture[:0])
    assert (picture == 9).all()


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0:00:00.0"), (-0.01, "0:00:00.0"), (3599.96, "1:00:00.0")]
)
def test_the_clock_rounds_to_tenths(seconds: float, said: str) -> None:
    assert format_clock(seconds) == said

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.footage.cameras import cameras_from_arguments
from samples.world.camera import Camera
from samples.world.errors import WorldError
from samples.world.footage import film, frames_of
from samples.world.sensor import Sensor
from tests.samples.world.rectangles import Rectangles, Walk

PLAN = Rectangles(
    (Walk(1, speed=40.0), Walk(2, speed=40.0, enters=0.5, cameras=(1,)), Walk(1, "vehicle", speed=40.0))
)
SENSORS = (Sensor(rate=10.0, read=0.01, crf=18), Sensor(rate=12.5, offset=0.4, read=0.01, crf=18))
FILES = ("cameras.toml", "detections.csv", "truth.csv", "view0.mp4", "view1.mp4")


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filmed")
    film(PLAN.opening(), SENSORS, folder, seed=3)
    return folder


def decoded(path: Path) -> tuple[Fraction, list[float], list[np.ndarray]]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        return (
            stream.average_rate,
            [frame.time for frame in frames],
            [frame.to_ndarray(format="rgb24") for frame in frames],
        )


def test_a_folder_has_a_video_for_each_camera_truth_boxes_and_a_cameras_file(filmed: Path) -> None:
    assert sorted(path.name for path in filmed.iterdir()) == sorted(FILES)


@pytest.mark.parametrize(("name", "rate", "count"), [("view0", 10, 20), ("view1", Fraction(25, 2), 20)])
def test_each_camera_keeps_its_own_rate(filmed: Path, name: str, rate: Fraction, count: int) -> None:
    average, times, _ = decoded(filmed / f"{name}.mp4")
    assert average == rate
    assert times == pytest.approx([i / rate for i in range(count)])


def test_a_row_of_truth_stands_where_its_frame_shows_it(filmed: Path) -> None:
    row = next(
        line for line in (filmed / "truth.csv").read_text().splitlines() if line.startswith("view1,10,")
    )
    _, _, time, identity, category, left, _, width, *_ = row.split(",")
    assert (time, identity, category) == ("1.200", "1", "person")  # 0.4 + 10 / 12.5
    assert (left, width) == ("48.00", "16.00")  # 40 pixels a second for 1.2 s
    picture = decoded(filmed / "view1.mp4")[2][10]
    assert picture[40, 50:62, 1].mean() > picture[40, 72:90, 1].mean() + 60  # identity 1 is green


def test_match_reads_the_cameras_file(filmed: Path) -> None:
    cameras = cameras_from_arguments([], cameras_file=filmed / "cameras.toml")
    assert [
        (one.name, one.recording.files[0].name, one.offset, one.offset_known) for one in cameras.cameras
    ] == [
        ("view0", "view0.mp4", 0.0, True),
        ("view1", "view1.mp4", 0.4, True),
    ]
    assert cameras.transition("view0", "view1").overlapping


def test_cameras_that_nobody_is_seen_by_at_once_are_said_not_to_overlap(tmp_path: Path) -> None:
    apart = Rectangles(
        (Walk(1, speed=100.0, cameras=(0,)), Walk(1, speed=100.0, enters=6.0, cameras=(1,))), seconds=7
    )
    film(apart.opening(), (Sensor(rate=5.0), Sensor(rate=5.0)), tmp_path, seed=0)
    transition = cameras_from_arguments([], cameras_file=tmp_path / "cameras.toml").transition(
        "view0", "view1"
    )
    assert (transition.overlapping, transition.minimum) == (False, 2.0)  # out at 0.8, in at 6.0: half of 5.2


def test_two_workers_write_the_same_bytes_as_one(filmed: Path, tmp_path: Path) -> None:
    film(PLAN.opening(), SENSORS, tmp_path, seed=3, workers=2)
    assert [(tmp_path / name).read_bytes() for name in FILES] == [
        (filmed / name).read_bytes() for name in FILES
    ]


def test_another_seed_gives_other_noise_and_the_same_truth(filmed: Path, tmp_path: Path) -> None:
    film(PLAN.opening(), SENSORS, tmp_path, seed=4)
    assert (tmp_path / "truth.csv").read_bytes() == (filmed / "truth.csv").read_bytes()
    assert (tmp_path / "view0.mp4").read_bytes() != (filmed / "view0.mp4").read_bytes()


def test_progress_counts_every_frame_of_every_camera(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    film(PLAN.opening(), SENSORS, tmp_path, seed=3, report=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 40) for done in range(1, 41)]


def test_a_stopped_run_leaves_no_cameras_file_of_an_earlier_one(filmed: Path, tmp_path: Path) -> None:
    (tmp_path / "cameras.toml").write_bytes((filmed / "cameras.toml").read_bytes())

    def stop(done: int, total: int | None) -> None:
        del total
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        film(PLAN.opening(), SENSORS, tmp_path, seed=3, report=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("sensors", "complaint"),
    [
        pytest.param((Sensor(),), "1 sensors for 2 cameras", id="a-sensor-too-few"),
        pytest.param(
            (Sensor(), Sensor(offset=2.0)), "view1: its recording starts at 2 s", id="begins-after-the-end"
        ),
    ],
)
def test_sensors_that_do_not_fit_are_refused_in_a_sentence(
    tmp_path: Path, sensors: tuple[Sensor, ...], complaint: str
) -> None:
    with pytest.raises(WorldError, match=complaint):
        film(PLAN.opening(), sensors, tmp_path, seed=0)


def test_a_picture_that_h264_cannot_hold_is_refused() -> None:
    with pytest.raises(WorldError, match="even width and height"):
        frames_of(Camera("gate", (0, 0, 3), (9, 0, 1), 50, 95, 64), Sensor(), 2.0)


@pytest.mark.parametrize(
    ("seconds", "rate", "offset", "count"),
    [(2.0, 10.0, 0.0, 20), (2.0, 12.5, 0.4, 20), (1.05, 10.0, 0.0, 11)],
)
def test_recordings_end_with_the_world(seconds: float, rate: float, offset: float, count: int) -> None:
    camera = Camera("gate", (0, 0, 3), (9, 0, 1), 50, 96, 64)
    assert frames_of(camera, Sensor(rate=rate, offset=offset), seconds) == count


def test_no_workers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="at least 1"):
        film(PLAN.opening(), SENSORS, tmp_path, seed=0, workers=0)

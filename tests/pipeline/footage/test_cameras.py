"""Cameras from command line arguments and cameras files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import CamerasError
from pipeline.footage.cameras import CameraSet, cameras_from_arguments
from pipeline.footage.recording import Recording

GOOD = """
[[camera]]
name = "gate"
file = "footage/a.mp4"
offset = -1.5
ignore = [[[0, 0], [10, 0], [10, 10]]]

[[camera]]
name = "yard"
file = "footage/b.mp4"

[[transition]]
cameras = ["yard", "gate"]
overlapping = false
minimum = 5
"""


def names(cameras: CameraSet) -> list[str]:
    return [camera.name for camera in cameras.cameras]


def write(folder: Path, text: str) -> Path:
    path = folder / "cameras.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("videos", "expected"),
    [
        pytest.param(["b.mp4", "a.mp4"], ["a", "b"], id="named-by-their-files-in-any-order"),
        pytest.param(["Tor Süd=x.mp4", "y.mp4"], ["Tor Süd", "y"], id="named-by-hand"),
        pytest.param(["a=b=c.mp4"], ["a"], id="the-first-equals-sign-ends-the-name"),
        pytest.param(["/day1/cam.mp4", "/day2/cam.mp4"], ["day1/cam", "day2/cam"], id="same-stem"),
        pytest.param(["/v/cam.mp4", "/v/cam.mkv"], ["v/cam.mkv", "v/cam.mp4"], id="same-stem-same-folder"),
    ],
)
def test_cameras_get_unique_names(videos: list[str], expected: list[str]) -> None:
    assert names(cameras_from_arguments(videos)) == expected


def test_a_file_whose_name_holds_an_equals_sign_is_a_file(tmp_path: Path) -> None:
    odd = tmp_path / "gate=1.mp4"
    odd.write_bytes(b"")
    assert names(cameras_from_arguments([str(odd)])) == ["gate=1"]


def test_a_cameras_file_is_read_with_defaults_for_missing_keys(tmp_path: Path) -> None:
    cameras = cameras_from_arguments([], cameras_file=write(tmp_path, GOOD))
    gate, yard = cameras.cameras
    assert gate.recording == Recording((tmp_path / "footage/a.mp4",))
    assert (gate.offset, gate.offset_known) == (-1.5, True)
    assert gate.ignore == (((0, 0), (10, 0), (10, 10)),)
    assert (yard.offset, yard.offset_known) == (0, False)
    way = cameras.transition("gate", "yard")
    assert (way.overlapping, way.reachable, way.minimum, way.maximum) == (False, True, 5, None)


def test_the_command_line_beats_the_file(tmp_path: Path) -> None:
    cameras = cameras_from_arguments(["gate=other.mp4", "third.mp4"], cameras_file=write(tmp_path, GOOD))
    assert names(cameras) == ["gate", "third", "yard"]
    assert cameras["gate"].recording == Recording((Path("other.mp4"),))
    assert cameras["gate"].offset == -1.5


def test_recorded_detections_go_to_all_cameras_or_to_the_one_named(tmp_path: Path) -> None:
    boxes = tmp_path / "boxes.csv"
    boxes.write_text("", encoding="utf-8")
    assert all(
        c.detections == boxes
        for c in cameras_from_arguments(["a.mp4", "b.mp4"], detections=[str(boxes)]).cameras
    )
    only = cameras_from_arguments(["a.mp4", "b.mp4"], detections=[f"b={boxes}"])
    assert [camera.detections for camera in only.cameras] == [None, boxes]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("camera = 3", "camera: expected a list, got a whole number", id="not-a-table"),
        pytest.param("[[camera]]\nname = 'a'", "camera 1: missing key `file`", id="no-file"),
        pytest.param("[[camera]]\nname='a'\nfile='b'\nofset=1", "camera 1: unknown key `ofset`", id="misspelt-key"),
        pytest.param("[[camera]]\nname='a'\nfile='b'\noffset='1'", "offset: expected a number", id="text-offset"),
        pytest.param("[[camera]]\nname='a'\nfile='b'\nignore=[[[1,2]]]", "list of length >= 3", id="thin-polygon"),
        pytest.param("[[camera]]\nname='a'\nfile='b'\n[[transition]]\ncameras=['a','c']", "'c'", id="unknown-camera"),
        pytest.param("[[camera]]\nname='a'\nfile='b'\n[[transition]]\ncameras=['a','a']", "name two", id="one-camera"),
        pytest.param(GOOD + "maximum = 2", "minimum exceeds maximum", id="impossible-travel-time"),
        pytest.param(GOOD + "maximun = 9", "transition 1: unknown key `maximun`", id="misspelt-transition"),
        pytest.param(GOOD + "[[transition]]\ncameras=['gate','yard']", "merge the two into one", id="same-way-twice"),
        pytest.param("[[camera]]\nname='a'\nfile='b'\ndetections=''", "detections: '' is no path", id="no-path"),
        pytest.param('[[camera]]\nname="a"\nfile="b\\u0000"', "is no path", id="null-character"),
        pytest.param("[[camera]]\nname='a'\nfile='b'\nignore=[[[1,2],[3,4],[1e300,5]]]", "number <= 1000000000", id="far"),
        pytest.param("=", "not a TOML file", id="no-toml"),
        pytest.param(f"a = {'[' * 3000}", "not a TOML file", id="too-deep"),
        pytest.param(f"a = {'9' * 5000}", "not a TOML file", id="too-long-a-number"),
    ],
)  # fmt: skip
def test_an_invalid_cameras_file_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(CamerasError) as refused:
        cameras_from_arguments([], cameras_file=write(tmp_path, text))
    assert complaint in str(refused.value)


@pytest.mark.parametrize(
    ("videos", "detections", "complaint"),
    [
        pytest.param([], [], "no camera", id="nothing"),
        pytest.param(["a.mp4", "a.mp4"], [], "given twice", id="one-file-twice"),
        pytest.param(["x=a.mp4", "x=b.mp4"], [], "'x' is given twice", id="one-name-twice"),
        pytest.param(["\udce4.mp4"], [], "not readable text", id="a-file-name-of-another-encoding"),
        pytest.param(["x=a.mp4", "y=./a.mp4"], [], "given twice", id="one-file-under-two-names"),
        pytest.param(["a.mp4"], ["z=pyproject.toml"], "'z'", id="detections-for-an-unknown-camera"),
    ],
)
def test_an_invalid_command_line_is_refused(videos: list[str], detections: list[str], complaint: str) -> None:
    with pytest.raises(CamerasError) as refused:
        cameras_from_arguments(videos, detections=detections)
    assert complaint in str(refused.value)


def test_two_cameras_of_one_name_in_a_file_are_refused(tmp_path: Path) -> None:
    twice = write(tmp_path, GOOD.replace('name = "yard"', 'name = "gate"'))
    with pytest.raises(CamerasError, match="'gate' is given twice"):
        cameras_from_arguments([], cameras_file=twice)

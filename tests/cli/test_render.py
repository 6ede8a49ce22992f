"""`render` of a real run of two tiny cameras: videos, blurred people and error messages."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import av
import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray

from cli.main import main
from tests.footage import numbered_frame, write_video

SIZE = (320, 192)
FRAMES = 24
LEFT, TOP, WIDTH, HEIGHT = 60, 64, 60, 120
"""Box of the person who stands in each camera all the time."""
HEAD = np.s_[TOP + 4 : TOP + 20, LEFT + 30 : LEFT + 56]
BODY = np.s_[TOP + 60 : TOP + 100, LEFT + 4 : LEFT + 56]


def command(name: str, *arguments: object) -> Result:
    return CliRunner().invoke(main, [name, *map(str, arguments)])


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with its footage in the same folder."""
    folder = tmp_path_factory.mktemp("render")
    boxes = "camera,frame,class,bb_left,bb_top,bb_width,bb_height,conf\n"
    for name in ("gate", "yard"):
        write_video(folder / f"{name}.mp4", range(FRAMES), size=SIZE)
        boxes += "".join(f"{name},{n},person,{LEFT},{TOP},{WIDTH},{HEIGHT},0.9\n" for n in range(FRAMES))
    (folder / "boxes.csv").write_text(boxes)
    videos = (folder / "gate.mp4", folder / "yard.mp4")
    quick = ("--clips", 1, "--device", "cpu")
    said = command("match", *videos, "--detections", folder / "boxes.csv", "--out", folder / "run", *quick)
    assert said.exit_code == 0, said.output
    return folder / "run"


@pytest.fixture
def run(done: Path, tmp_path: Path) -> Path:
    return copytree(done, tmp_path / "run")


def pictures(path: Path) -> list[NDArray[np.uint8]]:
    """Decode a video that browsers can play."""
    with av.open(str(path)) as film:
        (stream,) = film.streams
        context = film.streams.video[0].codec_context
        assert (stream.type, context.name, context.pix_fmt) == ("video", "h264", "yuv420p")
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def apart(picture: NDArray[np.uint8], number: int, where: tuple[slice, slice]) -> float:
    """Return the mean difference between a part of a picture and the same part of the source frame."""
    filmed = numbered_frame(number, SIZE)
    return float(np.abs(picture[where].astype(int) - filmed[where]).mean())


def test_two_cameras_become_films_of_every_frame_and_one_of_both_side_by_side(run: Path) -> None:
    said = command("render", run)
    assert said.exit_code == 0, said.output
    films = {path.name: pictures(path) for path in (run / "videos").glob("*.mp4")}
    assert {name: len(film) for name, film in films.items()} == {
        "gate.mp4": FRAMES,
        "yard.mp4": FRAMES,
        "grid+clock.mp4": FRAMES,
    }
    assert {name: film[0].shape[1] for name, film in films.items()} == {
        "gate.mp4": SIZE[0],
        "yard.mp4": SIZE[0],
        "grid+clock.mp4": 2 * SIZE[0],
    }


@pytest.mark.parametrize(
    ("inside", "more", "said", "head", "body"),
    [
        pytest.param(True, (), "can be recognised", "seen", "seen", id="no-blur-in-the-run-folder"),
        pytest.param(False, (), "heads are blurred", "hidden", "seen", id="heads-elsewhere"),
        pytest.param(
            False, ("--blur", "none"), "can be recognised", "seen", "seen", id="no-blur-elsewhere-on-request"
        ),
        pytest.param(
            True,
            ("--blur", "people"),
            "people are blurred",
            "hidden",
            "hidden",
            id="people-in-the-run-folder-on-request",
        ),
    ],
)
def test_heads_are_blurred_outside_the_run_folder_by_default(
    run: Path, tmp_path: Path, inside: bool, more: tuple[str, ...], said: str, head: str, body: str
) -> None:
    folder = run / "videos" if inside else tmp_path / "film"
    result = command("render", run, "--cameras", "gate", "--no-grid", "--out", folder, *more)
    assert result.exit_code == 0, result.output
    assert [path.name for path in folder.iterdir()] == ["gate.mp4"]
    assert result.stdout.startswith(f"{folder / 'gate.mp4'}: ") and said in result.stdout
    for number, picture in enumerate(pictures(folder / "gate.mp4")):
        for where, word in ((HEAD, head), (BODY, body)):
            assert ("seen" if apart(picture, number, where) < 12 else "hidden") == word


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        pytest.param(["none"], 2, "'none' does not exist", id="no-folder"),
        pytest.param(["empty"], 1, "name the folder of a finished run", id="no-run"),
        pytest.param(["run", "--cameras", "gate,hall"], 2, "no camera 'hall'", id="no-camera"),
        pytest.param(["run", "--start", "nan"], 2, "nan is not a finite number", id="no-time"),
        pytest.param(["run", "--identity", "99"], 2, "no identity 99", id="no-identity"),
        pytest.param(["run", "--footage", "gate.mp4"], 2, "expected NAME=FILE", id="footage-of-no-name"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence_and_leaves_nothing(
    run: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], status: int, complaint: str
) -> None:
    monkeypatch.chdir(run.parent)
    Path("empty").mkdir()
    result = command("render", *arguments, "--out", "film")
    assert result.exit_code == status
    assert complaint in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr
    assert not Path("film").exists()

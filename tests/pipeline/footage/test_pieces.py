"""Recordings in several pieces, folders of pictures, and how their times are found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.errors import CamerasError, FootageError
from pipeline.footage.cameras import cameras_from_arguments
from pipeline.footage.fingerprint import fingerprint
from pipeline.footage.reader import Frame, FrameReader, probe
from pipeline.footage.recording import Recording, Timing, find_recording
from tests.footage import number_in, numbered_frame, write_video

RATE = 25


def write_pieces(
    folder: Path, names: Sequence[str], starts: Sequence[float] = (), created: Sequence[str] = ()
) -> Recording:
    """Write pieces of 50 frames, which go on counting from piece to piece."""
    folder.mkdir()
    for place, name in enumerate(names):
        write_video(
            folder / name,
            range(50 * place, 50 * place + 50),
            start=starts[place] if starts else 0.0,
            metadata={"creation_time": created[place]} if created else {},
        )
    return find_recording(folder)


def read(
    recording: Recording,
    *,
    stride: int = 1,
    start: float | None = None,
    end: float | None = None,
    first: int = 0,
) -> tuple[list[Frame], FrameReader]:
    with FrameReader(recording, stride=stride, start=start, end=end, first=first) as reader:
        return list(reader), reader


def seen(frames: list[Frame]) -> list[int | None]:
    return [number_in(frame.pixels) for frame in frames]


def numbers(frames: list[Frame]) -> list[int]:
    return [frame.number for frame in frames]


def test_files_that_tell_no_times_follow_each_other(tmp_path: Path) -> None:
    frames, reader = read(write_pieces(tmp_path / "gate", ["gate9.mp4", "gate10.mp4", "gate11.mkv"]))
    assert seen(frames) == numbers(frames) == list(range(150))
    assert [frame.seconds for frame in frames] == pytest.approx([n / RATE for n in range(150)], abs=2e-3)
    assert reader.expected == 150 and not reader.truncated
    assert len(reader.notes) == 1
    assert "3 files are one recording; they are placed end to end" in reader.notes[0]


@pytest.mark.parametrize(
    ("names", "starts", "created", "gap", "found"),
    [
        pytest.param(["a.ts", "b.ts"], [10, 12], [], 0, "own clocks", id="clock-goes-on"),
        pytest.param(["a.ts", "b.ts"], [10, 15.4], [], 3.4, "own clocks", id="clock-goes-on-after-a-gap"),
        pytest.param(
            ["a.mp4", "b.mp4"],
            [],
            ["2026-11-22T08:00:00Z", "2026-11-22T08:01:00Z"],
            58,
            "metadata",
            id="metadata",
        ),
        pytest.param(
            ["a.mkv", "b.mkv"],
            [],
            ["2026-11-22T08:00:00Z", "2026-11-22T08:00:03Z"],
            0,
            "metadata",
            id="a-second-is-none",
        ),
        pytest.param(
            ["x_20261122_075958.mp4", "x_20261122_080010.mp4"],
            [],
            ["2026-11-22T08:00:00Z"] * 2,
            10,
            "names",
            id="names",
        ),
        pytest.param(
            ["2026-12-31T23-59-58.mp4", "2027-01-01T00-00-10.mp4"], [], [], 10, "names", id="new-year"
        ),
        pytest.param(
            ["20261122080010_a.mp4", "20261122080010_b.mp4"], [], [], 0, "end to end", id="names-contradict"
        ),
    ],
)
def test_gaps_between_pieces_are_kept_and_told(
    tmp_path: Path, names: list[str], starts: list[float], created: list[str], gap: float, found: str
) -> None:
    frames, reader = read(write_pieces(tmp_path / "gate", names, starts, created))
    begin = starts[0] if starts else 0
    assert seen(frames) == numbers(frames) == list(range(100))
    expected = [begin + n / RATE + gap * (n >= 50) for n in range(100)]
    assert [frame.seconds for frame in frames] == pytest.approx(expected, abs=2e-3)
    assert found in reader.notes[0]
    assert any("nothing was recorded from" in note for note in reader.notes) == (gap > 0)
    assert not reader.truncated


def test_reading_part_of_the_pieces_yields_the_same_frames(tmp_path: Path) -> None:
    recording = write_pieces(tmp_path / "gate", ["1.mp4", "2.mp4", "3.mp4"])
    frames, _ = read(recording, stride=3, start=1.0, end=5.0)
    assert seen(frames) == numbers(frames) == list(range(25, 125, 3))
    resumed, reader = read(recording, stride=3, start=1.0, end=5.0, first=61)
    assert numbers(resumed) == list(range(61, 125, 3))
    assert reader.expected == len(frames)


def test_a_piece_that_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    recording = write_pieces(tmp_path / "gate", ["2026-11-22_08-00-00.mp4", "2026-11-22_08-00-02.mp4"])
    (tmp_path / "gate/2026-11-22_08-00-04.mp4").write_bytes(b"")  # the recorder lost power
    recording = find_recording(tmp_path / "gate")
    frames, reader = read(recording)
    assert seen(frames) == list(range(100)) and reader.truncated
    assert any("a file was left out" in note and "08-00-04.mp4 is empty" in note for note in reader.notes)
    for path in recording.files:
        path.write_bytes(b"")
    with pytest.raises(FootageError, match="is empty"):
        probe(recording)


def test_pieces_of_another_size_are_scaled_to_the_first(tmp_path: Path) -> None:
    write_video(tmp_path / "1.mp4", range(30))
    write_video(tmp_path / "2.mp4", range(30, 60), size=(320, 192))
    frames, reader = read(find_recording(tmp_path))
    assert seen(frames) == list(range(60))
    assert {frame.pixels.shape for frame in frames} == {(96, 160, 3)}
    assert frames[-1].scale == (0.5, 0.5)
    assert any("changes from 160 x 96 to 320 x 192 pixels at frame 30" in note for note in reader.notes)


def test_dates_in_names_decide_the_order(tmp_path: Path) -> None:
    for name in ("b_20261122_080000.mp4", "a_20261122_080010.mp4", "c_20261121_080000.mp4"):
        (tmp_path / name).touch()
    assert [path.name[0] for path in find_recording(tmp_path).files] == ["c", "b", "a"]


def test_a_folder_gives_its_videos_and_a_pattern_what_matches(tmp_path: Path) -> None:
    for name in ("b10.mp4", "b9.MP4", ".b1.mp4", "Thumbs.db", "notes.txt", "sub/c.mp4"):
        path = tmp_path / "gate" / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (tmp_path / "odd[1].mp4").touch()
    folder = tmp_path / "gate"
    assert [path.name for path in find_recording(folder).files] == ["b9.MP4", "b10.mp4"]
    assert [path.name for path in find_recording(folder / "**/*.mp4").files] == ["b10.mp4", "c.mp4"]
    assert find_recording(tmp_path / "odd[1].mp4").files == (tmp_path / "odd[1].mp4",)
    assert [camera.name for camera in cameras_from_arguments([str(folder)]).cameras] == ["gate"]
    assert [camera.name for camera in cameras_from_arguments([f"{folder}/*.mp4"]).cameras] == ["gate"]


def test_what_names_nothing_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "gate.mp4").touch()
    (tmp_path / "folders" / "day").mkdir(parents=True)
    asked = ["gte.mp4", "nothing-like-it.mkv", "no*.mp4", "folders"]
    cameras = cameras_from_arguments([f"c{n}={tmp_path / name}" for n, name in enumerate(asked)])
    with pytest.raises(CamerasError) as refused:
        cameras.check_files()
    said = str(refused.value).split("; ")
    assert said[0] == f"{tmp_path}/gte.mp4 does not exist (is it {tmp_path}/gate.mp4?)"
    assert said[1] == f"{tmp_path}/nothing-like-it.mkv does not exist"
    assert said[2] == f"no file matches {tmp_path}/no*.mp4"
    assert "folders holds no video and no picture itself" in said[3]


def write_pictures(folder: Path, names: Sequence[str]) -> Path:
    folder.mkdir(parents=True)
    for number, name in enumerate(names):
        cv2.imwrite(str(folder / name), cv2.cvtColor(numbered_frame(number), cv2.COLOR_RGB2BGR))
    return folder


def test_numbered_pictures_are_a_recording_with_the_rate_of_seqinfo(tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "MOT17-02/img1", [f"{n + 1:06d}.png" for n in range(100)])
    (folder / "000031.png").unlink()
    (folder / "000050.png").write_bytes(b"")
    with pytest.raises(FootageError, match="without a frame rate; write `fps` into a cameras file"):
        probe(find_recording(folder))
    (folder.parent / "seqinfo.ini").write_text("[Sequence]\nname=MOT17-02\nframeRate=30\n")
    frames, reader = read(find_recording(folder))
    left = [n for n in range(100) if n not in (30, 49)]
    assert seen(frames) == numbers(frames) == left
    assert [frame.seconds for frame in frames] == pytest.approx([n / 30 for n in left])
    assert reader.truncated and any("frames 30, 49 could not be decoded" in note for note in reader.notes)


def test_pictures_without_numbers_count_from_0(tmp_path: Path) -> None:
    names = [f"cam_2026{place:02d}01_{letter}.jpg" for place, letter in enumerate("abcde")]
    frames, reader = read(find_recording(write_pictures(tmp_path / "pictures", names), Timing(fps=2)))
    assert numbers(frames) == list(range(5)) and not reader.truncated
    assert [frame.seconds for frame in frames] == [0, 0.5, 1, 1.5, 2]


def test_a_rate_and_a_start_change_the_clock(tmp_path: Path) -> None:
    write_video(tmp_path / "a.ts", range(50), start=95)
    drifting = Recording((tmp_path / "a.ts",), Timing(rate=1.01))
    frames, _ = read(drifting)
    assert [frame.seconds for frame in frames] == pytest.approx([1.01 * (95 + n / RATE) for n in range(50)])
    frames, _ = read(Recording((tmp_path / "a.ts",), Timing(rate=1.01, from_first_frame=True)), start=1.0)
    assert frames[0].number == 25
    assert frames[0].seconds == pytest.approx(1.01)


CAMERAS = """
[[camera]]
name = "gate"
file = ["c1_a.mp4", "c1_b.mp4"]
start = {gate}
rate = 1.005
[[camera]]
name = "yard"
file = "yard"
fps = 5
start = {yard}
"""


def test_the_cameras_file_names_pieces_starts_and_rates(tmp_path: Path) -> None:
    file = tmp_path / "cameras.toml"
    file.write_text(CAMERAS.format(gate="2026-11-22T08:00:30", yard="2026-11-22T08:00:00"))
    cameras = cameras_from_arguments([], cameras_file=file)
    gate, yard = cameras["gate"], cameras["yard"]
    assert gate.recording.files == (tmp_path / "c1_a.mp4", tmp_path / "c1_b.mp4")
    assert (gate.offset, gate.offset_known, gate.recording.timing) == (30.0, True, Timing(None, 1.005, True))
    assert (yard.offset, yard.offset_known, yard.recording.timing) == (0.0, True, Timing(5.0, 1.0, True))
    moved = cameras_from_arguments(["yard=b.mp4"], cameras_file=file)["yard"]
    assert moved.recording == Recording((Path("b.mp4"),), Timing(5.0, 1.0, True))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param(CAMERAS.format(gate="2026-11-22T08:00:00Z", yard="2026-11-22T08:00:00"), "time zone", id="zones"),
        pytest.param(CAMERAS.format(gate="2026-11-22T08:00:00", yard="7\noffset = 1"), "start: expected", id="number"),
        pytest.param("[[camera]]\nname='a'\nfile='b'\nstart=2026-11-22T08:00:00\noffset=1", "start and offset", id="both"),
        pytest.param("[[camera]]\nname='a'\nfile=[]", "length >= 1", id="no-piece"),
        pytest.param("[[camera]]\nname='a'\nfile=['b', '']", "'' is no path", id="no-path"),
        pytest.param("[[camera]]\nname='a'\nfile=['b', './b']", "given twice", id="a-piece-twice"),
        pytest.param("[[camera]]\nname='a'\nfile='b'\nrate=0", "rate: expected", id="no-rate"),
    ],
)  # fmt: skip
def test_contradicting_cameras_are_refused(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "cameras.toml"
    file.write_text(text)
    with pytest.raises(CamerasError) as refused:
        cameras_from_arguments([], cameras_file=file)
    assert complaint in str(refused.value)


def test_the_fingerprint_knows_the_order_of_pieces(tmp_path: Path) -> None:
    paths = [tmp_path / "1.mp4", tmp_path / "2.mp4"]
    for number, path in enumerate(paths):
        path.write_bytes(np.random.default_rng(number).bytes(300_000))
    assert fingerprint(paths) not in (None, fingerprint(paths[::-1]), fingerprint(paths[:1]))

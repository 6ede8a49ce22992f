"""Reading of every kind of video file: frames and times are right, or an error says what is wrong."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.errors import FootageError
from pipeline.footage.reader import Frame, FrameReader, probe
from tests.footage import number_in, write_resized, write_sound, write_video

UNEVEN = np.cumsum(np.random.default_rng(0).integers(1, 9, 60) * 0.01).tolist()
OPEN = {"x264-params": "open-gop=1"}
OPEN_HEVC = {"x265-params": "log-level=none:open-gop=1:keyint=12:min-keyint=12"}
PIECEMEAL = {"x264-params": "intra-refresh=1"}
HIDDEN = {"auto-alt-ref": "1", "lag-in-frames": "16"}
MUTANTS = 500 if os.environ.get("HYPOTHESIS_PROFILE") == "soak" else 50
"""Mutants of each container; `make soak` tries more."""
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov"}


def read(
    path: Path, *, stride: int = 1, start: float | None = None, end: float | None = None, first: int = 0
) -> list[Frame]:
    with FrameReader(path, stride=stride, start=start, end=end, first=first) as reader:
        return list(reader)


def numbers(frames: list[Frame]) -> list[int]:
    return [frame.number for frame in frames]


def seen(frames: list[Frame]) -> list[int | None]:
    return [number_in(frame.pixels) for frame in frames]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("plain") / "plain.mp4", range(100))


@pytest.mark.parametrize(
    ("name", "write", "begin"),
    [
        pytest.param("a.mp4", write_video, 0, id="h264"),
        pytest.param("a.mp4", lambda p: write_video(p, codec="libx265"), 0, id="hevc"),
        pytest.param("a.mp4", lambda p: write_video(p, pixel_format="yuv420p10le"), 0, id="ten-bit"),
        pytest.param("a.mp4", lambda p: write_video(p, codec="libsvtav1"), 0, id="av1"),
        pytest.param("a.webm", lambda p: write_video(p, codec="libvpx-vp9", options=HIDDEN), 0, id="vp9"),
        pytest.param("a.webm", lambda p: write_video(p, codec="libvpx", options=HIDDEN), 0, id="vp8"),
        pytest.param("a.mkv", write_video, 0, id="matroska"),
        pytest.param("a.mp4", lambda p: write_video(p, start=10), 10, id="starts-late"),
        pytest.param("a.mkv", lambda p: write_video(p, start=10), 10, id="matroska-starts-late"),
        pytest.param("a.mp4", lambda p: write_video(p, container_options=FRAGMENTED), 0.08, id="fragmented"),
        pytest.param("a.ts", lambda p: write_video(p, start=37), 37, id="mpeg-ts-from-37-s"),
        pytest.param("a.ts", lambda p: write_video(p, codec="mpeg2video", start=37), 37, id="mpeg-2"),
        pytest.param("a.avi", lambda p: write_video(p, codec="mpeg4"), 0.04, id="avi-mpeg4-b-frames"),
        pytest.param("a.avi", write_video, 0.04, id="avi-h264-b-frames"),
        pytest.param(
            "a.avi",
            lambda p: write_video(p, codec="mjpeg", bframes=0, pixel_format="yuvj420p"),
            0,
            id="all-keyframes",
        ),
        pytest.param("a.ts", lambda p: write_video(p, options=OPEN, start=37), 37, id="open-groups"),
        pytest.param(
            "a.mp4", lambda p: write_video(p, codec="libx265", options=OPEN_HEVC), 0, id="open-groups-hevc"
        ),
        pytest.param(
            "a.ts", lambda p: write_video(p, options=PIECEMEAL, start=37), 37, id="refreshed-piecemeal"
        ),
    ],
)
def test_every_frame_is_returned_once_with_its_time(
    tmp_path: Path, name: str, write: Callable[[Path], Path], begin: float
) -> None:
    path = write(tmp_path / name)
    with FrameReader(path) as reader:
        frames = list(reader)
    assert seen(frames) == numbers(frames) == list(range(60))
    assert reader.expected == reader.total == shown_packets(path) == 60
    assert not reader.truncated
    assert [frame.seconds for frame in frames] == pytest.approx([begin + i / 25 for i in range(60)], abs=1e-9)
    some = read(path, stride=3, start=begin + 25 / 25 - 0.01)
    assert seen(some) == numbers(some) == list(range(25, 60, 3))
    some = read(path, stride=7, first=13)
    assert seen(some) == numbers(some) == list(range(14, 60, 7))


def shown_packets(path: Path) -> int:
    """Count a recording's packets with PyAV; a hidden packet of VP8 or VP9 shows no frame."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        if container.streams.video[0].codec.canonical_name == "vp8":
            packets = [packet for packet in packets if bytes(packet)[0] >> 4 & 1]
        return len(packets)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_uneven_frame_times_are_kept(tmp_path: Path, name: str) -> None:
    frames = read(write_video(tmp_path / name, times=UNEVEN))
    assert seen(frames) == list(range(60))
    assert [frame.seconds for frame in frames] == pytest.approx(UNEVEN, abs=1e-9)


def test_segments_of_every_kind_join_without_a_seam(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.ts", range(300), options=OPEN, start=37)
    assert seen(read(path)) == list(range(300))


def test_frames_hidden_by_an_edit_list_stay_hidden(tmp_path: Path) -> None:
    frames = read(write_video(tmp_path / "cut.mp4", gop=25, skip=13 / 25))
    assert seen(frames) == list(range(13, 60))
    assert numbers(frames) == list(range(47))
    assert [frame.seconds for frame in frames] == pytest.approx([i / 25 for i in range(47)], abs=1e-9)


@pytest.mark.parametrize(("rotation", "turns"), [(90, 1), (180, 2), (-90, 3)])
def test_rotated_footage_is_returned_upright(tmp_path: Path, rotation: int, turns: int) -> None:
    path = write_video(tmp_path / "a.mp4", range(20), rotation=rotation)
    stored = read(write_video(tmp_path / "b.mp4", range(20)))
    footage, frames = probe(path), read(path)
    assert {frame.pixels.shape for frame in frames} == {(footage.height, footage.width, 3)}
    for frame, other in zip(frames, stored, strict=True):
        np.testing.assert_array_equal(frame.pixels, np.rot90(other.pixels, turns))


def test_frames_are_scaled_to_the_first_size_if_it_changes_midway(tmp_path: Path) -> None:
    with FrameReader(write_resized(tmp_path / "a.ts", [(160, 96), (240, 144)])) as reader:
        frames = list(reader)
    assert seen(frames) == list(range(72))
    assert {frame.pixels.shape for frame in frames} == {(96, 160, 3)}
    assert [frame.scale for frame in frames] == [(1, 1)] * 36 + [(2 / 3, 2 / 3)] * 36
    note = "the picture changes from 160 x 96 to 240 x 144 pixels at frame 36; it is scaled to the first size"
    assert note in reader.notes
    assert not reader.truncated


def test_pixels_are_contiguous_and_not_shared(plain: Path) -> None:
    with FrameReader(plain, ahead=2) as reader:
        frames = list(reader)
    assert all(frame.pixels.flags.c_contiguous and frame.pixels.flags.owndata for frame in frames)
    assert seen(frames) == list(range(100))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        pytest.param("a.mkv", {}, id="matroska"),
        pytest.param("a.mp4", {"movflags": "faststart"}, id="index-in-front"),
        pytest.param("a.mp4", FRAGMENTED, id="fragmented"),
        pytest.param("a.ts", {}, id="mpeg-ts"),
    ],
)
def test_a_cut_off_file_yields_its_beginning_and_is_reported(
    tmp_path: Path, name: str, options: dict[str, str]
) -> None:
    path = write_video(tmp_path / name, range(100), container_options=options)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with FrameReader(path) as reader:
        frames = list(reader)
    assert 20 < len(frames) < 90
    assert seen(frames) == [round((frame.seconds - frames[0].seconds) * 25) for frame in frames]
    assert reader.truncated
    assert reader.notes


def blank(sound: bytes, at: int) -> bytes:
    return sound[:at] + bytes(200) + sound[at + 200 :]


def lose_packets(sound: bytes, at: int) -> bytes:
    at -= at % 188
    return sound[:at] + sound[at + 3 * 188 :]


@pytest.mark.parametrize(("name", "damage"), [("a.mp4", blank), ("a.mkv", blank), ("a.ts", lose_packets)])
def test_a_damaged_file_yields_only_correct_frames_and_is_reported(
    tmp_path: Path, name: str, damage: Callable[[bytes, int], bytes]
) -> None:
    path = write_video(tmp_path / name)
    whole = {frame.seconds: frame.pixels for frame in read(path)}
    sound = path.read_bytes()
    for seed in range(4):
        path.write_bytes(damage(sound, random.Random(seed).randrange(1000, len(sound) * 3 // 5)))
        with FrameReader(path) as reader:
            frames = list(reader)
        assert 0 < len(frames) < 60
        assert reader.truncated
        for frame in frames:
            np.testing.assert_array_equal(frame.pixels, whole[frame.seconds])


@pytest.mark.parametrize(
    ("name", "write", "reason"),
    [
        pytest.param("a.mp4", lambda _: None, "does not exist", id="missing"),
        pytest.param("a.mp4", lambda p: p.mkdir(), "holds no video and no picture", id="an-empty-folder"),
        pytest.param("a.mp4", lambda p: p.write_bytes(b""), "empty", id="zero-bytes"),
        pytest.param("a.mp4", lambda p: p.write_text("no video\n" * 99), "not a video file", id="text"),
        pytest.param(
            "a.mp4", lambda p: p.write_bytes(write_video(p).read_bytes()[:4000]), "index", id="no-moov"
        ),
        pytest.param("a.mp4", write_sound, "no video stream, only audio", id="sound-only"),
        pytest.param("a.h264", write_video, "no presentation times", id="no-times"),
    ],
)
def test_an_unreadable_file_is_refused_in_one_line(
    tmp_path: Path, name: str, write: Callable[[Path], object], reason: str
) -> None:
    write(tmp_path / name)
    with pytest.raises(FootageError, match=reason) as error:
        probe(tmp_path / name)
    assert str(tmp_path / name) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("bframes", [0, 2])
@pytest.mark.parametrize(
    ("step", "notes"),
    [
        pytest.param(0.0, (), id="without-a-gap"),
        pytest.param(-0.2, ("back by 0.20 s at 21.96 s",), id="by-less-than-the-reordering"),
        pytest.param(-1.0, ("back by 1.00 s at 21.96 s",), id="by-a-second"),
        pytest.param(-10.0, ("back by 10.00 s at 21.96 s",), id="by-ten-seconds"),
        pytest.param(50_000.0, ("forward by 50000.00 s at 21.96 s",), id="by-hours"),
    ],
)
def test_joined_recordings_lose_no_frame_and_a_jump_of_the_clock_is_told(
    tmp_path: Path, step: float, bframes: int, notes: tuple[str, ...]
) -> None:
    first = write_video(tmp_path / "a.ts", range(50), start=20, bframes=bframes)
    second = write_video(tmp_path / "b.ts", range(50, 100), start=22 + step, bframes=bframes)
    first.write_bytes(first.read_bytes() + second.read_bytes())
    with FrameReader(first) as reader:
        frames = list(reader)
    assert seen(frames) == numbers(frames) == list(range(100))
    assert [frame.seconds for frame in frames] == pytest.approx([20 + i / 25 for i in range(100)], abs=1e-6)
    assert not reader.truncated
    assert len(reader.notes) == len(notes)
    assert all(f"its clock jumps {text}" in note for text, note in zip(notes, reader.notes, strict=True))


def test_frames_with_the_time_of_the_frame_before_are_kept_and_told(tmp_path: Path) -> None:
    times = [(i - 1 if i % 10 == 5 else i) / 25 for i in range(60)]
    with FrameReader(write_video(tmp_path / "a.mkv", times=times, bframes=0)) as reader:
        frames = list(reader)
    assert seen(frames) == numbers(frames) == list(range(60))
    assert [frame.seconds for frame in frames] == pytest.approx([i / 25 for i in range(60)], abs=0.041)
    assert np.diff([frame.seconds for frame in frames]).min() > 0
    assert [note.split(";")[0] for note in reader.notes] == [
        "6 frames bear the time of the frame before, first near 0.16 s"
    ]


def test_a_hole_in_the_frames_is_named_with_its_stretch(tmp_path: Path) -> None:
    times = [i / 25 + (1.0 if i >= 40 else 0.0) for i in range(60)]
    with FrameReader(write_video(tmp_path / "a.mkv", times=times)) as reader:
        assert len(list(reader)) == 60
    assert reader.truncated
    assert reader.notes == ("frames are missing from 1.56 to 2.60 s",)


def test_a_clock_that_begins_a_day_late_begins_at_the_first_frame(tmp_path: Path) -> None:
    with FrameReader(write_video(tmp_path / "a.mkv", start=90_000)) as reader:
        frames = list(reader)
    assert (frames[0].seconds, len(frames)) == (0.0, 60)
    assert reader.notes == ("its clock begins at 90000.00 s; 90000.00 s are subtracted",)


def mutant(sound: bytes, rng: random.Random) -> bytes:
    """Damage a file in one of the ways in which disks, networks and copying do."""
    place, size = rng.randrange(len(sound)), rng.randrange(1, 2000)
    flipped = bytes([sound[place] ^ 1 << rng.randrange(8)])
    return rng.choice(
        [
            sound[:place] + flipped + sound[place + 1 :],
            sound[: place % 1000] + flipped + sound[place % 1000 + 1 :],
            sound[:place] + rng.randbytes(32) + sound[place + 32 :],
            sound[:place] + bytes(size) + sound[place + size :],
            sound[:place] + sound[place + size :],
            sound[:place] + rng.randbytes(size) + sound[place:],
            sound[: max(place, len(sound) // 4)],
        ]
    )


def count_packets(path: Path) -> int:
    """Count the video packets that PyAV reads and that the container does not discard."""
    with av.open(str(path), metadata_errors="replace") as container:
        packets = (packet for packet in container.demux(container.streams.video[0]) if packet.size)
        count = 0
        with contextlib.suppress(av.FFmpegError):
            for packet in packets:
                count += not packet.is_discard
        return count


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.ts"])
def test_no_mutant_of_a_recording_is_short_without_a_word(tmp_path: Path, name: str) -> None:
    path = write_video(tmp_path / name, range(36))
    sound = path.read_bytes()
    for seed in range(MUTANTS):
        path.write_bytes(mutant(sound, random.Random(f"{name} {seed}")))
        try:
            with FrameReader(path) as reader:
                frames = list(reader)
        except FootageError as error:
            assert "stopped" not in str(error), seed  # the decoder process ended
            continue
        assert reader.truncated or len(frames) == count_packets(path), seed
        assert (np.diff([frame.seconds for frame in frames]) > 0).all(), seed


@pytest.mark.parametrize("first", [1, 17, 64, 99, 100])
def test_resuming_gives_the_rest_of_a_whole_reading(plain: Path, first: int) -> None:
    whole = read(plain, stride=3, start=0.2, end=3.8)
    rest = read(plain, stride=3, start=0.2, end=3.8, first=first)
    assert numbers(rest) == [number for number in numbers(whole) if number >= first]
    for ours, theirs in zip(reversed(rest), reversed(whole), strict=False):
        np.testing.assert_array_equal(ours.pixels, theirs.pixels)


def test_start_end_and_stride_choose_by_the_files_own_clock(plain: Path) -> None:
    frames = read(plain, stride=10, start=0.2, end=3.4)
    assert seen(frames) == numbers(frames) == [5, 15, 25, 35, 45, 55, 65, 75]


def test_nothing_between_start_and_end_is_no_error(plain: Path) -> None:
    assert read(plain, start=1000) == []


def test_probe_returns_size_and_rate(tmp_path: Path) -> None:
    footage = probe(write_video(tmp_path / "a.mp4", start=10))
    assert (footage.width, footage.height, footage.fps) == (160, 96, 25.0)


def test_the_decoder_loads_decord_and_never_torch(plain: Path) -> None:
    with FrameReader(plain, ahead=2) as reader:
        next(reader)
        maps = Path(f"/proc/{reader.process}/maps")
        if not maps.exists():
            pytest.skip("this system does not list the libraries of a process")
        loaded = maps.read_text()
    assert "libdecord" in loaded
    assert "libtorch" not in loaded


def test_a_killed_decoder_costs_no_frames(plain: Path) -> None:
    with FrameReader(plain, ahead=2) as reader:
        frames = list(islice(reader, 20))
        assert reader.process is not None
        os.kill(reader.process, signal.SIGKILL)
        frames += reader
    assert seen(frames) == numbers(frames) == list(range(100))
    assert not reader.truncated
    assert "stopped unexpectedly in frames 0-" in reader.notes[0]


def test_a_decoder_that_hangs_is_replaced(plain: Path) -> None:
    with FrameReader(plain, ahead=2, stall_timeout=5) as reader:
        frames = list(islice(reader, 70))
        assert reader.process is not None
        os.kill(reader.process, signal.SIGSTOP)
        frames += reader
    assert seen(frames) == list(range(100))
    assert "made no progress" in reader.notes[0]


def test_interrupting_the_reader_ends_the_decoder(plain: Path) -> None:
    with pytest.raises(KeyboardInterrupt), FrameReader(plain) as reader:
        next(reader)
        process = reader.process
        raise KeyboardInterrupt
    assert process is not None
    assert not alive(process)


def test_killing_the_program_ends_the_decoder(plain: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from pipeline.footage.reader import FrameReader\n"
        "reader = FrameReader(Path(sys.argv[1])); next(reader)\n"
        "print(reader.process, flush=True); time.sleep(60)"
    )
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", script, plain], stdout=subprocess.PIPE, text=True, cwd=root
    ) as program:
        assert program.stdout is not None
        decoder = int(program.stdout.readline())
        assert alive(decoder)
        program.kill()
    deadline = time.monotonic() + 30
    while alive(decoder) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(decoder)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True

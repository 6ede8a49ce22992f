"""Frames: pictures are read whole or refused by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from detectors.yolo import import_ultralytics
from reid.data.frames import FrameChoice, read_ahead, read_frames, read_image, resize_image
from reid.data.records import LabelledTracklet
from reid.errors import DatasetError


@pytest.fixture
def tracklet(tmp_path: Path) -> LabelledTracklet:
    """Three pictures, each of one colour."""
    paths = []
    for number, colour in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255)]):
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (20, 40), colour).save(path)
        paths.append(str(path))
    return LabelledTracklet(tuple(paths), "7", "1")


@pytest.mark.parametrize("ending", ["jpg", "png", "bmp"])
def test_pictures_come_as_red_green_blue(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"picture.{ending}"
    Image.new("RGB", (6, 4), (200, 30, 90)).save(path)
    pixels = read_image(str(path))
    assert pixels.shape == (4, 6, 3)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - (200, 30, 90)).max() <= 3


def test_a_grey_picture_has_three_channels(tmp_path: Path) -> None:
    Image.new("L", (6, 4), 77).save(tmp_path / "grey.png")
    assert (read_image(str(tmp_path / "grey.png")) == 77).all()


def test_sixteen_bits_of_grey_become_eight(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 6), 77 * 256, np.uint16)).save(tmp_path / "deep.png")
    assert (read_image(str(tmp_path / "deep.png")) == 77).all()


def test_a_picture_is_turned_as_its_camera_says(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # to be turned clockwise by 90 degrees
    Image.new("RGB", (6, 4)).save(tmp_path / "lying.jpg", exif=turned)
    assert read_image(str(tmp_path / "lying.jpg")).shape == (6, 4, 3)


@pytest.mark.parametrize("ending", ["jpg", "png"])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_a_picture_cut_short_is_refused_by_name(tmp_path: Path, ending: str, share: float) -> None:
    path = tmp_path / f"picture.{ending}"
    noise = np.random.default_rng(0).integers(0, 256, (64, 32, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(DatasetError, match=f"picture.{ending}: damaged"):
        read_image(str(path))


def test_a_picture_of_nothing_is_refused_beside_ultralytics_too(tmp_path: Path) -> None:
    """It replaces Pillow's way of opening pictures by one that wants further packages."""
    import_ultralytics()
    (tmp_path / "no.jpg").write_bytes(b"no picture")
    with pytest.raises(DatasetError, match=r"no\.jpg: damaged"):
        read_image(str(tmp_path / "no.jpg"))


def test_a_missing_picture_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"gone\.jpg: this image is missing"):
        read_image(str(tmp_path / "gone.jpg"))


def test_frames_come_in_the_order_asked_for_at_the_size_asked_for(tracklet: LabelledTracklet) -> None:
    frames = read_frames(tracklet, [2, 0, 0], (30, 10))
    assert frames.shape == (3, 30, 10, 3)
    assert frames[:, 15, 5].tolist() == [[0, 0, 255], [255, 0, 0], [255, 0, 0]]


def test_shrinking_averages_what_it_merges() -> None:
    stripes = np.zeros((64, 32, 3), np.uint8)
    stripes[::2] = 200
    assert (resize_image(stripes, (32, 16)) == 100).all()


@pytest.mark.parametrize("workers", [0, 2])
def test_reading_ahead_keeps_the_order(tracklet: LabelledTracklet, workers: int) -> None:
    batches = [[FrameChoice(0, (0,)), FrameChoice(0, (1,))], [FrameChoice(0, (2,))], [FrameChoice(0, (1,))]]
    read = list(read_ahead([tracklet], batches, (8, 4), workers=workers))
    assert [tuple(batch.shape) for batch in read] == [(2, 1, 8, 4, 3), (1, 1, 8, 4, 3), (1, 1, 8, 4, 3)]
    assert [batch[0, 0, 4, 2].argmax().item() for batch in read] == [0, 2, 1]


def test_reading_ahead_ends_after_opencv_has_used_threads(tracklet: LabelledTracklet) -> None:
    program = """
import sys, time, cv2, numpy as np
from reid.data.frames import FrameChoice, read_ahead
from reid.data.records import LabelledTracklet
cv2.setNumThreads(4)
cv2.GaussianBlur(np.zeros((2000, 2000, 3), np.uint8), (9, 9), 0)
time.sleep(0.5)  # until its threads sleep
tracklet = LabelledTracklet(tuple(sys.argv[1:]), "7", "1")
print(len(list(read_ahead([tracklet], [[FrameChoice(0, (0,))]] * 3, (8, 4), workers=2))))
"""
    ran = subprocess.run(
        [sys.executable, "-c", program, *tracklet.images],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.stdout == "3\n", ran.stderr


@pytest.mark.parametrize("workers", [0, 1])
def test_a_damaged_picture_stops_reading_in_one_sentence(tracklet: LabelledTracklet, workers: int) -> None:
    Path(tracklet.images[1]).write_bytes(b"no picture")
    with pytest.raises(DatasetError, match=r"1\.png: damaged or not an image"):
        list(read_ahead([tracklet], [[FrameChoice(0, (1,))]], (8, 4), workers=workers))

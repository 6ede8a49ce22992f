from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.boxes import Detections
from detectors.errors import DetectorError, WeightsError
from detectors.yolo import Yolo, import_ultralytics

SHARED = Path(__file__).parents[2].parent / "shared"
REAL = SHARED / "weights" / "yolo11n-requantised.pt"
Frames = list[NDArray[np.uint8]]


@pytest.fixture(scope="module", autouse=True)
def caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with untrained weights of every task, as Ultralytics saves them."""
    folder = tmp_path_factory.mktemp("weights")
    for kind in ("", "-cls", "-obb", "-pose"):
        import_ultralytics().YOLO(f"yolo11n{kind}.yaml").save(str(folder / f"yolo11n{kind}.pt"))
    return folder


@pytest.fixture(scope="module")
def real() -> Yolo:
    if not REAL.exists():
        pytest.skip("the real detector's weights are not on this machine")
    return Yolo(REAL, device="cpu")


def footage(name: str, numbers: list[int]) -> Frames:
    path = SHARED / "footage" / name
    if not path.exists():
        pytest.skip(f"the clip {name} is not on this machine")
    capture, frames = cv2.VideoCapture(str(path)), []
    for number in numbers:
        capture.set(cv2.CAP_PROP_POS_FRAMES, number)
        frames.append(capture.read()[1][..., ::-1].astype(np.uint8))
    return frames


def as_bytes(found: list[Detections]) -> list[bytes]:
    return [one.boxes.tobytes() + one.scores.tobytes() + one.classes.tobytes() for one in found]


def test_people_are_found_where_they_walk_and_nobody_where_nobody_is(real: Yolo) -> None:
    empty, *walking = real.detect(footage("one-by-one-person.mp4", [0, 100, 180]), [0, 100, 180])
    assert len(empty) == 0
    for found in walking:
        assert found.classes.tolist() == ["person"]
        assert found.scores[0] > 0.7
        x0, y0, x1, y1 = found.boxes[0]
        assert 0 <= x0 < x1 <= 768
        assert 0 <= y0 < y1 <= 432
        assert y1 - y0 > x1 - x0


def test_a_car_is_found_on_the_road(real: Yolo) -> None:
    (found,) = real.detect(footage("car-detection.mp4", [345]), [345])
    assert found.classes[0] == "car"
    assert found.boxes[0] == pytest.approx([112, 348, 296, 428], abs=8)


def test_frames_are_rgb_and_seen_as_ultralytics_sees_the_picture_in_a_file(
    real: Yolo, tmp_path: Path
) -> None:
    (frame,) = footage("one-by-one-person.mp4", [100])
    picture = np.ascontiguousarray(frame * np.array([1, 0.4, 0.1]), np.uint8)
    cv2.imwrite(str(tmp_path / "frame.png"), picture[..., ::-1])
    (theirs,) = (
        import_ultralytics()
        .YOLO(str(REAL))
        .predict(tmp_path / "frame.png", imgsz=768, conf=0.1, classes=[0], device="cpu", save=False)
    )
    (ours,) = real.detect([picture], [0])  # 768 pixels wide: looked at in its own size
    assert len(ours) > 0
    assert ours.boxes.tolist() == theirs.boxes.xyxy.tolist()
    assert ours.scores.tolist() == theirs.boxes.conf.tolist()


def test_the_same_batch_gives_the_same_bytes(real: Yolo) -> None:
    frames = footage("one-by-one-person.mp4", [80, 100, 120])
    assert as_bytes(real.detect(frames, [0, 1, 2])) == as_bytes(real.detect(frames, [0, 1, 2]))


def test_a_frame_of_another_size_does_not_change_what_its_neighbours_show(real: Yolo) -> None:
    small, large = footage("one-by-one-person.mp4", [100, 180])
    large = np.ascontiguousarray(cv2.resize(large, (900, 900)), np.uint8)
    together = real.detect([small, large], [0, 1])
    assert as_bytes(together) == as_bytes(real.detect([small], [0]) + real.detect([large], [1]))
    assert all(len(found) for found in together)


def test_a_batch_changes_boxes_by_less_than_a_thousandth_of_a_pixel(real: Yolo) -> None:
    frames = footage("one-by-one-person.mp4", [80, 100, 120])
    for batched, frame in zip(real.detect(frames, [0, 1, 2]), frames, strict=True):
        (alone,) = real.detect([frame], [0])
        assert batched.boxes == pytest.approx(alone.boxes, abs=1e-3)
        assert batched.scores == pytest.approx(alone.scores, abs=1e-5)


def test_no_frames_give_no_detections_and_a_black_frame_an_empty_one(made: Path) -> None:
    detector = Yolo(made / "yolo11n.pt", device="cpu", conf=0.9)
    assert detector.detect([], []) == []
    (found,) = detector.detect([np.zeros((64, 96, 3), np.uint8)], [0])
    assert len(found) == 0


def test_weights_that_also_give_poses_serve_for_their_boxes(made: Path) -> None:
    detector = Yolo(made / "yolo11n-pose.pt", device="cpu", conf=0.9)
    assert len(detector.detect([np.zeros((64, 64, 3), np.uint8)], [0])) == 1


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        pytest.param("none.pt", None, "no detector weights at .*check the path", id="missing"),
        pytest.param("empty.pt", b"", "is damaged or not an Ultralytics", id="empty"),
        pytest.param("text.pt", b"hello\n", "is damaged or not an Ultralytics", id="text"),
        pytest.param("weights.tflite", b"", r"give one of \*\.pt", id="a-format-nobody-tested"),
        pytest.param("model.yaml", b"nc: 1\n", r"give one of \*\.pt", id="an-architecture-without-weights"),
        pytest.param(
            "weights.engine", b"x", "Python package tensorrt; install it", id="a-runtime-not-installed"
        ),
    ],
)
def test_weights_that_cannot_be_used_are_refused(
    tmp_path: Path, name: str, content: bytes | None, complaint: str
) -> None:
    if name.endswith(".engine") and find_spec("tensorrt"):
        pytest.skip("tensorrt is installed here, so nothing is lacking")
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsError, match=complaint):
        Yolo(tmp_path / name, device="cpu")


def test_cut_off_weights_are_refused(made: Path, tmp_path: Path) -> None:
    (tmp_path / "half.pt").write_bytes((made / "yolo11n.pt").read_bytes()[:500_000])
    with pytest.raises(WeightsError, match="damaged"):
        Yolo(tmp_path / "half.pt", device="cpu")


@pytest.mark.parametrize("kind", ["cls", "obb"])
def test_weights_that_give_no_upright_boxes_are_refused(made: Path, kind: str) -> None:
    with pytest.raises(WeightsError, match="gives no boxes"):
        Yolo(made / f"yolo11n-{kind}.pt", device="cpu")


def test_what_cannot_be_had_is_named(made: Path) -> None:
    weights = made / "yolo11n.pt"
    with pytest.raises(DetectorError, match="no class 'lorry'; they have: 0 0, 1 1"):
        Yolo(weights, device="cpu", classes=["2", 3, "lorry"])
    with pytest.raises(DetectorError, match="the device '77' is not available"):
        Yolo(weights, device="77")
    with pytest.raises(DetectorError, match="half precision needs a GPU"):
        Yolo(weights, device="cpu", half=True)
    with pytest.raises(DetectorError, match="conf=25"):
        Yolo(weights, device="cpu", conf=25)


WATCHED = """
import sys
from pathlib import Path

seen = []

def watch(event, args):
    if event.startswith("socket.") and event != "socket.gethostname":
        seen.append((event, args))
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        seen.append((event, str(args[0])))

sys.addaudithook(watch)
import numpy as np

from detectors.errors import WeightsError
from detectors.yolo import Yolo

good, evil = map(Path, sys.argv[1:3])
Yolo(good, device="cpu").detect([np.zeros((64, 64, 3), np.uint8)], [0])
try:
    Yolo(evil, device="cpu")
except WeightsError:
    seen.append(("refused", ""))
Path(sys.argv[3]).write_text("\\n".join(f"{event} {args}" for event, args in seen))
"""

EVIL = """
import sys
from pathlib import Path

import torch


class Payload:
    def __reduce__(self):
        return (Path.write_text, (Path(sys.argv[2]), "ran"))


torch.save({"model": Payload()}, sys.argv[1])
"""


def test_loading_is_offline_silent_and_runs_no_code_from_a_file(made: Path, tmp_path: Path) -> None:
    evil, ran, log = tmp_path / "evil.pt", tmp_path / "ran", tmp_path / "log"
    subprocess.run([sys.executable, "-c", EVIL, evil, ran], check=True)
    home = {"HOME": str(tmp_path / "home"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, made / "yolo11n.pt", evil, log],
        cwd=Path(__file__).parents[2],
        env={key: value for key, value in os.environ.items() if not key.startswith(("YOLO", "ULTRA"))} | home,
        capture_output=True,
        check=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("", "")
    *events, last = log.read_text().splitlines()
    assert last == "refused "
    assert not ran.exists()
    ours = tmp_path / "cache" / "reid-pipeline"
    assert [event for event in events if not event.startswith((f"open {ours}", "open /dev/null"))] == []
    assert not (tmp_path / "home" / ".config").exists()

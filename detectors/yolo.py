"""Which boxes do Ultralytics weights see in these frames? Only importer of ultralytics."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.boxes import PERSON, VEHICLES, Detections, class_group
from detectors.errors import DetectorError, WeightsError
from detectors.tracker import iou

WANTED = (PERSON, *VEHICLES)
FORMATS = (".pt", ".onnx", ".engine", "_openvino_model")
DAMAGE = (
    *(ArithmeticError, AssertionError, AttributeError, EOFError, ImportError, LookupError),
    *(OSError, RuntimeError, TypeError, ValueError, pickle.UnpicklingError),
)
"""What Ultralytics and its runtimes raise for damaged, foreign and dishonest weights."""
SMALLEST, LARGEST = 640, 960
"""Pixels of the longer side between which frames are looked at in their own size; YOLO was trained at 640."""
STEP = 32
"""Sides that the network sees are multiples of this many pixels."""


def own_size(frame: NDArray[np.uint8]) -> int:
    """Choose the longer side, in pixels, at which a (h, w, 3) frame is looked at.

    >>> own_size(np.zeros((432, 768, 3), np.uint8)), own_size(np.zeros((1080, 1920, 3), np.uint8))
    (768, 960)
    """
    longer: int = max(frame.shape[:2])
    return min(max(-(-longer // STEP) * STEP, SMALLEST), LARGEST)


class Yolo:
    """Finds people and vehicles together, with any Ultralytics detection weights."""

    def __init__(
        self,
        weights: Path,
        *,
        device: str | None = None,
        half: bool = False,
        imgsz: int | None = None,
        conf: float = 0.1,
        iou: float = 0.7,
        classes: Sequence[str | int] | None = None,
    ) -> None:
        """Load the weights and run them once.

        Args:
            weights: a local file (.pt, .onnx, .engine) or folder (*_openvino_model).
            device: as in Ultralytics: "cpu", "0", "cuda:0", "mps"; None takes a GPU if there is one.
            half: compute in 16 bits, on a GPU.
            imgsz: pixels of the longer side that the network sees; None: the frame's own, at least `SMALLEST` and at
                most `LARGEST`, and `SMALLEST` for exported weights, which may know one size alone.
            conf: least confidence of a box. Trackers follow a half-hidden object by boxes of 0.1 to
                0.25 (ByteTrack, Zhang et al. 2022, section 3), so these must not be cut off here.
            iou: boxes of one class group that overlap by more are one object.
            classes: names or numbers; None means people and road vehicles, or every class where the
                weights know neither.

        Raises:
            WeightsError: the weights are missing, damaged, not trusted or give no boxes.
            DetectorError: the device or a class does not exist.
        """
        if (imgsz is not None and imgsz < STEP) or not 0 <= conf <= 1 or not 0 <= iou <= 1:
            raise DetectorError(
                f"imgsz must be at least 32, conf and iou in [0, 1]: {imgsz=}, {conf=}, {iou=}"
            )
        self._model = _load(weights)
        self._one_by_one = weights.suffix != ".pt"  # exported weights may have a fixed batch of 1
        self._iou, self._imgsz = iou, SMALLEST if imgsz is None and self._one_by_one else imgsz
        self._settings: dict[str, object] = {"conf": conf, "iou": iou}
        self._settings["classes"] = class_numbers(self._model.names, classes)
        with _threads_kept():
            self._settings["device"] = _device(device, half)
            if half:
                self._settings["half"] = True
            self._check_boxes(weights)

    def detect(self, frames: Sequence[NDArray[np.uint8]], numbers: Sequence[int]) -> list[Detections]:
        """Find boxes in each of the (h, w, 3) RGB frames; where they come from in the file is no matter.

        Frames of one size make a batch. With a frame of another size among them Ultralytics would pad all
        to squares, and a frame's boxes would depend on its neighbours' size.
        """
        del numbers
        found: list[Detections] = []
        for _, group in groupby(frames, key=np.shape):
            batch = [np.ascontiguousarray(frame[..., ::-1]) for frame in group]  # Ultralytics wants BGR
            for part in [[image] for image in batch] if self._one_by_one else [batch]:
                found += [self._detections(result) for result in self._predict(part)]
        return found

    def left(self, after: int) -> int:
        """Count the boxes known of frames not yet seen: none, for it finds them by looking."""
        del after
        return 0

    def _predict(self, images: list[NDArray[np.uint8]]) -> list[Any]:
        try:
            results: list[Any] = self._model.predict(
                images, imgsz=self._imgsz or own_size(images[0]), save=False, verbose=False, **self._settings
            )
        except RuntimeError as error:  # torch's word for a full or failing device
            reason = str(error).splitlines()[0]
            raise DetectorError(
                f"the detector failed on {len(images)} frames at once ({reason});"
                f" try a smaller batch or image size, or another device"
            ) from error
        return results

    def _check_boxes(self, weights: Path) -> None:
        """Run once, so that weights that cannot work fail here."""
        try:
            (result,) = self._predict([np.zeros((64, 64, 3), np.uint8)])
        except DAMAGE as error:
            raise _unusable(weights, error) from error
        if result.boxes is None:
            raise WeightsError(f"{weights} gives no boxes (its task is {self._model.task!r})")

    def _detections(self, result: Any) -> Detections:
        boxes = result.boxes.xyxy.cpu().numpy().astype(np.float32)  # (n, 4)
        scores = result.boxes.conf.cpu().numpy().astype(np.float32)
        names = [result.names[int(number)] for number in result.boxes.cls.tolist()]
        solid = (boxes[:, :2] < boxes[:, 2:]).all(axis=1)  # at the frame's edge nothing may be left of one
        found = Detections(boxes[solid], scores[solid], np.array(names, np.str_)[solid])
        return found.select(distinct(found, self._iou))


def class_numbers(names: Mapping[int, str], wanted: Sequence[str | int] | None) -> list[int]:
    """Find the numbers of the wanted classes.

    Raises:
        DetectorError: the weights have no such class.

    >>> names = {0: "person", 1: "kite", 2: "car"}
    >>> class_numbers(names, None), class_numbers(names, ["kite", 2]), class_numbers({0: "crane"}, None)
    ([0, 2], [1, 2], [0])
    """
    if wanted is None:
        return [number for number, name in names.items() if name in WANTED] or list(names)
    number_of = {key: number for number, name in names.items() for key in (number, str(number), name)}
    unknown = [key for key in wanted if key not in number_of]
    if unknown:
        known = ", ".join(f"{number} {name}" for number, name in names.items())
        raise DetectorError(f"the detector's weights have no class {unknown[0]!r}; they have: {known}")
    return sorted({number_of[key] for key in wanted})


def distinct(found: Detections, limit: float) -> NDArray[np.intp]:
    """Choose the boxes that stand for different objects: one lorry may be found as truck and as bus.

    Args:
        found: n boxes by falling score, as Ultralytics gives them.
        limit: largest intersection over union of two objects of one class group.

    Returns:
        Rows to keep, increasing.

    >>> boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 10, 9]], np.float32)
    >>> classes = np.array(["truck", "bus", "person"])
    >>> distinct(Detections(boxes, np.array([0.9, 0.5, 0.4], np.float32), classes), 0.7).tolist()
    [0, 2]
    """
    groups = np.array([class_group(name) for name in found.classes], np.str_)
    same = (iou(found.boxes, found.boxes) > limit) & (groups[:, None] == groups)  # (n, n)
    kept = np.zeros(len(found), np.bool_)
    for row in range(len(found)):
        kept[row] = not (same[row] & kept).any()
    return np.flatnonzero(kept)


def import_ultralytics() -> ModuleType:
    """Import ultralytics such that it stays silent, offline, uninvited by pip, and runs no code from a `.pt`."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "reid-pipeline"
    os.environ.update(
        YOLO_OFFLINE="1",
        YOLO_AUTOINSTALL="0",
        YOLO_VERBOSE="0",
        YOLO_CONFIG_DIR=str(cache),
        ULTRALYTICS_SAFE_LOAD="true",
    )
    import ultralytics

    if not ultralytics.utils.SAFE_LOAD:
        raise DetectorError(
            "ultralytics was imported before the detector, without ULTRALYTICS_SAFE_LOAD=true"
        )
    if ultralytics.settings["sync"]:
        ultralytics.settings.update(sync=False)
    module: ModuleType = ultralytics
    return module


def _load(weights: Path) -> Any:
    """Load weights; only kinds that are data, so that an untrusted file cannot run code."""
    if not weights.exists():
        raise WeightsError(f"no detector weights at {weights}; check the path")
    if not weights.name.endswith(FORMATS):
        raise WeightsError(f"{weights} is no detector weights known here; give one of *{', *'.join(FORMATS)}")
    ultralytics = import_ultralytics()
    try:
        model = ultralytics.YOLO(str(weights), task=None if weights.suffix == ".pt" else "detect")
        names = model.names
    except DAMAGE as error:
        raise _unusable(weights, error) from error
    if model.task not in ("detect", "segment", "pose") or not names:
        raise WeightsError(f"{weights} gives no boxes (its task is {model.task!r}); give detection weights")
    return model


@contextmanager
def _threads_kept() -> Iterator[None]:
    """Keep the caller's number of threads; choosing a device makes Ultralytics set all cores but one."""
    import torch

    threads = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _device(device: str | None, half: bool) -> Any:
    """Check the device; Ultralytics takes "" for the best there is."""
    from ultralytics.utils.torch_utils import select_device

    try:
        chosen = select_device(device or "", verbose=False)
    except (AssertionError, RuntimeError, ValueError) as error:
        raise DetectorError(f"the device {device!r} is not there; name another, such as cpu") from error
    if half and chosen.type == "cpu":
        raise DetectorError("half precision needs a GPU; leave it out, or name a GPU as the device")
    return chosen


def _unusable(weights: Path, error: BaseException) -> WeightsError:
    """Say in our words why weights do not work: Ultralytics advises commands that do not exist here."""
    if isinstance(error, ImportError):
        return WeightsError(
            f"{weights} needs the Python package {error.name}; install it, or give .pt weights"
        )
    return WeightsError(
        f"{weights} is damaged, or is something else than Ultralytics detection weights"
        f" (no code in it was run); give another file"
    )

"""Detection with Ultralytics weights; no other module imports ultralytics."""

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

from detectors.boxes import Detections, iou_matrix
from detectors.class_names import PERSON, VEHICLE, VEHICLES, class_group, class_name
from detectors.errors import DetectorError, WeightsError

WANTED = (PERSON, *VEHICLES)
"""Classes that are detected by default."""
FORMATS = (".pt", ".onnx", ".engine", "_openvino_model")
DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    pickle.UnpicklingError,
)
"""Errors that Ultralytics and its runtimes raise for damaged, foreign and malicious weights."""
SMALLEST, LARGEST = 640, 960
"""Limits in pixels of the longer side of a frame as the network sees it; YOLO was trained at 640."""
STEP = 32
"""The sides of a frame as the network sees it are multiples of this many pixels."""


def choose_input_size(frame: NDArray[np.uint8]) -> int:
    """Return the longer side, in pixels, at which the network sees a (h, w, 3) frame.

    >>> choose_input_size(np.zeros((432, 768, 3), np.uint8)), choose_input_size(np.zeros((1080, 1920, 3), np.uint8))
    (768, 960)
    """
    longer: int = max(frame.shape[:2])
    return min(max(-(-longer // STEP) * STEP, SMALLEST), LARGEST)


class Yolo:
    """A detector of people and vehicles with any Ultralytics detection weights."""

    step = 1.0
    """Any frame may have boxes."""

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
        tell_left_out: bool = False,
    ) -> None:
        """Load the weights and run them once.

        Args:
            weights: a local file (.pt, .onnx, .engine) or folder (*_openvino_model).
            device: as in Ultralytics: "cpu", "0", "cuda:0", "mps"; None selects a GPU if the machine has one.
            half: compute in 16 bits, on a GPU.
            imgsz: pixels of the longer side that the network sees. None keeps the frame's size within `SMALLEST`
                and `LARGEST`; for exported weights, which may accept a single size, it is `SMALLEST`.
            conf: smallest confidence of a box. Trackers follow partly hidden objects by boxes of 0.1 to
                0.25 (ByteTrack, Zhang et al. 2022, section 3), so a higher value costs tracks.
            iou: boxes of one class group with a larger IoU are one object.
            classes: names or numbers; None selects people and road vehicles, or every class if the weights
                have neither.
            tell_left_out: whether `notes` names the classes that the weights know and that are not detected.

        Raises:
            WeightsError: the weights are missing, damaged, not trusted or give no boxes.
            DetectorError: an option is out of range, or the device or a class does not exist.
        """
        if (imgsz is not None and imgsz < STEP) or not 0 <= conf <= 1 or not 0 <= iou <= 1:
            raise DetectorError(
                f"imgsz must be at least 32, conf and iou in [0, 1]: {imgsz=}, {conf=}, {iou=}"
            )
        self._model = _load(weights)
        self._one_by_one = weights.suffix != ".pt"  # exported weights may have a fixed batch of 1
        self._iou, self._imgsz = iou, SMALLEST if imgsz is None and self._one_by_one else imgsz
        self._settings: dict[str, object] = {"conf": conf, "iou": iou}
        numbers = class_numbers(self._model.names, classes)
        self._settings["classes"] = numbers
        left_out = [name for number, name in self._model.names.items() if number not in numbers]
        self.notes: tuple[str, ...] = (_describe_left_out(left_out),) if left_out and tell_left_out else ()
        """What the user should know about its boxes."""
        with _keep_threads():
            self._settings["device"] = _device(device, half)
            if half:
                self._settings["half"] = True
            try:  # run the weights once, so that unusable weights raise before the first frame
                (result,) = self._predict([np.zeros((64, 64, 3), np.uint8)])
            except DAMAGE as error:
                raise _unusable(weights, error) from error
        if result.boxes is None:
            raise WeightsError(f"{weights} gives no boxes (its task is {self._model.task!r})")

    def detect(self, frames: Sequence[NDArray[np.uint8]], numbers: Sequence[int]) -> list[Detections]:
        """Return the detections of each of the (h, w, 3) RGB frames; their numbers are not used.

        Consecutive frames of one size make a batch. In a batch of several sizes Ultralytics pads all frames
        to squares, and a frame's boxes would depend on the size of its neighbours.
        """
        del numbers
        detections: list[Detections] = []
        for _, group in groupby(frames, key=np.shape):
            images = [np.ascontiguousarray(frame[..., ::-1]) for frame in group]  # Ultralytics expects BGR
            batches = [[image] for image in images] if self._one_by_one else [images]
            for batch in batches:
                detections += [self._detections(result) for result in self._predict(batch)]
        return detections

    def misfits(self, size: tuple[int, int], total: int | None) -> list[str]:
        """Return nothing: boxes are detected in the footage itself."""
        del size, total
        return []

    def _predict(self, images: list[NDArray[np.uint8]]) -> list[Any]:
        try:
            results: list[Any] = self._model.predict(
                images,
                imgsz=self._imgsz or choose_input_size(images[0]),
                save=False,
                verbose=False,
                **self._settings,
            )
        except RuntimeError as error:  # torch raises it for a full or failing device
            reason = str(error).splitlines()[0]
            raise DetectorError(
                f"the detector failed on {len(images)} frames at once ({reason});"
                f" try a smaller batch or image size, or another device"
            ) from error
        return results

    def _detections(self, result: Any) -> Detections:
        boxes = result.boxes.xyxy.cpu().numpy().astype(np.float32)  # (n, 4)
        scores = result.boxes.conf.cpu().numpy().astype(np.float32)
        names = [class_name(result.names[int(number)]) for number in result.boxes.cls.tolist()]
        # a box at the frame's edge may be clipped to nothing
        solid = (boxes[:, :2] < boxes[:, 2:]).all(axis=1)
        detections = Detections(boxes[solid], scores[solid], np.array(names, np.str_)[solid])
        return detections.select(rows_without_duplicates(detections, self._iou))


def _describe_left_out(names: Sequence[str]) -> str:
    """Return a sentence on the classes that are not detected.

    >>> _describe_left_out(["kite", "dog"])
    'the detector also knows kite, dog; they are not looked for (--classes)'
    """
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return f"the detector also knows {', '.join(names[:10])}{more}; they are not looked for (--classes)"


def class_numbers(names: Mapping[int, str], wanted: Sequence[str | int] | None) -> list[int]:
    """Return the numbers of the wanted classes, given as names or numbers, increasing.

    None selects `WANTED`, or every class if the weights have none of those. A name that the weights do not have selects
    all classes that mean the same; "vehicle" selects all vehicles.

    Raises:
        DetectorError: the weights do not have a wanted class.

    >>> names = {0: "person", 1: "kite", 2: "car"}
    >>> class_numbers(names, None), class_numbers(names, ["kite", 2]), class_numbers({0: "crane"}, None)
    ([0, 2], [1, 2], [0])
    >>> class_numbers({0: "Pedestrian", 1: "people", 2: "Lorry", 3: "motor"}, ["person", "vehicles"])
    [0, 1, 2, 3]
    """
    if wanted is None:
        return [number for number, name in names.items() if class_name(name) in WANTED] or list(names)
    numbers_of: dict[str, list[int]] = {}
    for key in map(str, wanted):
        exact = [number for number, name in names.items() if key in (str(number), name)]
        same = [number for number, name in names.items() if class_name(name) == class_name(key)]
        if class_name(key) == VEHICLE:
            same = [number for number, name in names.items() if class_group(name) == VEHICLE]
        numbers_of[key] = exact or same
    unknown = [key for key, numbers in numbers_of.items() if not numbers]
    if unknown:
        classes = ", ".join(f"{number} {name}" for number, name in names.items())
        raise WeightsError(
            f"the detector's weights have no class {unknown[0]!r}; they have: {classes}; choose one of these"
        )
    return sorted({number for numbers in numbers_of.values() for number in numbers})


def rows_without_duplicates(detections: Detections, threshold: float) -> NDArray[np.intp]:
    """Return the rows of detections that are not duplicates within their class group.

    Ultralytics suppresses duplicates within a class, but one lorry may be detected as truck and as bus. The boxes come
    by decreasing score, as Ultralytics returns them; `threshold` is the largest IoU of two objects of a class group.

    >>> boxes = np.array([[0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 10, 9]], np.float32)
    >>> classes = np.array(["truck", "bus", "person"])
    >>> rows_without_duplicates(Detections(boxes, np.array([0.9, 0.5, 0.4], np.float32), classes), 0.7).tolist()
    [0, 2]
    """
    boxes, groups = detections.boxes, np.array([class_group(name) for name in detections.classes], np.str_)
    duplicate = (iou_matrix(boxes, boxes) > threshold) & (groups[:, None] == groups)  # (n, n)
    kept = np.zeros(len(boxes), np.bool_)
    for row in range(len(boxes)):
        kept[row] = not (duplicate[row] & kept).any()
    return np.flatnonzero(kept)


def import_ultralytics() -> ModuleType:
    """Import ultralytics so that it is silent and offline, installs nothing and runs no code from a `.pt` file.

    Raises:
        DetectorError: it was imported before, with settings that are not safe.
    """
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
            "ultralytics was imported before the detector and may run code from weights;"
            " set ULTRALYTICS_SAFE_LOAD=true in the environment"
        )
    if ultralytics.settings["sync"]:
        ultralytics.settings.update(sync=False)
    module: ModuleType = ultralytics
    return module


def _load(weights: Path) -> Any:
    """Load weights, only from formats that hold data, so that an untrusted file cannot run code."""
    if not weights.exists():
        raise WeightsError(f"no detector weights at {weights}; check the path")
    if not weights.name.endswith(FORMATS):
        raise WeightsError(f"{weights} is not a supported weights file; give one of *{', *'.join(FORMATS)}")
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
def _keep_threads() -> Iterator[None]:
    """Restore torch's number of threads; selecting a device makes Ultralytics use all cores but one."""
    import torch

    threads = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _device(device: str | None, half: bool) -> Any:
    """Return the torch device, checked; None selects the best device."""
    from ultralytics.utils.torch_utils import select_device

    try:
        selected = select_device(device or "", verbose=False)
    except (AssertionError, RuntimeError, ValueError) as error:
        raise DetectorError(f"the device {device!r} is not available; choose another, such as cpu") from error
    if half and selected.type == "cpu":
        raise DetectorError("half precision needs a GPU; leave it out, or choose a GPU as the device")
    return selected


def _unusable(weights: Path, error: BaseException) -> WeightsError:
    """Return an error that says why weights do not work; Ultralytics' messages name commands of its own."""
    if isinstance(error, ImportError):
        return WeightsError(
            f"{weights} needs the Python package {error.name}; install it, or give .pt weights"
        )
    return WeightsError(
        f"{weights} is damaged or not an Ultralytics detection model (no code in it was run);"
        f" give another file"
    )

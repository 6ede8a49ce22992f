"""Builds detectors, trackers and networks from configuration; the only place that does.

Heavy packages are imported when a part is built, so that a run that resumes with all its work done imports none.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache, cached_property
from pathlib import Path

from detectors.weights import SHIPPED, DetectorWeights, find_weights
from pipeline.config import RunConfig
from pipeline.embedding.networks import ClassNetwork
from pipeline.footage.cameras import Camera, CameraSet
from pipeline.footage.exchange import Footage
from pipeline.protocols import Detector, Embedder, StartProgress, Tracker, no_progress
from reid.download import download_file, hub_folder
from reid.files import sha256
from reid.weights import Weights, resolve, shipped

CPU_CLIPS, GPU_CLIPS = 8, 32
"""Default maximum number of clips of a tracklet; the paper's 32 need a GPU."""


class Parts:
    """The detectors and networks of a run, each built on first use."""

    def __init__(self, config: RunConfig, detector: DetectorWeights | None, cameras: Collection[str]) -> None:
        """Prepare to build; `cameras` are the names of all cameras."""
        self._config, self._cameras = config, cameras
        self._detector = detector
        self.network = cache(lambda weights: load_embedder(weights, config))
        """Returns the loaded network of some weights."""

    @cached_property
    def _yolo(self) -> Detector:
        assert self._detector is not None, "the weights are found if any camera needs them"
        return load_yolo(self._detector.path, self._config)

    def detector(self, camera: Camera, footage: Footage | None = None) -> Detector:
        """Return the detector of a camera: its precomputed detections, or the YOLO detector that cameras share.

        `footage` is needed for detections of another frame size or rate.
        """
        return load_precomputed(camera, self._cameras, footage) if camera.detections else self._yolo

    def build_all(self, cameras: CameraSet, networks: tuple[ClassNetwork, ...]) -> None:
        """Build everything that a run may need, so that what is missing is known before anything is deleted.

        Raises:
            PipelineError, DetectorError, ReidError: a file is missing or cannot be used.
        """
        for camera in cameras.cameras:
            self.detector(camera)
        for network in networks:
            self.network(network.weights)


def find_detector_weights(
    cameras: CameraSet, config: RunConfig, previous: str | None, start_progress: StartProgress
) -> DetectorWeights | None:
    """Return the detector's weights; None if every camera has precomputed detections.

    `previous` is the SHA-256 of the weights with which the folder was begun. A run that began with the shipped
    weights, because it had no network connection, resumes with them.

    Raises:
        WeightsError: the weights are needed and cannot be had.
    """
    if all(camera.detections for camera in cameras.cameras):
        return None
    default = SHIPPED if config.shipped is None else config.shipped / SHIPPED.name
    name = config.tracking.weights
    if name is None and previous is not None and default.is_file() and sha256(default) == previous:
        name = "shipped"
    return find_detector(name, shipped=default, start_progress=start_progress)


def find_detector(
    name: str | Path | None, *, shipped: Path = SHIPPED, start_progress: StartProgress = no_progress
) -> DetectorWeights:
    """Return the named detector weights, downloaded if they are a release; None: the default, else the shipped ones.

    Raises:
        WeightsError: the weights cannot be had.
    """
    bar = cache(lambda: start_progress("downloading detector weights"))  # started with the first bytes

    def show(done: int, total: int | None) -> None:
        bar()(done, total)

    def download(url: str, target: Path, sha256: str) -> None:
        download_file(url, target, sha256, show)

    return find_weights(name, cache=hub_folder(), download=download, shipped=shipped)


def find_networks(config: RunConfig) -> tuple[ClassNetwork, ...]:
    """Return the networks of a run: the given file for all classes, else the shipped ones for people and vehicles.

    Without a shipped network for vehicles, the one for people embeds them, too, and its links are not trusted.
    Without any shipped network, ImageNet backbones embed everything, or an untrained network does.

    Raises:
        CheckpointError: a file cannot be read.
    """
    path, seed = config.embedding.weights, config.embedding.seed
    people = shipped("people", seed=seed, folder=config.shipped) if path is None else None
    if people is None:
        weights = resolve(path, seed=seed)
        return (ClassNetwork("everything", weights, weights.note),)
    vehicles = shipped("vehicles", seed=seed, folder=config.shipped)
    note = "" if vehicles else "the shipped network was trained on people only"
    return ClassNetwork("people", people), ClassNetwork("vehicles", vehicles or people, note)


def default_clips(device: str | None) -> int:
    """Return the default maximum number of clips of a tracklet; raise `ReidError` if the device cannot be used."""
    from reid.embedder import choose_device

    return CPU_CLIPS if choose_device(device).type == "cpu" else GPU_CLIPS


def load_precomputed(camera: Camera, cameras: Collection[str], footage: Footage | None) -> Detector:
    """Return a detector that reads the precomputed detections of one of several cameras.

    Raises:
        DetectionsError: the file is missing or damaged.
    """
    from detectors.errors import DetectionsError
    from detectors.precomputed import Precomputed

    path = camera.detections
    if path is None or not path.is_file():
        raise DetectionsError(f"{path} is not a file of precomputed detections; name an existing file")
    scale, rate = (1.0, 1.0), 1.0
    if camera.detections_size is not None:
        width, height = camera.detections_size
        scale = (footage.width / width, footage.height / height) if footage else (2.0, 2.0)  # checked only
    if camera.detections_fps is not None and footage is not None:
        if not footage.fps:
            raise DetectionsError(
                f"{footage.recording} states no frame rate, so --detections-fps cannot be used"
            )
        rate = footage.fps / camera.detections_fps
    return Precomputed(path, camera.name, cameras, scale=scale, rate=rate)


def load_yolo(weights: Path, config: RunConfig) -> Detector:
    """Load the YOLO detector.

    Raises:
        DetectorError: the weights, the device or a class cannot be used.
    """
    from detectors.yolo import Yolo

    tracking = config.tracking
    return Yolo(
        weights,
        device=config.device,
        half=tracking.half,
        imgsz=tracking.imgsz,
        conf=tracking.conf,
        iou=tracking.iou,
        classes=tracking.classes or None,
        tell_left_out=config.tracking.weights is not None,
    )


def build_tracker() -> Tracker:
    """Return a new tracker for one camera."""
    from detectors.tracker import ClassTrackers

    return ClassTrackers()


def load_embedder(weights: Weights, config: RunConfig) -> Embedder:
    """Load a ReID network.

    Raises:
        ReidError: the weights or the device cannot be used.
    """
    from reid.embedder import build_embedder

    return build_embedder(weights, device=config.device, half=config.tracking.half)

"""Wiring: builds detector, tracker and embedder from configuration; the only place that does.

What is heavy is imported when it is built, so that a run that finds all its parts done loads none of it.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.cameras import Camera, CameraSet
from pipeline.config import RunConfig
from pipeline.protocols import Detector, Embedder, Tracker
from reid.weights import Weights, resolve

CPU_CLIPS, GPU_CLIPS = 8, 32
"""Most clips a tracklet where nothing else was asked for; the paper's 32 take a GPU."""


def find_detector_weights(cameras: CameraSet, config: RunConfig) -> Path | None:
    """Find the detector's weights; None where every camera brings its own detections.

    Raises:
        WeightsError: if they are needed and not to be had.
    """
    if all(camera.detections for camera in cameras.cameras):
        return None
    from detectors.weights import find_weights

    return find_weights(config.tracking.weights)


def find_network_weights(config: RunConfig) -> Weights:
    """Find the network's weights: the file given, else ImageNet's backbones, else none.

    Raises:
        CheckpointError: if the file given cannot be read.
    """
    return resolve(config.embedding.weights, seed=config.embedding.seed)


def default_clips(device: str | None) -> int:
    """Decide how many clips a tracklet may have on this device.

    Raises:
        ReidError: if the device cannot be used.
    """
    from reid.embedder import choose_device

    return CPU_CLIPS if choose_device(device).type == "cpu" else GPU_CLIPS


def build_recorded(camera: Camera) -> Detector:
    """Make a detector that reads one camera's recorded detections.

    Raises:
        DetectionsError: if the file cannot be understood.
    """
    from detectors.errors import DetectionsError
    from detectors.recorded import Recorded

    assert camera.detections is not None
    if not camera.detections.is_file():
        raise DetectionsError(
            f"{camera.detections} is no file of recorded detections; give one that is there"
        )
    return Recorded(camera.detections, camera=camera.name)


def build_yolo(weights: Path, config: RunConfig) -> Detector:
    """Load the detector that all cameras without recorded detections share.

    Raises:
        DetectorError: if the weights, the device or a class are not usable.
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
    )


def build_tracker() -> Tracker:
    """Make the tracker of one camera."""
    from detectors.tracker import ClassTrackers

    return ClassTrackers()


def build_embedder(weights: Weights, config: RunConfig) -> Embedder:
    """Load the network.

    Raises:
        ReidError: if the weights or the device are not usable.
    """
    from reid.embedder import build_embedder as build

    return build(weights, device=config.device, half=config.tracking.half)

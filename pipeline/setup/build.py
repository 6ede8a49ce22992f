"""Wiring: builds detector, tracker and embedder from configuration; the only place that does.

What is heavy is imported when it is built, so that a run that finds all its parts done loads none of it.
"""

from __future__ import annotations

from pathlib import Path

from detectors.weights import SHIPPED, DetectorWeights, find_weights
from pipeline.config import RunConfig
from pipeline.embedding.networks import ClassNetwork
from pipeline.footage.cameras import Camera, CameraSet
from pipeline.protocols import Detector, Embedder, Tracker
from reid.weights import Weights, resolve, sha256, shipped

CPU_CLIPS, GPU_CLIPS = 8, 32
"""Most clips a tracklet where nothing else was asked for; the paper's 32 take a GPU."""


def find_detector_weights(
    cameras: CameraSet, config: RunConfig, before: str | None
) -> DetectorWeights | None:
    """Find the detector's weights; None where every camera brings its own detections.

    Args:
        cameras: the recordings.
        config: of the run.
        before: SHA-256 of the weights that the folder was begun with, if it was: what began without the
            network goes on with the same detector when the network is back.

    Raises:
        WeightsError: if they are needed and not to be had.
    """
    if all(camera.detections for camera in cameras.cameras):
        return None
    own = SHIPPED if config.shipped is None else config.shipped / SHIPPED.name
    wanted = config.tracking.weights
    if wanted is None and before is not None and own.is_file() and sha256(own) == before:
        wanted = "shipped"
    return find_weights(wanted, shipped=own)


def find_networks(config: RunConfig) -> tuple[ClassNetwork, ...]:
    """Find the networks of a run: the file given for everything, else those that come with the program, one a class.

    Where none comes with it for vehicles, that for people embeds them, too, and nobody is to trust it with that.
    Where none comes with it at all, everything is embedded with ImageNet's backbones if they can be had.

    Raises:
        CheckpointError: if a file cannot be read.
    """
    given, seed = config.embedding.weights, config.embedding.seed
    people = shipped("people", seed=seed, folder=config.shipped) if given is None else None
    if people is None:
        weights = resolve(given, seed=seed)
        return (ClassNetwork("everything", weights, weights.note),)
    vehicles = shipped("vehicles", seed=seed, folder=config.shipped)
    note = "" if vehicles else "the network that came with this program was trained on people alone"
    return ClassNetwork("people", people), ClassNetwork("vehicles", vehicles or people, note)


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

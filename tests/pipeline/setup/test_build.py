"""The networks and the detector weights of a run."""

from __future__ import annotations

from pathlib import Path

from pipeline.config import RunConfig
from pipeline.embedding.config import EmbeddingConfig
from pipeline.footage.cameras import Camera, CameraSet
from pipeline.footage.recording import Recording
from pipeline.protocols import no_progress
from pipeline.setup.build import find_detector_weights, find_networks
from pipeline.tracking.config import TrackingConfig
from reid.checkpoints import save_checkpoint
from reid.files import sha256
from reid.model.design import VARIANTS, with_backbone
from reid.model.network import build

CAMERAS = CameraSet((Camera("gate", Recording((Path("gate.mp4"),))),))


def checkpoint(path: Path) -> Path:
    save_checkpoint(build(with_backbone(VARIANTS["fgreid"], "test_resnet"), 1), path, size=(64, 32))
    return path


def sources(config: RunConfig) -> list[tuple[str, str, str, bool]]:
    return [
        (one.classes, one.weights.source, one.weights.path.stem if one.weights.path else "", one.trusted)
        for one in find_networks(config)
    ]


def test_each_class_has_the_network_that_came_with_the_program_for_it(tmp_path: Path) -> None:
    for name in ("people", "vehicles"):
        checkpoint(tmp_path / f"{name}.safetensors")
    assert sources(RunConfig(shipped=tmp_path)) == [
        ("people", "shipped", "people", True),
        ("vehicles", "shipped", "vehicles", True),
    ]


def test_vehicles_without_a_network_of_their_own_borrow_one_that_is_not_to_be_trusted(tmp_path: Path) -> None:
    checkpoint(tmp_path / "people.safetensors")
    assert sources(RunConfig(shipped=tmp_path)) == [
        ("people", "shipped", "people", True),
        ("vehicles", "shipped", "people", False),
    ]


def test_a_file_that_is_given_is_for_everything(tmp_path: Path) -> None:
    checkpoint(tmp_path / "people.safetensors")
    mine = checkpoint(tmp_path / "mine.safetensors")
    config = RunConfig(embedding=EmbeddingConfig(weights=mine), shipped=tmp_path)
    assert sources(config) == [("everything", "file", "mine", True)]


def test_where_nothing_ships_nothing_is_trusted(tmp_path: Path) -> None:
    ((classes, source, _, trusted),) = sources(RunConfig(shipped=tmp_path))
    assert (classes, trusted) == ("everything", False)
    assert source in ("imagenet", "untrained")


def test_a_run_begun_with_the_shipped_detector_goes_on_with_it(tmp_path: Path) -> None:
    """Otherwise it would be refused as soon as the default can be downloaded."""
    own = tmp_path / "plaza-yolo11n.pt"
    own.write_bytes(b"weights")
    found = find_detector_weights(CAMERAS, RunConfig(shipped=tmp_path), sha256(own), no_progress)
    assert found is not None
    assert (found.source, found.path) == ("shipped", own)


def test_the_shipped_detector_may_be_asked_for(tmp_path: Path) -> None:
    own = tmp_path / "plaza-yolo11n.pt"
    own.write_bytes(b"weights")
    config = RunConfig(tracking=TrackingConfig(weights="shipped"), shipped=tmp_path)
    found = find_detector_weights(CAMERAS, config, None, no_progress)
    assert found is not None
    assert (found.source, found.path) == ("shipped", own)
    assert "synthetic" in found.note


def test_precomputed_boxes_need_no_detector() -> None:
    cameras = CameraSet((Camera("gate", Recording((Path("gate.mp4"),)), detections=Path("boxes.csv")),))
    assert find_detector_weights(cameras, RunConfig(), None, no_progress) is None

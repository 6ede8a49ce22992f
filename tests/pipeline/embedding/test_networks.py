"""Networks: which one a run uses for which class, and how its links are made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.config import RunConfig
from pipeline.embedding.config import EmbeddingConfig
from pipeline.embedding.networks import ClassNetwork
from pipeline.errors import PipelineError
from pipeline.footage.cameras import Camera, CameraSet
from pipeline.matching.config import MatchingConfig
from pipeline.setup.build import find_detector_weights, find_networks
from pipeline.tracking.config import TrackingConfig
from reid.checkpoints import save
from reid.model.design import VARIANTS, with_backbone
from reid.model.network import build
from reid.weights import Weights, sha256

CAMERAS = CameraSet((Camera("gate", Path("gate.mp4")),))
TRAINED = Weights("shipped", Path("a"), "digest", 0, threshold=0.4, stitch_threshold=0.5)
TOLD = ClassNetwork("people", TRAINED)


def checkpoint(path: Path) -> Path:
    save(build(with_backbone(VARIANTS["fgreid"], "test_resnet"), 1), path, size=(64, 32))
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


@pytest.mark.parametrize(
    ("network", "kinds"),
    [
        (ClassNetwork("everything", TRAINED), {"person", "car", "dog"}),
        (ClassNetwork("people", TRAINED), {"person"}),
        (ClassNetwork("vehicles", TRAINED), {"car", "dog"}),
    ],
)
def test_every_class_has_one_network(network: ClassNetwork, kinds: set[str]) -> None:
    assert {kind for kind in ("person", "car", "dog") if network.embeds(kind)} == kinds


@pytest.mark.parametrize(
    ("network", "given", "thresholds", "origin"),
    [
        pytest.param(TOLD, None, (0.4, 0.5), "network", id="the-networks-own"),
        pytest.param(TOLD, 0.45, (0.45, 0.5), "for this run", id="the-operators"),
        pytest.param(TOLD, 0.2, (0.2, 0.5), "for this run", id="a-lower-one-is-for-links-between-cameras"),
        pytest.param(TOLD, 0.9, (0.9, 0.9), "for this run", id="never-laxer-within-a-camera"),
        pytest.param(replace(TOLD, weights=replace(TRAINED, threshold=None, stitch_threshold=None)), None,
                     (0.6, 0.75), None, id="a-file-that-says-nothing"),
        pytest.param(replace(TOLD, weights=replace(TRAINED, threshold=0.8, stitch_threshold=None)), None,
                     (0.8, 0.8), "network", id="a-file-that-tells-one"),
        pytest.param(replace(TOLD, note="trained on people alone"), None, (0.6, 0.75), None, id="not-of-its-classes"),
    ],
)  # fmt: skip
def test_thresholds_are_the_operators_else_the_networks_else_the_defaults(
    network: ClassNetwork, given: float | None, thresholds: tuple[float, float], origin: str | None
) -> None:
    config = network.matching(MatchingConfig(margin=0.1), given)
    assert (config.threshold, config.stitch_threshold) == thresholds
    assert (config.margin, config.statistics) == (0.1, "network" if network.trusted else "run")
    assert network.origin("threshold", given) == origin
    assert network.origin("margin", given) is None


def test_a_threshold_that_is_no_cosine_is_refused() -> None:
    with pytest.raises(PipelineError, match="threshold is 2"):
        RunConfig(threshold=2)


def test_a_run_begun_with_the_shipped_detector_goes_on_with_it(tmp_path: Path) -> None:
    """Otherwise it would be refused as soon as the default can be downloaded."""
    own = tmp_path / "plaza-yolo11n.pt"
    own.write_bytes(b"weights")
    found = find_detector_weights(CAMERAS, RunConfig(shipped=tmp_path), sha256(own))
    assert found is not None
    assert (found.source, found.path) == ("shipped", own)


def test_the_shipped_detector_may_be_asked_for(tmp_path: Path) -> None:
    own = tmp_path / "plaza-yolo11n.pt"
    own.write_bytes(b"weights")
    config = RunConfig(tracking=TrackingConfig(weights="shipped"), shipped=tmp_path)
    found = find_detector_weights(CAMERAS, config, None)
    assert found is not None
    assert (found.source, found.path) == ("shipped", own)
    assert "synthetic" in found.note


def test_recorded_boxes_need_no_detector() -> None:
    cameras = CameraSet((Camera("gate", Path("gate.mp4"), detections=Path("boxes.csv")),))
    assert find_detector_weights(cameras, RunConfig(), None) is None

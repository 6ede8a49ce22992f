"""Weights: which are used, what their files say, and what ships with the program."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from detectors.weights import SHIPPED as DETECTOR
from reid.checkpoints import load_network, save_checkpoint
from reid.embedder import build_embedder
from reid.errors import CheckpointError
from reid.files import sha256
from reid.model.design import VARIANTS, with_backbone
from reid.model.network import build
from reid.weights import SHIPPED, resolve, shipped

TINY = with_backbone(VARIANTS["fgreid"], "test_resnet")


def checkpoint(path: Path, about: dict[str, str] | None = None, dtype: torch.dtype = torch.float32) -> Path:
    save_checkpoint(build(TINY, 4, seed=1), path, size=(64, 32), about=about or {}, dtype=dtype)
    return path


def test_a_network_that_came_with_the_program_is_trusted_and_says_so(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "people.safetensors", {"match_threshold": "0.55"})
    found = shipped("people", seed=0, folder=tmp_path)
    assert found is not None
    assert (found.source, found.path, found.sha256) == ("shipped", path, sha256(path))
    assert found.trusted
    assert (found.threshold, found.stitch_threshold) == (0.55, None)
    assert shipped("vehicles", seed=0, folder=tmp_path) is None


def test_a_file_of_half_precision_embeds_in_full_on_a_cpu(tmp_path: Path) -> None:
    """Only the rounding of the weights remains."""
    whole = checkpoint(tmp_path / "whole.safetensors")
    halved = checkpoint(tmp_path / "people.safetensors", dtype=torch.float16)
    assert halved.stat().st_size < 0.6 * whole.stat().st_size
    found = shipped("people", seed=0, folder=tmp_path)
    assert found is not None
    assert {tensor.dtype for tensor in load_network(found).parameters()} == {torch.float32}
    clips = np.random.default_rng(0).integers(0, 256, (2, 2, 64, 32, 3), dtype=np.uint8)
    rows = build_embedder(found, device="cpu").embed(clips)
    assert rows.dtype == np.float32
    expected = build_embedder(resolve(whole, seed=0), device="cpu").embed(clips)
    np.testing.assert_allclose((rows * expected).sum(axis=1), 1, atol=1e-3)


@pytest.mark.parametrize("name", ["match_threshold", "stitch_threshold"])
@pytest.mark.parametrize("word", ["high", "1.5", "nan", ""])
def test_a_threshold_that_is_no_cosine_is_refused(tmp_path: Path, name: str, word: str) -> None:
    path = checkpoint(tmp_path / "a.safetensors", {name: word})
    with pytest.raises(CheckpointError, match=f"a.safetensors: its header is invalid .{name} is {word}"):
        resolve(path, seed=0)


@pytest.mark.parametrize(
    ("about", "doubted"),
    [
        pytest.param({"steps": "0"}, True, id="never"),
        pytest.param({"steps": "99"}, True, id="hardly"),
        pytest.param({"steps": "100"}, False, id="somewhat"),
        pytest.param({"steps": "5", "whole": "yes"}, False, id="a-trained-one-tuned"),
        pytest.param({}, False, id="not-told"),
    ],
)
def test_a_network_that_was_hardly_trained_is_doubted_and_still_loaded_as_it_is(
    tmp_path: Path, about: dict[str, str], doubted: bool
) -> None:
    found = resolve(checkpoint(tmp_path / "a.safetensors", about), seed=0)
    assert ("hardly" in found.note) == doubted
    same = build(TINY, 4, seed=1).state_dict()
    assert all(torch.equal(tensor, same[name]) for name, tensor in load_network(found).state_dict().items())


def test_steps_that_are_no_number_are_refused(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "a.safetensors", {"steps": "many"})
    with pytest.raises(CheckpointError, match=r"its header is invalid .steps is many"):
        resolve(path, seed=0)


def test_a_damaged_shipped_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "people.safetensors").write_bytes(b"cut")
    with pytest.raises(CheckpointError, match=r"people\.safetensors: damaged"):
        shipped("people", seed=0, folder=tmp_path)


@pytest.mark.parametrize(
    ("path", "megabytes"),
    [(SHIPPED / "people.safetensors", 24), (SHIPPED / "vehicles.safetensors", 24), (DETECTOR, 6)],
    ids=["people", "vehicles", "detector"],
)
def test_what_ships_is_small_and_has_a_card_that_names_its_digest(path: Path, megabytes: int) -> None:
    if not path.is_file():
        pytest.skip(f"{path.name} does not ship yet")
    assert path.stat().st_size <= megabytes * 1e6
    assert sha256(path) in path.with_suffix(".md").read_text(encoding="utf-8")

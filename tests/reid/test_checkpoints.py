"""Weights and checkpoints: which network a run gets, and what is refused."""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from reid.checkpoints import fill_backbone, load_network, read_state, read_training, save_checkpoint
from reid.errors import CheckpointError
from reid.files import sha256
from reid.model.backbone import ResNet50
from reid.model.design import VARIANTS, with_backbone
from reid.model.network import Network, build
from reid.weights import fetch_imagenet, read_safetensors_header, resolve

FGREID = VARIANTS["fgreid"]
SMALL = with_backbone(VARIANTS["kqv"], "efficientnet-lite0")
NOWHERE = "file:///nowhere/resnet50-00000000.pth"


def same(a: Network, b: Network) -> bool:
    """Whether two networks have the same weights under the same names."""
    first, second = a.state_dict(), b.state_dict()
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


@pytest.fixture(scope="module")
def network() -> Network:
    return build(SMALL, 3, seed=11)


@pytest.fixture(scope="module")
def saved(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("saved") / "best.safetensors"
    save_checkpoint(network, path, size=(250, 150), extra={"step": torch.tensor(7)}, about={"data": "mars"})
    yield path
    path.unlink()  # 42 MB


def test_what_is_saved_comes_back(network: Network, saved: Path) -> None:
    weights = resolve(saved, seed=0)
    assert (weights.source, weights.trusted, weights.note) == ("file", True, "")
    assert (weights.size, weights.identities, weights.sha256) == ((250, 150), 3, sha256(saved))
    assert weights.design == SMALL
    loaded = load_network(weights)
    assert same(loaded, network)
    assert (loaded.design, loaded.identities, loaded.training) == (SMALL, 3, False)
    assert list(saved.parent.iterdir()) == [saved]


def test_the_same_network_is_saved_as_the_same_bytes(network: Network, saved: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.safetensors"
    save_checkpoint(network, again, size=(250, 150), extra={"step": torch.tensor(7)}, about={"data": "mars"})
    assert sha256(again) == sha256(saved)
    again.unlink()  # 42 MB


def test_what_a_training_needs_to_go_on_lies_beside_its_network(saved: Path) -> None:
    assert read_training(saved) == {"step": torch.tensor(7)}
    assert not any("step" in name for name in read_state(saved))
    assert read_safetensors_header(saved)["about"] == {"data": "mars"}


def test_weights_kept_in_half_precision_take_half_the_room(
    network: Network, saved: Path, tmp_path: Path
) -> None:
    path, tiny = tmp_path / "half.safetensors", torch.tensor([1e-30])
    save_checkpoint(network, path, dtype=torch.float16, extra={"moment": tiny})
    assert path.stat().st_size < 0.52 * saved.stat().st_size
    loaded, weight = load_network(resolve(path, seed=0)), network.classifier.weight
    assert torch.equal(loaded.classifier.weight, weight.half().float())
    assert torch.equal(read_training(path)["moment"], tiny)
    path.unlink()  # 21 MB


def test_a_weight_that_half_precision_cannot_hold_is_not_lost_silently(tmp_path: Path) -> None:
    network = build(with_backbone(VARIANTS["global-only"], "efficientnet-lite0"), 1)
    assert network.coarse_norm is not None
    torch.nn.init.constant_(network.coarse_norm.weight, 1e5)
    with pytest.raises(CheckpointError, match=r"a weight is too large for torch\.float16"):
        save_checkpoint(network, tmp_path / "half.safetensors", dtype=torch.float16)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["no.safetensors", "empty.safetensors"])
def test_a_training_that_cannot_be_gone_on_with_costs_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty.safetensors").touch()
    with pytest.raises(CheckpointError, match="missing, damaged or cut short"):
        read_training(tmp_path / name)


def test_a_checkpoint_that_cannot_be_written_costs_one_sentence(network: Network, tmp_path: Path) -> None:
    (tmp_path / "nowhere").write_text("no folder")
    with pytest.raises(CheckpointError, match="cannot write this checkpoint"):
        save_checkpoint(network, tmp_path / "nowhere" / "best.safetensors")


@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param(lambda state: state, id="bare"),
        pytest.param(lambda state: {"state_dict": state, "epoch": 7}, id="under-state_dict"),
        pytest.param(lambda state: {"model": state, "optimizer": {"lr": 0.1}}, id="under-model"),
        pytest.param(
            lambda state: {f"module.{name}": tensor for name, tensor in state.items()}, id="from-many-gpus"
        ),
        pytest.param(
            lambda state: {
                "net": state,
                "rank1": np.float64(0.5),
                "epoch": np.int64(60),
                "history": np.zeros(3),
            },
            id="beside-numpy-numbers",
        ),
        pytest.param(lambda state: {"iteration": 3, "weights": state}, id="under-another-key"),
        pytest.param(
            lambda state: {"state_dict": {f"module.model.{name}": tensor for name, tensor in state.items()}},
            id="with-two-prefixes",
        ),
    ],
)
@pytest.mark.parametrize("name", ["last.pt", "model.pth.tar-60", "last.ckpt"])
def test_a_state_dict_is_found_where_people_put_it(
    tmp_path: Path, wrap: Callable[[dict[str, Tensor]], dict[str, object]], name: str
) -> None:
    state = {"classifier.weight": torch.arange(6.0).view(2, 3)}
    torch.save(wrap(state), tmp_path / name)
    found = read_state(resolve(tmp_path / name, seed=0).path or tmp_path)
    assert found.keys() == state.keys()
    assert torch.equal(found["classifier.weight"], state["classifier.weight"])


def test_a_backbone_takes_the_names_of_fastreid(tmp_path: Path) -> None:
    backbone = nn.Sequential(nn.Linear(2, 2))
    state = {
        "backbone.0.weight": torch.ones(2, 2),
        "backbone.0.bias": torch.ones(2),
        "heads.weight": torch.ones(9, 2),
    }
    fill_backbone(backbone, state, tmp_path / "model.pth")
    assert all(bool((tensor == 1).all()) for tensor in backbone.state_dict().values())


def test_a_pt_file_in_half_precision_loads_in_full(tmp_path: Path) -> None:
    path, network = tmp_path / "last.pt", build(FGREID, 3, seed=12).half()
    torch.save(network.state_dict(), path)
    loaded = load_network(resolve(path, seed=0))
    assert same(loaded, network.float())
    assert (loaded.design, loaded.identities) == (FGREID, 3)
    path.unlink()  # 105 MB


class Payload:
    """Creates a file when unpickled the careless way."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


def test_code_in_a_checkpoint_never_runs(tmp_path: Path) -> None:
    torch.save({"state_dict": {}, "extra": Payload(tmp_path / "ran")}, tmp_path / "a.pt")
    (tmp_path / "b.pth").write_bytes(pickle.dumps(Payload(tmp_path / "ran"), protocol=2))
    for name in ("a.pt", "b.pth"):
        with pytest.raises(CheckpointError, match="contains code in addition to weights, which is never run"):
            load_network(resolve(tmp_path / name, seed=0))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("name", "write", "sentence"),
    [
        pytest.param("no.pt", lambda _: None, "cannot read these weights .No such file", id="missing"),
        pytest.param("dir.pt", Path.mkdir, "cannot read these weights", id="a-folder"),
        pytest.param("w.onnx", Path.touch, "no PyTorch file, damaged or cut short", id="another-format"),
        pytest.param("e.pt", Path.touch, "damaged or cut short", id="empty-pt"),
        pytest.param("e.safetensors", Path.touch, "damaged or cut short", id="empty-safetensors"),
        pytest.param(
            "list.pt", lambda path: torch.save([1], path), "holds no state dict, only list", id="a-list"
        ),
        pytest.param(
            "model.pth.tar",
            lambda path: torch.save({"epoch": 3, "optimizer": {"lr": 0.1}}, path),
            "holds no state dict, only the keys epoch, optimizer",
            id="no-weights-in-it",
        ),
        pytest.param(
            "few.safetensors",
            lambda path: save_file({"classifier.weight": torch.zeros(2, 1024)}, path),
            r"not weights of fgreid: coarse_backbone.conv1.weight is missing, expected \(64, 3, 7, 7\)",
            id="most-of-it-missing",
        ),
        pytest.param(
            "other.safetensors",
            lambda path: save_file({"x": torch.zeros(2)}, path, {"network": "OSNet"}),
            "holds OSNet, not a network of reid-pipeline",
            id="another-network-by-name",
        ),
        pytest.param(
            "size.safetensors",
            lambda path: save_file({"x": torch.zeros(2)}, path, {"network": '{"size": [0, 0]}'}),
            "header is invalid .crops of 0 x 0 pixels",
            id="nonsense-about-its-size",
        ),
        pytest.param(
            "newer.safetensors",
            lambda path: save_file({"x": torch.zeros(2)}, path, {"network": '{"gates": "soft"}'}),
            "header is invalid .*gates.*update reid-pipeline",
            id="made-by-a-later-version",
        ),
        pytest.param(
            "heads.safetensors",
            lambda path: save_file({"x": torch.zeros(2)}, path, {"network": '{"heads": "three"}'}),
            "heads is 'three', not one of both, coarse, fine",
            id="a-design-that-cannot-be",
        ),
    ],
)
def test_bad_weights_cost_one_sentence(
    tmp_path: Path, name: str, write: Callable[[Path], None], sentence: str
) -> None:
    write(tmp_path / name)
    with pytest.raises(CheckpointError, match=sentence) as refusal:
        load_network(resolve(tmp_path / name, seed=0))
    assert str(tmp_path / name) in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        pytest.param("w.safetensors", save_file, id="safetensors"),
        pytest.param("w.pt", torch.save, id="pt"),
        pytest.param(
            "w.pth", partial(torch.save, _use_new_zipfile_serialization=False), id="pt-of-before-2020"
        ),
    ],
)
def test_damaged_files_are_read_or_refused_but_never_crash(
    tmp_path: Path, name: str, write: Callable[[dict[str, Tensor], Path], None]
) -> None:
    path = tmp_path / name
    write({f"layer{i}.weight": torch.arange(i + 1.0) for i in range(5)}, path)
    whole, refused = path.read_bytes(), 0
    rng = np.random.default_rng(0)
    for _ in range(200):
        damaged = bytearray(whole[: rng.integers(len(whole))] if rng.random() < 0.3 else whole)
        for place in rng.integers(0, max(len(damaged), 1), rng.integers(1, 20)):
            damaged[place : place + 1] = rng.bytes(1)
        path.write_bytes(damaged)
        try:
            read_state(path)
        except CheckpointError:
            refused += 1
    assert refused > 50


def test_a_file_that_changed_since_the_run_started_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "best.safetensors"
    save_file({"classifier.weight": torch.zeros(2, 1024)}, path)
    weights = resolve(path, seed=0)
    save_file({"classifier.weight": torch.ones(2, 1024)}, path)
    with pytest.raises(CheckpointError, match="changed while the run was starting"):
        load_network(weights)


@pytest.fixture(scope="module")
def imagenet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stands for ImageNet's weights: a whole ResNet-50 by torchvision's names, in a file with its digest."""
    folder = tmp_path_factory.mktemp("imagenet")
    trunk = ResNet50().half().state_dict()
    torch.save({**trunk, "fc.weight": torch.zeros(3, 2048), "fc.bias": torch.zeros(3)}, folder / "new.pth")
    return (folder / "new.pth").rename(folder / f"resnet50-{sha256(folder / 'new.pth')[:8]}.pth")


def test_without_a_file_both_backbones_know_imagenet(imagenet: Path, tmp_path: Path) -> None:
    fetch = partial(fetch_imagenet, url=imagenet.as_uri(), digest=sha256(imagenet), cache=tmp_path / "hub")
    weights = resolve(None, seed=4, fetch=fetch)
    assert (weights.source, weights.trusted, weights.sha256) == ("imagenet", False, sha256(imagenet))
    network, head = load_network(weights), build(FGREID, 1, seed=4)
    taught = read_state(imagenet)
    for backbone in network.backbones().values():
        for name, tensor in backbone.state_dict().items():
            assert torch.equal(tensor, taught[name].to(tensor.dtype))
    assert torch.equal(network.classifier.weight, head.classifier.weight)


def test_imagenet_weights_are_fetched_once(imagenet: Path, tmp_path: Path) -> None:
    fetch = partial(fetch_imagenet, digest=sha256(imagenet), cache=tmp_path)
    first = fetch(url=imagenet.as_uri())
    assert (
        first == fetch(url=f"file:///nowhere/{imagenet.name}") == (tmp_path / imagenet.name, sha256(imagenet))
    )
    assert list(tmp_path.iterdir()) == [tmp_path / imagenet.name]


def test_a_download_that_is_not_what_it_should_be_is_thrown_away(tmp_path: Path) -> None:
    source = tmp_path / "resnet50-0676ba61.pth"
    source.write_bytes(b"an error page")
    weights = resolve(
        None, seed=0, fetch=partial(fetch_imagenet, url=source.as_uri(), cache=tmp_path / "hub")
    )
    assert weights.source == "untrained"
    assert "its SHA-256 is wrong" in weights.note
    assert list((tmp_path / "hub").iterdir()) == []


def test_without_a_network_nothing_is_trained_and_the_run_knows(tmp_path: Path) -> None:
    weights = resolve(None, seed=4, fetch=partial(fetch_imagenet, url=NOWHERE, cache=tmp_path))
    assert (weights.source, weights.trusted, weights.sha256, weights.identities) == (
        "untrained",
        False,
        None,
        None,
    )
    assert weights.note.startswith("the network is untrained: no --weights were given")
    assert same(load_network(weights), build(FGREID, 1, seed=4))


def test_a_host_that_never_answers_does_not_hold_up_a_run(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/resnet50-00000000.pth"
        fetch = partial(fetch_imagenet, url=url, cache=tmp_path)
        assert resolve(None, seed=0, fetch=fetch).source == "untrained"


def test_networks_that_embed_differently_have_different_keys(saved: Path, tmp_path: Path) -> None:
    nothing = resolve(None, seed=1, fetch=partial(fetch_imagenet, url=NOWHERE, cache=tmp_path))
    trained = resolve(saved, seed=1)
    assert nothing.key == replace(nothing, note="").key
    assert nothing.key != replace(nothing, seed=2).key
    assert trained.key == replace(trained, seed=2).key
    assert trained.key != replace(trained, sha256="0" * 64).key


def test_weights_are_resolved_without_importing_torch(saved: Path) -> None:
    code = "import sys; from pathlib import Path; from reid.weights import resolve; "
    code += "resolve(Path(sys.argv[1]), seed=0); print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, str(saved)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"

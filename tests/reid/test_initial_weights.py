"""Start: which weights each branch has before training."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from reid.checkpoints import save_checkpoint
from reid.errors import CheckpointError, ReidError
from reid.imagenet import imagenet_state
from reid.initial_weights import initial_network, load_fitting_tensors
from reid.model.design import VARIANTS, Design, with_backbone
from reid.model.network import Network, build

LITE = "efficientnet-lite0"
LIGHT = VARIANTS["fgreid-lite"]
SINGLE = with_backbone(VARIANTS["temporal-pooling"], LITE)


@pytest.fixture(scope="module")
def trained() -> Network:
    """A temporal-pooling network that stands for one trained on MARS."""
    return build(SINGLE, 7, seed=3)


@pytest.fixture(scope="module")
def saved(trained: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("start") / "mars.safetensors"
    save_checkpoint(trained, path, extra={"step": torch.tensor(1)})
    yield path
    path.unlink()


def equal(a: nn.Module, b: nn.Module) -> bool:
    first, second = a.state_dict(), b.state_dict()
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def knows_imagenet(backbone: nn.Module) -> bool:
    taught, _ = imagenet_state(LITE)
    return all(torch.equal(tensor, taught[name]) for name, tensor in backbone.state_dict().items())


@pytest.mark.parametrize(
    ("coarse", "fine", "known"),
    [
        pytest.param(None, None, (True, True), id="fgreid-starts-from-imagenet"),
        pytest.param(None, "none", (True, False), id="one-branch-by-itself"),
        pytest.param("none", None, (False, True), id="the-other"),
        pytest.param("none", "none", (False, False), id="from-nothing"),
    ],
)
def test_each_branch_starts_where_it_is_told(
    coarse: str | None, fine: str | None, known: tuple[bool, bool]
) -> None:
    network = initial_network(LIGHT, 5, coarse=coarse, fine=fine, seed=4)
    found = network.backbones()
    assert (knows_imagenet(found["coarse"]), knows_imagenet(found["fine"])) == known
    random = build(LIGHT, 5, seed=4)
    assert torch.equal(network.classifier.weight, random.classifier.weight)
    assert equal(found["fine"], random.backbones()["fine"]) == (not known[1])


def test_the_baselines_fine_branch_starts_from_nothing() -> None:
    found = initial_network(with_backbone(VARIANTS["baseline"], LITE), 5, seed=0).backbones()
    assert (knows_imagenet(found["coarse"]), knows_imagenet(found["fine"])) == (True, False)


def test_a_fine_branch_starts_from_a_temporal_pooling_network(trained: Network, saved: Path) -> None:
    found = initial_network(LIGHT, 5, coarse="none", fine=str(saved), seed=0).backbones()
    assert equal(found["fine"], trained.backbones()["coarse"])
    assert not equal(found["coarse"], trained.backbones()["coarse"])


def with_prefix(prefix: str, state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}{name}": tensor for name, tensor in state.items()}


@pytest.mark.parametrize(
    ("prefix", "beside"),
    [
        pytest.param("", {"classifier.weight": torch.zeros(9, 1280)}, id="a-classifier-by-public-names"),
        pytest.param("module.", {}, id="from-many-gpus"),
        pytest.param("base.", {"bottleneck.weight": torch.zeros(3)}, id="as-a-network's-base"),
        pytest.param("module.base.", {"module.classifier.weight": torch.zeros(3)}, id="both"),
        pytest.param(
            "fine_backbone.", {"coarse_backbone.conv_stem.weight": torch.zeros(3)}, id="the-fine-one-of-two"
        ),
    ],
)
def test_a_backbone_is_found_in_what_people_keep(
    trained: Network, tmp_path: Path, prefix: str, beside: dict[str, Tensor]
) -> None:
    path, source = tmp_path / "w.pt", trained.backbones()["coarse"]
    torch.save(with_prefix(prefix, source.state_dict()) | beside, path)
    network = initial_network(SINGLE, 5, coarse=str(path), seed=0)
    assert equal(network.backbones()["coarse"], source)
    path.unlink()


@pytest.mark.parametrize(
    ("design", "coarse", "fine", "sentence"),
    [
        pytest.param(SINGLE, None, "none", "temporal-pooling has a single backbone", id="no-such-branch"),
        pytest.param(SINGLE, "nowhere.pt", None, "cannot read these weights", id="no-such-file"),
        pytest.param(SINGLE, "Imagenet", None, "cannot read these weights", id="misspelt"),
    ],
)
def test_what_cannot_be_started_from_costs_one_sentence(
    design: Design, coarse: str | None, fine: str | None, sentence: str
) -> None:
    with pytest.raises(ReidError, match=sentence):
        initial_network(design, 5, coarse=coarse, fine=fine, seed=0)


def test_weights_of_another_backbone_are_refused(saved: Path) -> None:
    with pytest.raises(CheckpointError, match=r"not weights of this backbone: conv1\.weight is missing"):
        initial_network(with_backbone(SINGLE, "resnet18"), 5, coarse=str(saved), seed=0)


def test_a_network_starts_whole_from_one_of_other_identities(tmp_path: Path) -> None:
    mars, path = build(LIGHT, 7, seed=1), tmp_path / "mars.safetensors"
    save_checkpoint(mars, path)
    network = build(LIGHT, 5, seed=2)
    own = network.classifier.weight.clone()
    assert load_fitting_tensors(network, path) == ("classifier.weight",)
    assert torch.equal(network.classifier.weight, own)
    rest = {name: tensor for name, tensor in network.state_dict().items() if name != "classifier.weight"}
    assert all(torch.equal(tensor, mars.state_dict()[name]) for name, tensor in rest.items())
    path.unlink()


def test_what_only_one_of_two_variants_has_is_named(saved: Path) -> None:
    network = build(with_backbone(VARIANTS["global-only"], LITE), 5, seed=2)
    skipped = load_fitting_tensors(network, saved)
    assert {"coarse_reduction.weight", "coarse_norm.weight", "classifier.weight"} <= set(skipped)
    assert not any("backbone" in name for name in skipped)


def test_a_network_on_another_backbone_is_no_start(saved: Path) -> None:
    with pytest.raises(CheckpointError, match="is a network on efficientnet-lite0, not resnet18"):
        load_fitting_tensors(build(with_backbone(SINGLE, "resnet18"), 5), saved)


def test_a_damaged_file_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "w.pt").write_bytes(b"no weights")
    with pytest.raises(CheckpointError, match=r"w\.pt: damaged"):
        load_fitting_tensors(build(with_backbone(SINGLE, LITE), 5), tmp_path / "w.pt")


def test_a_file_in_which_nothing_fits_is_no_start(tmp_path: Path) -> None:
    torch.save({"x.weight": torch.zeros(2)}, tmp_path / "w.pt")
    with torch.device("meta"):
        network = build(VARIANTS["global-only"], 5)
    with pytest.raises(CheckpointError, match="no weight fits global-only"):
        load_fitting_tensors(network, tmp_path / "w.pt")

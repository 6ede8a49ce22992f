"""The embedder: clips in, unit vectors out, however and wherever they are computed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from reid.embedder import ClipEmbedder, build_embedder, choose_device
from reid.errors import ReidError
from reid.model.backbone import MEAN, SPREAD
from reid.model.design import VARIANTS, with_backbone
from reid.model.network import Network, build
from reid.weights import Weights

SIZE = (64, 32)
FGREID = VARIANTS["fgreid"]
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def network() -> Network:
    """A network whose batch normalisations have all seen something, as a trained one's have."""
    network = build(FGREID, 1, seed=3).eval()
    generator = torch.Generator().manual_seed(3)
    for module in network.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            assert module.running_mean is not None
            assert module.running_var is not None
            module.running_mean.normal_(generator=generator)
            module.running_var.uniform_(0.5, 2, generator=generator)
    return network


@pytest.fixture(scope="module")
def embedder(network: Network) -> ClipEmbedder:
    return ClipEmbedder(network, CPU, size=SIZE)


@pytest.fixture(scope="module")
def clips() -> NDArray[np.uint8]:
    """(6, 4, 64, 32, 3) pixels: 24 frames, more than a CPU computes at once."""
    return np.random.default_rng(0).integers(0, 256, (6, 4, *SIZE, 3), dtype=np.uint8)


def test_rows_are_the_networks_embeddings_made_unit_length(
    network: Network, embedder: ClipEmbedder, clips: NDArray[np.uint8]
) -> None:
    pixels = torch.tensor(clips).permute(0, 1, 4, 2, 3) / 255
    mean, spread = (torch.tensor(values).view(3, 1, 1) for values in (MEAN, SPREAD))
    with torch.inference_mode():
        embedding = network((pixels - mean) / spread).embedding
    expected = embedding / embedding.norm(dim=1, keepdim=True)
    rows = embedder.embed(clips)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(embedder.features(clips), embedding.numpy(), atol=1e-4)
    np.testing.assert_allclose(rows, expected.numpy(), atol=1e-5)


def test_a_clip_embeds_alike_alone_and_among_others(embedder: ClipEmbedder, clips: NDArray[np.uint8]) -> None:
    alone = np.concatenate([embedder.embed(clip[None]) for clip in clips])
    np.testing.assert_allclose(alone, embedder.embed(clips), atol=1e-5)


@pytest.mark.parametrize(
    ("variant", "dimensions"),
    [("fgreid", 2048), ("baseline-1r", 2048), ("global-only", 1024), ("no-global", 1024)],
)
def test_rows_are_as_long_as_the_network_makes_them_and_as_it_sees_pixels(
    clips: NDArray[np.uint8], variant: str, dimensions: int
) -> None:
    network = build(with_backbone(VARIANTS[variant], "efficientnet-lite0"), 1).eval()
    pixels = (torch.tensor(clips[:2]).permute(0, 1, 4, 2, 3).float() - 127) / 128
    with torch.inference_mode():
        expected = network(pixels).embedding.numpy()
    features = ClipEmbedder(network, CPU, size=SIZE).features(clips[:2])
    assert features.shape == (2, dimensions)
    np.testing.assert_allclose(features, expected, atol=1e-4 * np.abs(expected).max())


def test_a_backbone_whose_layers_may_come_in_any_order_is_embedded_with_as_it_is(
    clips: NDArray[np.uint8],
) -> None:
    network = build(with_backbone(VARIANTS["global-only"], "resnet18"), 1).eval()
    with torch.inference_mode():
        expected = network(network.standardise(torch.tensor(clips[:1]))).embedding.numpy()
    np.testing.assert_allclose(ClipEmbedder(network, CPU, size=SIZE).features(clips[:1]), expected, atol=1e-4)


def test_the_same_clips_give_the_same_bytes(embedder: ClipEmbedder, clips: NDArray[np.uint8]) -> None:
    assert embedder.embed(clips).tobytes() == embedder.embed(clips).tobytes()


def test_no_clips_give_no_rows(embedder: ClipEmbedder) -> None:
    assert embedder.embed(np.empty((0, 4, *SIZE, 3), np.uint8)).shape == (0, 2048)


def test_images_are_clips_of_one_frame(embedder: ClipEmbedder, clips: NDArray[np.uint8]) -> None:
    assert embedder.embed(clips[:, :1]).shape == (6, 2048)


def test_read_only_and_mirrored_clips_are_welcome(embedder: ClipEmbedder, clips: NDArray[np.uint8]) -> None:
    mirrored = clips[:2, :, :, ::-1]
    frozen = mirrored.copy()
    frozen.setflags(write=False)
    np.testing.assert_array_equal(embedder.embed(mirrored), embedder.embed(frozen))


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(np.zeros((1, 4, 32, 64, 3), np.uint8), id="width-before-height"),
        pytest.param(np.zeros((1, 4, 64, 32, 3), np.float32), id="not-bytes"),
        pytest.param(np.zeros((1, 0, 64, 32, 3), np.uint8), id="a-clip-of-no-frames"),
    ],
)
def test_other_arrays_are_refused(embedder: ClipEmbedder, wrong: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match=r"expected uint8 \(k, t, 64, 32, 3\)"):
        embedder.embed(wrong)


def test_training_may_go_on_with_a_network_that_was_embedded_with(clips: NDArray[np.uint8]) -> None:
    network = build(FGREID, 1).train()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    ClipEmbedder(network, CPU, size=SIZE).embed(clips[:1])
    assert network.training
    after = network.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_weights_that_give_no_numbers_are_reported(clips: NDArray[np.uint8]) -> None:
    network = build(with_backbone(VARIANTS["no-global"], "efficientnet-lite0"), 1)
    assert network.fine_norm is not None
    nn.init.constant_(network.fine_norm.weight, float("nan"))
    with pytest.raises(ReidError, match="its weights are damaged"):
        ClipEmbedder(network, CPU, size=SIZE).embed(clips[:1])


def test_an_embedder_takes_crops_of_the_size_its_weights_were_made_for(clips: NDArray[np.uint8]) -> None:
    weights = Weights("untrained", None, None, seed=0, size=SIZE)
    embedder = build_embedder(weights, device="cpu")
    assert embedder.size == SIZE
    expected = ClipEmbedder(build(FGREID, 1), CPU, size=SIZE).embed(clips[:1])
    np.testing.assert_array_equal(embedder.embed(clips[:1]), expected)


@pytest.mark.parametrize("name", ["cuda:99", "99", "meta", "gpu", "0,1", "-1", ""])
def test_a_device_that_is_not_there_is_named_beside_those_that_are(name: str) -> None:
    with pytest.raises(ReidError, match=rf"'{name}' does not work here; name one of .*cpu"):
        choose_device(name)


def test_on_a_cpu_half_precision_changes_nothing(
    network: Network, embedder: ClipEmbedder, clips: NDArray[np.uint8]
) -> None:
    halved = ClipEmbedder(network, CPU, size=SIZE, half=True)
    np.testing.assert_array_equal(halved.embed(clips[:1]), embedder.embed(clips[:1]))


@pytest.fixture
def gpu() -> Iterator[torch.device]:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device on this machine")
    yield choose_device("0")


@pytest.mark.parametrize(("half", "least"), [(False, 0.99999), (True, 0.999)])
def test_a_gpu_embeds_as_the_cpu_does(
    gpu: torch.device,
    network: Network,
    embedder: ClipEmbedder,
    clips: NDArray[np.uint8],
    half: bool,
    least: float,
) -> None:
    rows = ClipEmbedder(network, gpu, size=SIZE, half=half).embed(clips)
    assert (rows * embedder.embed(clips)).sum(axis=1).min() > least

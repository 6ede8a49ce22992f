"""Networks and the classes that they embed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.embedding.networks import ClassNetwork
from reid.weights import Weights

TRAINED = Weights("shipped", Path("a"), "digest", 0)


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
    ("network", "caveat"),
    [
        (ClassNetwork("vehicles", TRAINED), None),
        (
            ClassNetwork("vehicles", TRAINED, "no weights"),
            "the network is not trained on vehicles: do not trust",
        ),
        (ClassNetwork("everything", TRAINED, "no weights"), "the network is not trained: do not trust"),
    ],
)
def test_a_network_that_is_not_trained_has_a_caveat(network: ClassNetwork, caveat: str | None) -> None:
    assert network.caveat == caveat
    assert network.trusted == (caveat is None)

"""The settings with which a network's tracklets are matched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.config import RunConfig
from pipeline.embedding.networks import ClassNetwork
from pipeline.errors import PipelineError
from pipeline.matching.config import MatchingConfig
from pipeline.setup.inputs import matching_config
from reid.weights import Weights

TRAINED = Weights("shipped", Path("a"), "digest", 0, threshold=0.4, stitch_threshold=0.5)
PEOPLE = ClassNetwork("people", TRAINED)


@pytest.mark.parametrize(
    ("network", "given", "thresholds", "by"),
    [
        pytest.param(PEOPLE, None, (0.4, 0.5), "network", id="the-networks-own"),
        pytest.param(PEOPLE, 0.45, (0.45, 0.5), "user", id="the-users"),
        pytest.param(PEOPLE, 0.2, (0.2, 0.5), "user", id="a-lower-one-is-for-links-between-cameras"),
        pytest.param(PEOPLE, 0.9, (0.9, 0.9), "user", id="never-laxer-within-a-camera"),
        pytest.param(replace(PEOPLE, weights=replace(TRAINED, threshold=None, stitch_threshold=None)), None,
                     (0.6, 0.75), "default", id="a-file-that-says-nothing"),
        pytest.param(replace(PEOPLE, weights=replace(TRAINED, threshold=0.8, stitch_threshold=None)), None,
                     (0.8, 0.8), "network", id="a-file-that-tells-one"),
        pytest.param(replace(PEOPLE, note="trained on people alone"), None, (0.6, 0.75), "default", id="not-of-its-classes"),
    ],
)  # fmt: skip
def test_thresholds_are_the_users_else_the_networks_else_the_defaults(
    network: ClassNetwork, given: float | None, thresholds: tuple[float, float], by: str
) -> None:
    config = matching_config(network, MatchingConfig(margin=0.1), given)
    assert (config.threshold.value, config.stitch_threshold.value) == thresholds
    assert config.threshold.by == by
    assert (config.margin, config.statistics) == (0.1, "network" if network.trusted else "run")


def test_a_threshold_that_is_no_cosine_is_refused() -> None:
    with pytest.raises(PipelineError, match="threshold is 2"):
        RunConfig(threshold=2)

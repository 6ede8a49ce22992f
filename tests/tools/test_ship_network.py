from __future__ import annotations

from pathlib import Path

import torch
from click.testing import CliRunner

from reid.checkpoints import load_network, read_state, save_checkpoint
from reid.model.design import VARIANTS, with_backbone
from reid.model.network import build
from reid.weights import resolve
from tools.ship_network import main

DESIGN = with_backbone(VARIANTS["fgreid"], "test_resnet")


def test_a_shipped_network_has_half_precision_its_thresholds_and_no_classifier(tmp_path: Path) -> None:
    trained, target = tmp_path / "best.safetensors", tmp_path / "people.safetensors"
    save_checkpoint(build(DESIGN, 5), trained, size=(64, 32), about={})
    command = [trained, target, "--threshold", "0.55", "--stitch-threshold", "0.9", "--size", "96", "48"]
    assert CliRunner().invoke(main, [str(argument) for argument in command]).exit_code == 0
    weights = resolve(target, seed=0)
    assert (weights.threshold, weights.stitch_threshold, weights.size) == (0.55, 0.9, (96, 48))
    assert load_network(weights).identities == 1
    assert {value.dtype for value in read_state(target).values() if value.is_floating_point()} == {
        torch.float16
    }


def test_two_checkpoints_are_averaged(tmp_path: Path) -> None:
    networks = [build(DESIGN, 5, seed=seed) for seed in (1, 2)]
    paths = [tmp_path / f"{number}.safetensors" for number in (1, 2)]
    for network, path in zip(networks, paths, strict=True):
        save_checkpoint(network, path, size=(64, 32), about={})
    target = tmp_path / "mean.safetensors"
    command = [str(paths[0]), str(target), "--mean-with", str(paths[1])]
    assert CliRunner().invoke(main, command).exit_code == 0
    states = [network.state_dict() for network in networks]
    for name, value in read_state(target).items():
        if name != "classifier.weight" and value.is_floating_point():
            mean = (states[0][name] + states[1][name]) / 2
            assert torch.allclose(value.float(), mean, atol=1e-3), name

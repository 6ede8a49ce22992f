"""Make of a trained checkpoint the file that ships: half precision, with the thresholds it is to be used at.

    python -m benchmarks.ship reid-train/people/best.safetensors reid/shipped/people.safetensors --threshold 0.55

Two trainings of which one began where the other ended may be averaged (`--mean-with`; Wortsman et al. 2022), and what
was trained on crops of two sizes may look at one between them (`--size`). The classifier, of use in training alone, is
left out. Prints size and SHA-256, which the card beside the file must name.
"""

from __future__ import annotations

from pathlib import Path

import click
import torch
from torch import Tensor

from reid.checkpoints import load_network, save_checkpoint
from reid.model.network import build
from reid.weights import THRESHOLDS, read_safetensors_header, resolve, sha256


@click.command()
@click.argument("checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--mean-with",
    "other",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take the mean of its weights and these, of the same network.",
)
@click.option(
    "--size", nargs=2, type=click.IntRange(16), help="Height and width of crops.  [default: CHECKPOINT's]"
)
@click.option(
    "--threshold",
    type=click.FloatRange(-1, 1),
    help="Smallest score of a link between cameras.  [default: match's]",
)
@click.option("--stitch-threshold", type=click.FloatRange(-1, 1), help="The same within one camera.")
def main(
    checkpoint: Path,
    target: Path,
    other: Path | None,
    size: tuple[int, int] | None,
    threshold: float | None,
    stitch_threshold: float | None,
) -> None:
    """Write CHECKPOINT's network to TARGET in half precision."""
    weights = resolve(checkpoint, seed=0)
    about = dict(read_safetensors_header(checkpoint).get("about", {}))
    for name, value in zip(THRESHOLDS, (threshold, stitch_threshold), strict=True):
        if value is not None:
            about[name] = f"{value:g}"
    trained = load_network(weights)
    learnt = trained.state_dict()
    if other is not None:
        second = load_network(resolve(other, seed=0)).state_dict()
        learnt = {
            name: mean(value, second[name]) for name, value in learnt.items() if name != "classifier.weight"
        }
    network = build(weights.design, 1, seed=0)
    untaught = {"classifier.weight": network.state_dict()["classifier.weight"]}
    network.load_state_dict(learnt | untaught)
    about["identities"] = str(trained.identities)
    save_checkpoint(network, target, size=size or weights.size, about=about, dtype=torch.float16)
    click.echo(f"{target}: {target.stat().st_size / 1e6:.1f} MB, SHA-256 {sha256(target)}")


def mean(one: Tensor, other: Tensor) -> Tensor:
    """Average two tensors of numbers; of counts the first is kept."""
    return (one + other) / 2 if one.is_floating_point() else one


if __name__ == "__main__":
    main()

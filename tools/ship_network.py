"""Turn a trained checkpoint into a file that ships: half precision, with its thresholds.

    python -m tools.ship_network reid-train/people/best.safetensors reid/shipped/people.safetensors --threshold 0.55

`--mean-with` averages two checkpoints, one trained from the other (Wortsman et al. 2022). `--size` sets the size of
crops, for a network that was trained on crops of two sizes. The classifier is left out; only training needs it. The
tool prints the file's size and SHA-256, which the card beside the file states.
"""

from __future__ import annotations

from pathlib import Path

import click
import torch
from torch import Tensor

from reid.checkpoints import load_network, save_checkpoint
from reid.files import sha256
from reid.model.network import build
from reid.weights import THRESHOLDS, read_safetensors_header, resolve

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
COSINE = click.FloatRange(-1, 1)


@click.command()
@click.argument("checkpoint", type=FILE)
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--mean-with", "other", type=FILE, help="Average with this checkpoint of the same network.")
@click.option(
    "--size", nargs=2, type=click.IntRange(16), help="Height and width of crops.  [default: CHECKPOINT's]"
)
@click.option(
    "--threshold", type=COSINE, help="Smallest score of a link between cameras.  [default: match's]"
)
@click.option(
    "--stitch-threshold", type=COSINE, help="Smallest score of a link within one camera.  [default: match's]"
)
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
    state = trained.state_dict()
    if other is not None:
        other_state = load_network(resolve(other, seed=0)).state_dict()
        state = {
            name: average(value, other_state[name])
            for name, value in state.items()
            if name != "classifier.weight"
        }
    network = build(weights.design, 1, seed=0)
    new_classifier = {"classifier.weight": network.state_dict()["classifier.weight"]}
    network.load_state_dict(state | new_classifier)
    about["identities"] = str(trained.identities)
    save_checkpoint(network, target, size=size or weights.size, about=about, dtype=torch.float16)
    click.echo(f"{target}: {target.stat().st_size / 1e6:.1f} MB, SHA-256 {sha256(target)}")


def average(first: Tensor, second: Tensor) -> Tensor:
    """Return the mean of two floating-point tensors; of counters, the first."""
    return (first + second) / 2 if first.is_floating_point() else first


if __name__ == "__main__":
    main()

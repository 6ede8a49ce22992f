"""Options that commands share: what is trained on what, and on which machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce, wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.numbers import FiniteRange
from reid.losses.weights import Margins, with_margins
from reid.model.design import VARIANTS, with_backbone

if TYPE_CHECKING:  # heavy; imported when a command runs
    from reid.recipes import Recipe

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DATA_ROOT = click.option(
    "--data-root",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that holds the data set's folder, or that folder itself.",
)
ONE_SPLIT = click.option(
    "--split", default=0, show_default=True, type=click.IntRange(min=0), help="Of data sets with ten splits."
)
OPTIONS = (
    click.argument("dataset"),
    DATA_ROOT,
    click.option(
        "--network",
        default="fgreid",
        show_default=True,
        type=click.Choice(list(VARIANTS)),
        help="FGReID, a variant of Table 8, or fgreid-lite for machines without a GPU.",
    ),
    click.option(
        "--backbone",
        metavar="NAME",
        help="resnet50, efficientnet-lite0, or any of timm's.  [default: the network's]",
    ),
    click.option(
        "--coarse-weights",
        metavar="SOURCE",
        help="Where the coarse backbone starts: imagenet, none or a file.",
    ),
    click.option(
        "--fine-weights",
        metavar="SOURCE",
        help="Where the fine backbone starts; the paper's is a temporal-pooling network trained on MARS.",
    ),
    click.option("--init-from", type=FILE, help="Checkpoint to start the whole network from (FGReID*)."),
    click.option(
        "--recipe",
        "recipe_name",
        default="paper",
        show_default=True,
        metavar="NAME",
        help="Batches as the paper says (paper) or as its code makes them (repo), or a TOML file of settings.",
    ),
    click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="NAME=VALUE",
        help="Change a setting of the recipe, as epochs=60, size=[250,150] or losses.beta=0.2; may be repeated.",
    ),
    click.option("--epochs", type=click.IntRange(min=1), help="The same as --set epochs=N.  [default: 120]"),
    click.option(
        "--rank-margins",
        default="repo",
        show_default=True,
        type=click.Choice(["repo", "lca"]),
        help="Margins of the rank loss: of the paper's code, under which its ranking part never acts, or of their source.",
    ),
    click.option("--device", metavar="DEVICE", help="cpu, 0, cuda:0, mps.  [default: a GPU if there is one]"),
    click.option(
        "--precision",
        default="auto",
        show_default=True,
        type=click.Choice(["auto", "fp32", "bf16", "fp16"]),
        help="auto: bf16 on GPUs that have it, fp16 on others, fp32 without.",
    ),
    click.option("--recompute", is_flag=True, help="Save GPU memory by computing activations twice."),
    click.option(
        "--workers", type=click.IntRange(0, 256), help="Processes that read pictures.  [default: cores - 1]"
    ),
    click.option(
        "--save-every",
        default=300.0,
        show_default=True,
        type=FiniteRange(min=0),
        help="Seconds between checkpoints.",
    ),
)


def with_job(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the shared options, parsed into a `job` and a `compute`."""

    @wraps(command)
    def parsed(
        dataset: str,
        data_root: Path,
        network: str,
        backbone: str | None,
        coarse_weights: str | None,
        fine_weights: str | None,
        init_from: Path | None,
        recipe_name: str,
        settings: tuple[str, ...],
        epochs: int | None,
        rank_margins: Margins,
        device: str | None,
        precision: str,
        recompute: bool,
        workers: int | None,
        save_every: float,
        **rest: object,
    ) -> None:
        from reid.data.catalogue import find
        from reid.training.compute import Compute
        from reid.training.job import Job

        key, entry = find(dataset)
        if epochs is not None:
            settings = (*settings, f"epochs={epochs}")
        design = VARIANTS[network]
        job = Job(
            key,
            data_root,
            design if backbone is None else with_backbone(design, backbone),
            _recipe(key, entry.kind, recipe_name, settings, rank_margins),
            coarse=coarse_weights,
            fine=fine_weights,
            whole=init_from,
        )
        compute = Compute(device, precision, recompute, workers, save_every)  # type: ignore[arg-type]  # click checked
        command(job=job, compute=compute, **rest)

    return reduce(lambda wrapped, option: option(wrapped), reversed(OPTIONS), parsed)


def _recipe(key: str, kind: str, name: str, settings: tuple[str, ...], margins: Margins) -> Recipe:
    """Put the recipe together: a preset, a file over it, single settings over that."""
    from reid.recipes import change, read, recipe_for

    recipe = recipe_for(key, kind, "repo" if name == "repo" else "paper")  # type: ignore[arg-type]
    recipe = replace(recipe, losses=with_margins(recipe.losses, margins))
    if name not in ("paper", "repo"):
        recipe = read(Path(name), recipe)
    return reduce(change, settings, recipe)

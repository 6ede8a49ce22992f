"""Options that commands share: which network is trained on which data, with which recipe and on which machine."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce, wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.options import FILE, Command, FiniteRange
from reid.model.design import VARIANTS, with_backbone

if TYPE_CHECKING:  # slow to import; --help does not need it
    from reid.recipes import Recipe

DATA_ROOT = click.option(
    "--data-root",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the data set, or the folder that contains it.",
)
ONE_SPLIT = click.option(
    "--split",
    default=0,
    show_default=True,
    type=click.IntRange(min=0),
    help="Split to use, for data sets with ten splits.",
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
        help="resnet50, efficientnet-lite0 or any backbone of timm.  [default: the network's]",
    ),
    click.option(
        "--coarse-weights",
        metavar="SOURCE",
        help="Initial weights of the coarse backbone: imagenet, none or a file.",
    ),
    click.option(
        "--fine-weights",
        metavar="SOURCE",
        help="Initial weights of the fine backbone; the paper uses a temporal-pooling network trained on MARS.",
    ),
    click.option(
        "--init-from", type=FILE, help="Checkpoint with initial weights for the whole network (FGReID*)."
    ),
    click.option(
        "--recipe",
        "recipe_name",
        default="paper",
        show_default=True,
        metavar="NAME",
        help="Batches as in the paper (paper) or as in its code (repo), or a TOML file of settings.",
    ),
    click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="NAME=VALUE",
        help="Change a setting of the recipe: epochs=60, size=[250,150], losses.beta=0.2, without=rank, "
        "losses.margins=lca. Repeatable.",
    ),
    click.option("--epochs", type=click.IntRange(min=1), help="Same as --set epochs=N.  [default: 120]"),
    click.option("--device", metavar="DEVICE", help="cpu, 0, cuda:0 or mps.  [default: a GPU if available]"),
    click.option(
        "--precision",
        default="auto",
        show_default=True,
        type=click.Choice(["auto", "fp32", "bf16", "fp16"]),
        help="auto: bf16 on GPUs that support it, fp16 on other GPUs, fp32 on a CPU.",
    ),
    click.option("--recompute", is_flag=True, help="Save GPU memory by computing activations twice."),
    click.option(
        "--workers", type=click.IntRange(0, 256), help="Processes that read images.  [default: cores - 1]"
    ),
    click.option(
        "--save-every",
        default=300.0,
        show_default=True,
        type=FiniteRange(min=0),
        help="Seconds between checkpoints.",
    ),
)


def out_option(text: str) -> Callable[[Command], Command]:
    """Return the option --out of a command that writes a folder."""
    return click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help=text)


def with_job(command: Callable[..., None]) -> Callable[..., None]:
    """Add the shared options to a command, which receives them parsed as `job` and `compute`."""

    @wraps(command)
    def run_with_job(
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
        device: str | None,
        precision: str,
        recompute: bool,
        workers: int | None,
        save_every: float,
        **other_options: object,
    ) -> None:
        """Build the job and its computation from the shared options, and run the command with them."""
        from reid.data.catalogue import find_benchmark
        from reid.training.compute import Compute
        from reid.training.job import TrainingJob

        key, entry = find_benchmark(dataset)
        if epochs is not None:
            settings = (*settings, f"epochs={epochs}")
        design = VARIANTS[network]
        job = TrainingJob(
            dataset=key,
            root=data_root,
            design=design if backbone is None else with_backbone(design, backbone),
            recipe=_recipe(key, entry.kind, recipe_name, settings),
            coarse=coarse_weights,
            fine=fine_weights,
            whole=init_from,
        )
        compute = Compute(
            device=device,
            precision=precision,  # type: ignore[arg-type]  # click checked
            recompute=recompute,
            workers=workers,
            save_every=save_every,
        )
        command(job=job, compute=compute, **other_options)

    return reduce(lambda wrapped, option: option(wrapped), reversed(OPTIONS), run_with_job)


def _recipe(dataset: str, kind: str, name: str, settings: tuple[str, ...]) -> Recipe:
    """Return a preset, changed by the recipe file if `name` is one, then by the single settings."""
    from reid.recipes import change_setting, read_recipe, recipe_for

    recipe = recipe_for(dataset, kind, "repo" if name == "repo" else "paper")  # type: ignore[arg-type]
    if name not in ("paper", "repo"):
        recipe = read_recipe(Path(name), recipe)
    return reduce(change_setting, settings, recipe)

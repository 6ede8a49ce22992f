"""`reid-pipeline evaluate`: scores of a network on a benchmark, next to the paper's."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.score_tables import score_checkpoints
from cli.training_options import DATA_ROOT, out_option

if TYPE_CHECKING:  # slow to import; --help does not need them
    from reid.evaluate import EvaluationSettings
    from reid.evaluation.pairing import Choice
    from reid.published import Extra


@click.command(
    "evaluate", short_help="Score a network on a data set's test split, next to the paper's results."
)
@click.argument("dataset")
@DATA_ROOT
@click.option(
    "--weights",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="FILE|DIR",
    help="Checkpoint, or folder that `train` wrote. After `train --split all`, each split is scored with its own "
    "checkpoint. On plaza it is optional and repeatable.",
)
@click.option(
    "--split",
    metavar="N|all",
    help="Split to use, for data sets with ten splits.  [default: those the checkpoints were trained for]",
)
@click.option("--rerank", is_flag=True, help="Also score with k-reciprocal re-ranking.")
@click.option(
    "--spacetime", is_flag=True, help="Also score with spatial-temporal statistics (market-1501, veri-776)."
)
@click.option("--flip", is_flag=True, help="Average the embeddings of each image and its mirror image.")
@click.option(
    "--clips",
    default=32,
    show_default=True,
    type=click.IntRange(min=1),
    help="Maximum number of clips per tracklet.",
)
@click.option(
    "--clip-length",
    type=click.IntRange(min=1),
    help="Frames per clip.  [default: as in training, or the paper's]",
)
@click.option(
    "--average-precision",
    default="standard",
    show_default=True,
    type=click.Choice(["standard", "trapezoid"]),
    help="Mean precision at the matches, or area under the precision-recall line.",
)
@out_option("Folder for report.json, ranked.png and attention.png.  [default: reid-evaluation/DATASET]")
@click.option("--overwrite", is_flag=True, help="Replace the results of an earlier evaluation in DIR.")
@click.option(
    "--pictures",
    default=8,
    show_default=True,
    type=click.IntRange(0, 100),
    help="Number of queries shown in the pictures.",
)
@click.option("--device", metavar="DEVICE", help="cpu, 0, cuda:0 or mps.  [default: a GPU if available]")
@click.option("--half", is_flag=True, help="Compute in half precision on a GPU.")
@click.option(
    "--workers", type=click.IntRange(min=0), help="Processes that read images.  [default: cores - 1]"
)
def evaluate_command(
    dataset: str,
    data_root: Path,
    weights: tuple[Path, ...],
    split: str | None,
    rerank: bool,
    spacetime: bool,
    flip: bool,
    clips: int,
    clip_length: int | None,
    average_precision: str,
    out: Path | None,
    overwrite: bool,
    pictures: int,
    device: str | None,
    half: bool,
    workers: int | None,
) -> None:
    """Score a network on the test split of DATASET and print the scores next to the paper's.

    \b
    DATASET is mars, ilids-vid, prid-2011, market-1501, cuhk01-486, cuhk01-100, veri-776,
    vehicleid-800, vehicleid-1600, vehicleid-2400, folder for your own images,
    or plaza, which `python -m samples.world tracklets` generates.

    A network is not scored on people that its file records as training people. DIR then contains the scores
    (report.json), ranked lists from the worst query to the best (ranked.png) and attention maps (attention.png).
    On plaza, networks are compared with a colour histogram, on people with and without a twin in the same clothes.
    """  # noqa: D301
    from reid.data.catalogue import CATALOGUE, find_benchmark
    from reid.evaluate import EvaluationSettings
    from reid.evaluation.pairing import pair_checkpoints, trained_on
    from reid.evaluation.splits import REPORT
    from reid.recipes import recipe_for
    from reid.tracklet_embedding import Viewing

    def settings_for(key: str, checkpoint: Path | None) -> EvaluationSettings:
        training = None if checkpoint is None else trained_on(checkpoint)
        length = clip_length or (training.clip_length if training else None)
        if not length:
            length = recipe_for(key, CATALOGUE[key].kind).clip_length  # the paper's
        return EvaluationSettings(
            Viewing(length, clips, "flipped" if flip else "plain"),
            extras_of(rerank, spacetime),
            average_precision,  # type: ignore[arg-type]  # click checked
        )

    if dataset.lower() == "plaza":
        from cli.plaza import LAYOUT, networks_to_score, score_networks

        if rerank or spacetime or split is not None:
            raise click.UsageError("plaza does not support --split, --rerank and --spacetime; remove them")
        networks = networks_to_score(weights)
        key, settings = "plaza", settings_for(LAYOUT, networks[0][1].path if networks else None)
        score = partial(score_networks, networks)
    else:
        key, _ = find_benchmark(dataset)
        if len(weights) != 1:
            raise click.UsageError(
                f"{key} needs one checkpoint or one folder of checkpoints; name it with --weights"
            )
        checkpoints = pair_checkpoints(weights[0], key, _choice(split))
        settings = settings_for(key, checkpoints[0].weights)
        score = partial(score_checkpoints, key, checkpoints=checkpoints)
    folder = out or Path("reid-evaluation") / key
    if (folder / REPORT).exists() and not overwrite:
        raise click.UsageError(
            f"{folder} contains the results of an earlier evaluation ({REPORT}); choose another --out, or add "
            "--overwrite to replace them"
        )
    score(
        root=data_root,
        folder=folder,
        device=device,
        settings=settings,
        pictures=pictures,
        half=half,
        workers=workers,
    )


def extras_of(rerank: bool, spacetime: bool) -> tuple[Extra, ...]:
    """Return the ways of ranking that are asked for.

    >>> extras_of(rerank=True, spacetime=True)
    ('', 'rerank', 'st', 'st+rerank')
    """
    both = rerank and spacetime
    asked: dict[Extra, bool] = {"": True, "rerank": rerank, "st": spacetime, "st+rerank": both}
    return tuple(extra for extra, is_asked in asked.items() if is_asked)


def _choice(split: str | None) -> Choice:
    if split is None:
        return None
    if split == "all":
        return "all"
    if not split.isdecimal():
        raise click.UsageError(f"--split is {split!r}; give a number from 0, or all")
    return int(split)

"""`reid-pipeline search`: somebody looked for in finished runs, by picture or by tracklet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from cli.options import NetworkFile
from cli.progress import warn
from cli.report import SAID

if TYPE_CHECKING:  # what they import takes longer than --help may
    from pipeline.results.pictures import Blur
    from pipeline.search.query import Query
    from pipeline.search.ranking import Ranking
    from pipeline.search.runs import SearchedRun
    from pipeline.search.strip import Answer, Picture

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(short_help="Look for somebody in finished runs.")
@click.argument("paths", nargs=-1, metavar="RUN... [PHOTO...]", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--tracklet", metavar="CAMERA/TRACK", help="Look for this tracklet of the first RUN, not a picture."
)
@click.option(
    "--whole", is_flag=True, help="Each picture shows the object and nothing else: look for no boxes."
)
@click.option(
    "--each", is_flag=True, help="Look for each person and vehicle in the PHOTO, numbered from the left."
)
@click.option(
    "--class",
    "group",
    type=click.Choice(["person", "vehicle"]),
    help="What is looked for.  [default: the largest in the picture; with --whole a person]",
)
@click.option("--top", default=10, show_default=True, type=click.IntRange(min=1), help="Tracklets to show.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="New folder for strip.png and found.csv.  [default: RUN/search/NAME for one run, none for several]",
)
@click.option(
    "--blur",
    type=click.Choice(list(SAID)),
    help="Whom nobody shall recognise in the strip, as for `report`.  [default: none inside RUN, faces elsewhere]",
)
@click.option(
    "--weights",
    type=NetworkFile(),
    metavar="FILE|DIR",
    help="The network's weights, if they are no longer where the run found them.",
)
@click.option(
    "--detector-weights", type=FILE, help="Detector to use.  [default: the run's own, if it had one]"
)
@click.option("--device", metavar="DEVICE", help="cpu, 0, cuda:0, mps.  [default: a GPU if there is one]")
def search(
    paths: tuple[Path, ...],
    tracklet: str | None,
    whole: bool,
    each: bool,
    group: Literal["person", "vehicle"] | None,
    top: int,
    out: Path | None,
    blur: Blur | None,
    weights: Path | None,
    detector_weights: Path | None,
    device: str | None,
) -> None:
    """Look for the person or vehicle in each PHOTO among the tracklets of each RUN.

    Folders are runs, files are pictures. Several pictures show one object, and are one query; of several people in
    one, the largest is meant. Who looks enough like it, by the threshold of the run, passes; where nobody does, it is
    said to be not present.
    """
    folders = list({path.resolve(): path for path in paths if path.is_dir()}.values())
    photos = [path for path in paths if not path.is_dir()]
    if not folders:
        raise click.UsageError("no folder of a run was given; give one or more, as in: search RUN photo.jpg")
    if bool(photos) == (tracklet is not None):
        raise click.UsageError("give pictures, or --tracklet CAMERA/TRACK; one of the two")
    if tracklet is not None and (whole or group is not None or weights or detector_weights):
        raise click.UsageError(
            "--whole, --class and weights are for pictures; leave them out with --tracklet"
        )
    if each and (whole or len(photos) != 1):
        raise click.UsageError(
            "--each is for one picture of several people; leave it out, or give one, not --whole"
        )
    if out is not None and out.exists():
        raise click.UsageError(f"{out}: is there already; choose another --out")
    from pipeline.report.write import default_blur
    from pipeline.search.ranking import search as rank
    from pipeline.search.runs import read_run
    from pipeline.search.strip import Answer

    runs = [read_run(folder) for folder in folders]
    target = out or (
        _free(folders[0] / "search", (tracklet or photos[0].stem).replace("/", "-"))
        if len(runs) == 1
        else None
    )
    chosen = blur or (default_blur(folders[0], target) if target and len(runs) == 1 else "faces")
    if tracklet is not None:
        queries = [_of_tracklet(runs[0], tracklet, chosen)]
    else:
        found = _find(runs, photos, whole, each, group, detector_weights, device)
        queries = _of_photos(runs, found, weights, device, chosen)
    numbers = range(1, len(queries) + 1) if each else [None]
    answers = [
        Answer(asked, rank(query, runs, most=top), number)
        for (query, asked), number in zip(queries, numbers, strict=True)
    ]
    for (query, _), answer in zip(queries, answers, strict=True):
        _tell(query, runs, answer, top)
    if target is not None:
        _write(target, answers, top, chosen)


def _of_tracklet(run: SearchedRun, name: str, blur: Blur) -> tuple[Query, list[Picture]]:
    """Look a tracklet up."""
    from pipeline.matching.corrections import parse_tracklet_name
    from pipeline.search.query import query_of_tracklet
    from pipeline.search.strip import crops_of

    key = parse_tracklet_name(name)
    if key is None:
        raise click.UsageError(f"{name!r} is no tracklet; name camera and track, as in gate/17")
    return query_of_tracklet(run, key), list(crops_of(run, [key], blur).values())


def _find(
    runs: list[SearchedRun],
    photos: list[Path],
    whole: bool,
    each: bool,
    group: str | None,
    weights: Path | None,
    device: str | None,
) -> list[tuple[list[Picture], str]]:
    """Find whom to look for in the pictures: the cuts of each, and its class."""
    from pipeline.search.photos import build_detector, find_all, find_objects, read_photo

    detector = None if whole else lambda: build_detector(runs[0], weights, device)
    if detector is None or not each:
        return [find_objects(photos, detector, group, warn=warn)]
    shown = find_all(read_photo(photos[0]), str(photos[0]), detector(), group)
    return [([one.picture], one.kind) for one in shown]


def _of_photos(
    runs: list[SearchedRun],
    found: list[tuple[list[Picture], str]],
    weights: Path | None,
    device: str | None,
    blur: Blur,
) -> list[tuple[Query, list[Picture]]]:
    """Embed what was found, each with the network of the first run that has any of its kind."""
    from functools import cache

    from pipeline.config import RunConfig
    from pipeline.protocols import Embedder
    from pipeline.results.galleries import SavedNetwork
    from pipeline.search.query import query_of_pictures
    from pipeline.search.ranking import first_with
    from pipeline.search.runs import clip_length, weights_of
    from pipeline.search.strip import query_picture
    from pipeline.setup.build import build_embedder

    @cache
    def embedder(run: SearchedRun, network: SavedNetwork) -> Embedder:
        return build_embedder(weights_of(run, network, weights), RunConfig(device=device))

    def query(cuts: list[Picture], kind: str) -> Query:
        run = first_with(kind, runs)
        network = run.gallery(kind).network
        return query_of_pictures(cuts, kind, network, embedder(run, network), length=clip_length(run))

    return [(query(cuts, kind), [query_picture(cut, kind, blur) for cut in cuts]) for cuts, kind in found]


def _tell(query: Query, runs: list[SearchedRun], answer: Answer, top: int) -> None:
    """Print who was found, and whether anybody passes."""
    ranking = answer.ranking
    if answer.number is not None:
        click.echo(f"{answer.number} from the left, a {query.kind}:")
    if ranking.best:
        _table(ranking, top)
    for caveat in sorted({run.gallery(query.kind).network.caveat or "" for run in runs} - {""}):
        click.echo(f"Caution: {caveat}.")
    if ranking.passing:
        click.echo(f"{ranking.passing} of {ranking.compared} tracklets compared pass ({query.kind}).")
    elif ranking.best:
        best = ranking.best[0]
        click.echo(
            f"Not present: none of {ranking.compared} tracklets compared ({query.kind}) reaches the threshold "
            f"{best.threshold:.3f}; the best is {best.camera}/{best.track} with {best.score:.3f}."
        )
    else:
        click.echo(f"Not present: there is no tracklet to compare a {query.kind} with.")


def _table(ranking: Ranking, top: int) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, padding=(0, 1))
    for name in ("rank", "run", "camera", "track", "identity", "from", "to", "score", "passes"):
        table.add_column(
            name, justify="left" if name in ("run", "camera", "passes") else "right", no_wrap=True
        )
    for rank, one in enumerate(ranking.best[:top], start=1):
        who = (str(rank), one.run.name, one.camera, str(one.track), str(one.identity))
        seen = (f"{one.start:.1f} s", f"{one.end:.1f} s", f"{one.score:.3f}", "yes" if one.passes else "no")
        table.add_row(*map(Text, who + seen))
    Console(highlight=False, width=160).print(table)


def _write(target: Path, answers: list[Answer], top: int, blur: Blur) -> None:
    """Write strip and table into a new folder."""
    from pipeline.search.strip import write_strip, write_table

    target.mkdir(parents=True)
    write_table(target / "found.csv", answers)
    write_strip(target / "strip.png", answers, top, blur)
    click.echo(f"{target}: strip.png and found.csv; {SAID[blur]}")


def _free(folder: Path, query: str) -> Path:
    """Name a folder that is not there yet after a query."""
    from itertools import count

    from pipeline.folder.file_names import file_name

    name = file_name(query)
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(folder / one for one in names if not (folder / one).exists())

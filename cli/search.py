"""`reid-pipeline search`: find a person or vehicle in finished runs, by picture or by tracklet."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from cli.logs import warn
from cli.options import BLUR, BLUR_RESULTS, DEVICE, FILE, NetworkFile, NewPath, refuse_overwriting
from reid.files import real_path

if TYPE_CHECKING:  # slow to import; --help must be fast
    from pipeline.protocols import Embedder
    from pipeline.results.galleries import SavedNetwork
    from pipeline.results.pictures import Blur
    from pipeline.results.records import FinishedRun
    from pipeline.search.query import Query
    from pipeline.search.ranking import Ranking
    from pipeline.search.strip import Picture, SearchAnswer


@click.command("search", short_help="Find a person or vehicle in finished runs.")
@click.argument("paths", nargs=-1, metavar="RUN... [PHOTO...]", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--tracklet",
    metavar="CAMERA/TRACK",
    help="Search for this tracklet of the first RUN instead of a picture.",
)
@click.option("--whole", is_flag=True, help="Each picture is cut to the object already; use no detector.")
@click.option(
    "--each",
    is_flag=True,
    help="Search for every person and vehicle in the PHOTO; they are numbered from the left.",
)
@click.option(
    "--class",
    "group",
    type=click.Choice(["person", "vehicle"]),
    help="Class to search for.  [default: that of the largest object in the picture; person with --whole]",
)
@click.option(
    "--top", default=10, show_default=True, type=click.IntRange(min=1), help="Number of tracklets to show."
)
@click.option(
    "--out",
    type=NewPath(),
    metavar="DIR",
    help="New folder for strip.png and found.csv.  [default: RUN/search/NAME for one run, none for several]",
)
@BLUR
@click.option(
    "--weights",
    type=NetworkFile(),
    metavar="FILE|DIR",
    help="Weights of the run's network, if they were moved.  [default: the file that the run recorded]",
)
@click.option(
    "--detector-weights",
    type=FILE,
    help="Weights of the detector.  [default: the run's own, if it had a detector]",
)
@DEVICE
def search_command(
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
    """Search the tracklets of each RUN for the person or vehicle in each PHOTO.

    Folders are runs, files are pictures. Several pictures show the same object and are one query. If a picture shows
    several people, the largest is the query. A tracklet passes if its score reaches the threshold of its run; if none
    passes, the object is reported as not present.
    """
    folders = list({real_path(path): path for path in paths if path.is_dir()}.values())
    photos = [path for path in paths if not path.is_dir()]
    for folder in folders:
        refuse_overwriting(out, folder)
    if not folders:
        raise click.UsageError("no run folder is given; name at least one, as in: search RUN photo.jpg")
    if bool(photos) == (tracklet is not None):
        raise click.UsageError("give either pictures or --tracklet CAMERA/TRACK")
    if tracklet is not None and (whole or group is not None or weights or detector_weights):
        raise click.UsageError("--whole, --class and weights apply to pictures; omit them with --tracklet")
    if each and (whole or len(photos) != 1):
        raise click.UsageError("--each needs exactly one picture, and cannot be combined with --whole")
    from pipeline.results.pictures import default_blur
    from pipeline.results.records import read_run
    from pipeline.search.ranking import rank_tracklets
    from pipeline.search.strip import SearchAnswer

    runs = [read_run(folder) for folder in folders]
    target = out
    if target is None and len(runs) == 1:
        target = _new_folder(folders[0] / "search", (tracklet or photos[0].stem).replace("/", "-"))
    if blur is None:
        blur = default_blur(folders[0], target) if target and len(runs) == 1 else "faces"
    if tracklet is not None:
        queries = [_tracklet_query(runs[0], tracklet, blur)]
    else:
        objects = _objects(runs, photos, whole, each, group, detector_weights, device)
        queries = _picture_queries(runs, objects, weights, device, blur)
    answers = []
    for number, (query, pictures) in enumerate(queries, start=1):
        ranking = rank_tracklets(runs, query, count=top)
        answers.append(SearchAnswer(pictures, ranking, number if each else None))
    for (query, _), answer in zip(queries, answers, strict=True):
        _print_answer(query, runs, answer, top)
    if target is not None:
        _write(target, answers, top, blur)


def _tracklet_query(run: FinishedRun, name: str, blur: Blur) -> tuple[Query, list[Picture]]:
    """Return the query of a tracklet and its picture."""
    from pipeline.matching.corrections import parse_tracklet_name
    from pipeline.search.query import query_of_tracklet
    from pipeline.search.strip import middle_pictures

    key = parse_tracklet_name(name)
    if key is None:
        raise click.UsageError(f"{name!r} is not a tracklet; name camera and track, such as gate/17")
    return query_of_tracklet(run, key), list(middle_pictures(run, [key], blur).values())


def _objects(
    runs: list[FinishedRun],
    photos: list[Path],
    whole: bool,
    each: bool,
    group: str | None,
    weights: Path | None,
    device: str | None,
) -> list[tuple[list[Picture], str]]:
    """Return the objects to search for: the pictures of each, cut to it, and its class."""
    from pipeline.search.photos import find_objects, largest_objects, load_detector_of, read_photo

    if each:
        detector = load_detector_of(runs[0], weights, device, warn=warn)
        objects = find_objects(read_photo(photos[0]), str(photos[0]), detector, group)
        return [([item.picture], item.kind) for item in objects]
    load_detector = None if whole else lambda: load_detector_of(runs[0], weights, device, warn=warn)
    return [largest_objects(photos, load_detector, group, warn=warn)]


def _picture_queries(
    runs: list[FinishedRun],
    objects: list[tuple[list[Picture], str]],
    weights: Path | None,
    device: str | None,
    blur: Blur,
) -> list[tuple[Query, list[Picture]]]:
    """Embed each object with the network of the first run that has tracklets to compare it with."""
    from pipeline.config import RunConfig
    from pipeline.results.networks import gallery_of, weights_of
    from pipeline.search.query import query_of_pictures
    from pipeline.search.ranking import first_run_with
    from pipeline.search.strip import query_picture
    from pipeline.setup.build import load_embedder

    embedders: dict[tuple[Path, SavedNetwork], Embedder] = {}
    queries = []
    for pictures, kind in objects:
        run = first_run_with(runs, kind)
        network = gallery_of(run, kind).network
        if (run.folder, network) not in embedders:
            network_weights = weights_of(run, network, weights)
            embedders[run.folder, network] = load_embedder(network_weights, RunConfig(device=device))
        length = run.record.settings.embedding.clip_length
        query = query_of_pictures(pictures, kind, network, embedders[run.folder, network], length=length)
        queries.append((query, [query_picture(picture, kind, blur) for picture in pictures]))
    return queries


def _print_answer(query: Query, runs: list[FinishedRun], answer: SearchAnswer, top: int) -> None:
    """Print the best hits, and whether any passes."""
    from pipeline.results.networks import gallery_of

    ranking = answer.ranking
    if answer.number is not None:
        click.echo(f"Number {answer.number} from the left, a {query.kind}:")
    if ranking.best:
        _print_table(ranking, top)
    for caveat in sorted({gallery_of(run, query.kind).network.caveat or "" for run in runs} - {""}):
        click.echo(f"Caution: {caveat}.")
    if ranking.passing:
        click.echo(f"{ranking.passing} of {ranking.compared} compared tracklets pass ({query.kind}).")
    elif ranking.best:
        best = ranking.best[0]
        click.echo(
            f"Not present: none of {ranking.compared} compared tracklets ({query.kind}) reaches the threshold "
            f"{best.threshold:.3f}. The best is {best.camera}/{best.track} with {best.score:.3f}."
        )
    else:
        click.echo(f"Not present: the run has no tracklet to compare a {query.kind} with.")


def _print_table(ranking: Ranking, top: int) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, padding=(0, 1))
    for name in ("rank", "run", "camera", "track", "identity", "from", "to", "score", "passes"):
        is_text = name in ("run", "camera", "passes")
        table.add_column(name, justify="left" if is_text else "right", no_wrap=True)
    for rank, hit in enumerate(ranking.best[:top], start=1):
        cells = [
            str(rank),
            hit.run.folder.resolve().name,
            hit.camera,
            str(hit.track),
            str(hit.identity),
            f"{hit.start:.1f} s",
            f"{hit.end:.1f} s",
            f"{hit.score:.3f}",
            "yes" if hit.passes else "no",
        ]
        table.add_row(*[Text(cell) for cell in cells])
    Console(highlight=False, width=160).print(table)


def _write(target: Path, answers: list[SearchAnswer], top: int, blur: Blur) -> None:
    """Write strip and table to a new folder."""
    from pipeline.search.strip import draw_strip, write_hits

    target.mkdir(parents=True)
    write_hits(target / "found.csv", answers)
    draw_strip(target / "strip.png", answers, top, blur)
    click.echo(f"{target}: strip.png and found.csv; {BLUR_RESULTS[blur]}")


def _new_folder(parent: Path, query: str) -> Path:
    """Return a folder named after a query that does not exist yet."""
    from pipeline.folder.file_names import file_name

    name = file_name(query)
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(parent / name for name in names if not (parent / name).exists())

"""Make footage and data sets: `python -m samples.world footage|tracklets|scenes|sample|sheets FOLDER`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli.progress import show_progress
from samples.world.errors import WorldError
from samples.world.scene import KINDS, WEATHERS, Kind, Weather

if TYPE_CHECKING:  # what they import takes longer than --help may
    from samples.world.gathering import Gathering
    from samples.world.wardrobe import Wardrobe

Command = TypeVar("Command", bound=Callable[..., Any])
FOLDER = click.Path(file_okay=False, path_type=Path)
SEEDS = click.IntRange(0, 2**31 - 1)
ZOOMS = click.FloatRange(1, 4)


class Group(click.Group):
    """Says what is wrong in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except WorldError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{where}{error.strerror or error}") from error


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Make footage and data sets of people and vehicles who do not exist; the same seed gives the same bytes."""


def filmed(command: Command) -> Command:
    """Add the options that all commands share."""
    for option in (
        click.option(
            "--workers", default=1, show_default=True, type=click.IntRange(min=1), help="Processes that draw."
        ),
        click.option(
            "--size",
            default=(960, 540),
            show_default=True,
            nargs=2,
            type=click.IntRange(32),
            metavar="WIDTH HEIGHT",
            help="Of the pictures.",
        ),
        click.option(
            "--cameras", default=3, show_default=True, type=click.IntRange(1, 6), help="In each scene."
        ),
        click.option("--seed", default=0, show_default=True, type=SEEDS, help="Of everything."),
        click.argument("folder", type=FOLDER),
    ):
        command = option(command)
    return command


def gathered(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a data set made of many productions; the command gets them as its `gathering`."""

    @click.option("--people", default=28, show_default=True, type=click.IntRange(0), help="In each part.")
    @click.option("--vehicles", default=0, show_default=True, type=click.IntRange(0), help="In each part.")
    @click.option(
        "--days", default=2, show_default=True, type=click.IntRange(1), help="Scenes each appears in."
    )
    @click.option(
        "--twins",
        default=0,
        show_default=True,
        type=click.IntRange(0),
        help="Pairs in each part who wear the same but for one thing.",
    )
    @click.option(
        "--together", default=14, show_default=True, type=click.IntRange(1), help="People in one scene."
    )
    @click.option(
        "--seconds", default=24.0, show_default=True, type=click.FloatRange(1), help="Of each scene."
    )
    @click.option("--test-people", type=click.IntRange(0), help="In the test part.  [default: --people]")
    @click.option(
        "--test-wardrobe",
        default="test",
        show_default=True,
        type=click.Choice(["validation", "test"]),
        help="What the test's people wear; never what those for training wear.",
    )
    @click.option(
        "--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Of scenes; may be repeated."
    )
    @click.option(
        "--test-kind",
        "test_kinds",
        multiple=True,
        type=click.Choice(KINDS),
        help="Likewise.  [default: --kind]",
    )
    @click.option(
        "--weather", "weathers", multiple=True, type=click.Choice(WEATHERS), help="May be repeated."
    )
    @click.option(
        "--zoom",
        type=ZOOMS,
        help="Of the cameras; at 1 they hold the whole place, and people are small.  [default: 1.4 on a street, else 2.5; "
        "in training each scene has its own, from 1 to that]",
    )
    @wraps(command)
    def run(folder: Path, workers: int, **options: Any) -> None:  # click gives options by name
        from samples.world.gathering import Gathering

        asked = {field.name: options.pop(field.name) for field in dataclasses.fields(Gathering)}
        command(folder, workers, Gathering(**asked), **options)

    return run


@main.command(short_help="A recording for each camera of one scene, with truth.")
@filmed
@click.option("--kind", default="plaza", show_default=True, type=click.Choice(KINDS), help="Of scene.")
@click.option("--weather", default="day", show_default=True, type=click.Choice(WEATHERS))
@click.option("--people", default=14, show_default=True, type=click.IntRange(0), help="Numbered from 1.")
@click.option("--vehicles", default=0, show_default=True, type=click.IntRange(0), help="Numbered from 1.")
@click.option(
    "--seconds", default=20.0, show_default=True, type=click.FloatRange(1), help="Of the world's time."
)
@click.option(
    "--rate", type=click.FloatRange(1, 60), help="Frames a second.  [default: each camera has its own]"
)
@click.option(
    "--zoom",
    type=ZOOMS,
    help="Of the cameras; at 1 they hold the whole place, and people are small.  [default: 1.4 on a street, else 2.5]",
)
@click.option(
    "--wardrobe",
    default="test",
    show_default=True,
    type=click.Choice(["train", "validation", "test"]),
    help="Whose clothes people wear; training's are those the shipped weights know.",
)
def footage(
    folder: Path,
    seed: int,
    cameras: int,
    size: tuple[int, int],
    workers: int,
    kind: Kind,
    weather: Weather,
    people: int,
    vehicles: int,
    seconds: float,
    rate: float | None,
    zoom: float | None,
    wardrobe: Wardrobe,
) -> None:
    """Film one scene into FOLDER: NAME.mp4 a camera, truth.csv, detections.csv and cameras.toml."""
    from samples.world.footage import Opening, film
    from samples.world.gathering import CLOSE, draw_sensors
    from samples.world.production import Plan, open_production

    cast = tuple(range(1, people + 1)), tuple(range(1, vehicles + 1))
    zoom = CLOSE[kind] if zoom is None else zoom
    plan = Plan(kind, weather, seed, *cast, seconds, cameras, *size, wardrobe=wardrobe, looks=seed, zoom=zoom)
    sensors = draw_sensors(seed, cameras)
    if rate is not None:
        sensors = tuple(dataclasses.replace(sensor, rate=rate) for sensor in sensors)
    opening = Opening(open_production, plan)
    with show_progress() as begin:
        frames = film(opening, sensors, folder, seed=seed, workers=workers, report=begin("frames"))
    click.echo(
        f"{len(frames)} frames of {cameras} cameras, truth, detections and cameras.toml are in {folder}"
    )


@main.command(short_help="People as MARS and vehicles as VeRi, to train on.")
@filmed
@gathered
@click.option(
    "--rate", default=3.0, show_default=True, type=click.FloatRange(0.2, 30), help="Crops a second."
)
def tracklets(folder: Path, workers: int, gathering: Gathering, rate: float) -> None:
    """Cut tracklets into FOLDER/MARS and, with vehicles, FOLDER/VeRi; odd identities for training, even for the test."""
    from samples.world.collecting import collect_tracklets
    from samples.world.tracklets import Cutting

    filmings = gathering.filmings()
    with show_progress() as begin:
        made = collect_tracklets(
            filmings,
            folder,
            categories=gathering.training.categories,
            twins=gathering.test_twins,
            cutting=Cutting(rate=rate),
            workers=workers,
            report=begin("scenes"),
        )
    click.echo(f"{made} tracklets of {len(filmings)} scenes are in {folder}")


@main.command(short_help="Pictures and boxes as Ultralytics trains a detector on.")
@filmed
@gathered
@click.option(
    "--every", default=2.0, show_default=True, type=click.FloatRange(0.1), help="Seconds between pictures."
)
def scenes(folder: Path, workers: int, gathering: Gathering, every: float) -> None:
    """Write FOLDER/images, FOLDER/labels and FOLDER/data.yaml; the test's people are its validation."""
    from samples.world.collecting import collect_scenes

    filmings = gathering.filmings()
    with show_progress() as begin:
        made = collect_scenes(filmings, folder, every=every, workers=workers, report=begin("scenes"))
    click.echo(f"{made} pictures of {len(filmings)} scenes are in {folder}")


@main.command(short_help="What samples/plaza holds, once more.")
@click.argument("folder", type=FOLDER)
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(min=1), help="Processes that draw."
)
def sample(folder: Path, workers: int) -> None:
    """Film the sample into FOLDER: three cameras on a plaza, sixteen people, three pairs of twins, and the truth."""
    from samples.world.sample import make_sample

    with show_progress() as begin:
        frames = make_sample(folder, workers=workers, report=begin("frames"))
    click.echo(f"{len(frames)} frames of the sample are in {folder}")


@main.command(short_help="Pictures of many people, of twins, and of all places.")
@click.argument("folder", type=FOLDER)
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(min=1), help="Processes that draw."
)
def sheets(folder: Path, workers: int) -> None:
    """Draw contact sheets into FOLDER: people.jpg, twins.jpg (from before and behind) and kinds.jpg."""
    from samples.world.sheets import draw_sheets

    with show_progress() as begin:
        draw_sheets(folder, workers=workers, report=begin("places"))
    click.echo(f"people.jpg, twins.jpg and kinds.jpg are in {folder}")


if __name__ == "__main__":
    main()

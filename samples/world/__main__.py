"""Command line of the renderer: `python -m samples.world footage|tracklets|scenes|sample|sheets FOLDER`."""

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

if TYPE_CHECKING:  # importing these takes too long for --help
    from samples.world.gathering import Gathering
    from samples.world.wardrobe import Wardrobe

Command = TypeVar("Command", bound=Callable[..., Any])
FOLDER = click.Path(file_okay=False, path_type=Path)
SEEDS = click.IntRange(0, 2**31 - 1)
ZOOMS = click.FloatRange(1, 4)


class Group(click.Group):
    """A command group that reports expected errors in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command and turn an expected error into a one-line message."""
        try:
            return super().invoke(ctx)
        except WorldError as error:
            raise click.ClickException(str(error)) from error
        except ModuleNotFoundError as error:
            raise click.ClickException(
                f'{error.name} is not installed; run: pip install ".[world]"'
            ) from error
        except OSError as error:
            prefix = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{prefix}{error.strerror or error}") from error


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Render footage and data sets of synthetic people and vehicles. The same seed gives the same bytes."""


def add_common_options(command: Command) -> Command:
    """Add the options that `footage`, `tracklets` and `scenes` share."""
    for option in (
        click.option(
            "--workers",
            default=1,
            show_default=True,
            type=click.IntRange(min=1),
            help="Number of processes that render.",
        ),
        click.option(
            "--size",
            default=(960, 540),
            show_default=True,
            nargs=2,
            type=click.IntRange(32),
            metavar="WIDTH HEIGHT",
            help="Size of the images in pixels.",
        ),
        click.option(
            "--cameras",
            default=3,
            show_default=True,
            type=click.IntRange(1, 6),
            help="Number of cameras in each scene.",
        ),
        click.option("--seed", default=0, show_default=True, type=SEEDS, help="Random seed."),
        click.argument("folder", type=FOLDER),
    ):
        command = option(command)
    return command


def add_data_set_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a data set rendered from many scenes; the command gets them as its `gathering`."""

    @click.option(
        "--people",
        default=28,
        show_default=True,
        type=click.IntRange(0),
        help="Number of people in each part (training and test).",
    )
    @click.option(
        "--vehicles",
        default=0,
        show_default=True,
        type=click.IntRange(0),
        help="Number of vehicles in each part.",
    )
    @click.option(
        "--days",
        default=2,
        show_default=True,
        type=click.IntRange(1),
        help="Number of scenes that each person or vehicle appears in.",
    )
    @click.option(
        "--twins",
        default=0,
        show_default=True,
        type=click.IntRange(0),
        help="Number of pairs of people in each part whose looks differ in one thing only.",
    )
    @click.option(
        "--together",
        default=14,
        show_default=True,
        type=click.IntRange(1),
        help="Largest number of people in one scene.",
    )
    @click.option(
        "--seconds",
        default=24.0,
        show_default=True,
        type=click.FloatRange(1),
        help="Duration of each scene.",
    )
    @click.option(
        "--test-people",
        type=click.IntRange(0),
        help="Number of people in the test part.  [default: --people]",
    )
    @click.option(
        "--test-wardrobe",
        default="test",
        show_default=True,
        type=click.Choice(["validation", "test"]),
        help="Wardrobe of the people in the test part. It shares no clothes with the training wardrobe.",
    )
    @click.option(
        "--kind",
        "kinds",
        multiple=True,
        type=click.Choice(KINDS),
        help="Kind of scene. May be repeated.  [default: all]",
    )
    @click.option(
        "--test-kind",
        "test_kinds",
        multiple=True,
        type=click.Choice(KINDS),
        help="Kind of scene in the test part. May be repeated.  [default: --kind]",
    )
    @click.option(
        "--weather",
        "weathers",
        multiple=True,
        type=click.Choice(WEATHERS),
        help="Weather of the scenes. May be repeated.  [default: all]",
    )
    @click.option(
        "--zoom",
        type=ZOOMS,
        help="Zoom of the cameras. At 1 they see the whole place and people are small.  [default: 1.4 on a street, "
        "else 2.5; each training scene draws its own from 1 to that value]",
    )
    @wraps(command)
    def run(folder: Path, workers: int, **options: Any) -> None:  # click gives options by name
        from samples.world.gathering import Gathering

        values = {field.name: options.pop(field.name) for field in dataclasses.fields(Gathering)}
        command(folder, workers, Gathering(**values), **options)

    return run


@main.command(short_help="Render one scene: a video for each camera, and the ground truth.")
@add_common_options
@click.option("--kind", default="plaza", show_default=True, type=click.Choice(KINDS), help="Kind of scene.")
@click.option("--weather", default="day", show_default=True, type=click.Choice(WEATHERS), help="Weather.")
@click.option("--people", default=14, show_default=True, type=click.IntRange(0), help="Number of people.")
@click.option("--vehicles", default=0, show_default=True, type=click.IntRange(0), help="Number of vehicles.")
@click.option(
    "--seconds", default=20.0, show_default=True, type=click.FloatRange(1), help="Duration of the scene."
)
@click.option(
    "--rate", type=click.FloatRange(1, 60), help="Frames per second.  [default: each camera draws its own]"
)
@click.option(
    "--zoom",
    type=ZOOMS,
    help="Zoom of the cameras. At 1 they see the whole place and people are small.  [default: 1.4 on a street, else 2.5]",
)
@click.option(
    "--wardrobe",
    default="test",
    show_default=True,
    type=click.Choice(["train", "validation", "test"]),
    help="Wardrobe that people are dressed from. The shipped weights were trained on `train`.",
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
    """Render one scene into FOLDER: NAME.mp4 for each camera, truth.csv, detections.csv and cameras.toml."""
    from samples.world.footage import Opening, film
    from samples.world.gathering import CLOSE, draw_sensors
    from samples.world.production import Plan, open_production

    plan = Plan(
        kind=kind,
        weather=weather,
        seed=seed,
        people=tuple(range(1, people + 1)),
        vehicles=tuple(range(1, vehicles + 1)),
        seconds=seconds,
        cameras=cameras,
        width=size[0],
        height=size[1],
        wardrobe=wardrobe,
        looks=seed,
        zoom=CLOSE[kind] if zoom is None else zoom,
    )
    sensors = draw_sensors(seed, cameras)
    if rate is not None:
        sensors = tuple(dataclasses.replace(sensor, rate=rate) for sensor in sensors)
    opening = Opening(open_production, plan)
    with show_progress() as begin:
        frames = film(opening, sensors, folder, seed=seed, workers=workers, report=begin("frames"))
    click.echo(
        f"Wrote {len(frames)} frames of {cameras} cameras, truth.csv, detections.csv and cameras.toml to {folder}"
    )


@main.command(short_help="Write ReID data sets: people as MARS, vehicles as VeRi.")
@add_common_options
@add_data_set_options
@click.option(
    "--rate", default=3.0, show_default=True, type=click.FloatRange(0.2, 30), help="Crops per second."
)
def tracklets(folder: Path, workers: int, gathering: Gathering, rate: float) -> None:
    """Write tracklets to FOLDER/MARS and, with vehicles, to FOLDER/VeRi.

    Odd identities form the training set, even identities the test set.
    """
    from samples.world.collecting import collect_tracklets
    from samples.world.tracklets import Cutting

    filmings = gathering.filmings()
    with show_progress() as begin:
        count = collect_tracklets(
            filmings,
            folder,
            categories=gathering.training.categories,
            twins=gathering.test_twins,
            cutting=Cutting(rate=rate),
            workers=workers,
            report=begin("scenes"),
        )
    click.echo(f"Wrote {count} tracklets of {len(filmings)} scenes to {folder}")


@main.command(short_help="Write a detection data set for Ultralytics.")
@add_common_options
@add_data_set_options
@click.option(
    "--every", default=2.0, show_default=True, type=click.FloatRange(0.1), help="Seconds between images."
)
def scenes(folder: Path, workers: int, gathering: Gathering, every: float) -> None:
    """Write FOLDER/images, FOLDER/labels and FOLDER/data.yaml.

    The test scenes become the validation split.
    """
    from samples.world.collecting import collect_scenes

    filmings = gathering.filmings()
    with show_progress() as begin:
        count = collect_scenes(filmings, folder, every=every, workers=workers, report=begin("scenes"))
    click.echo(f"Wrote {count} images of {len(filmings)} scenes to {folder}")


@main.command(short_help="Render the shipped sample, samples/plaza, again.")
@click.argument("folder", type=FOLDER)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    help="Number of processes that render.",
)
def sample(folder: Path, workers: int) -> None:
    """Render the sample into FOLDER: a plaza, three cameras, sixteen people with three pairs of twins, ground truth."""
    from samples.world.sample import make_sample

    with show_progress() as begin:
        frames = make_sample(folder, workers=workers, report=begin("frames"))
    click.echo(f"Wrote {len(frames)} frames of the sample to {folder}")


@main.command(short_help="Draw overviews of people, twins and scenes.")
@click.argument("folder", type=FOLDER)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    help="Number of processes that render.",
)
def sheets(folder: Path, workers: int) -> None:
    """Draw contact sheets into FOLDER: people.jpg, twins.jpg (front and back) and kinds.jpg."""
    from samples.world.sheets import draw_sheets

    with show_progress() as begin:
        draw_sheets(folder, workers=workers, report=begin("places"))
    click.echo(f"Wrote people.jpg, twins.jpg and kinds.jpg to {folder}")


if __name__ == "__main__":
    main()

"""Make footage and data sets: `python -m samples.world footage|tracklets|scenes FOLDER`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import numpy as np

from cli.progress import show_progress
from samples.world.errors import WorldError
from samples.world.programme import Company, programme
from samples.world.programme import twins as pairs
from samples.world.scene import KINDS, WEATHERS, Kind, Weather
from samples.world.wardrobe import Wardrobe

if TYPE_CHECKING:  # what they import takes longer than --help may
    from samples.world.collecting import Filming
    from samples.world.sensor import Sensor

Command = TypeVar("Command", bound=Callable[..., Any])
FOLDER = click.Path(file_okay=False, path_type=Path)
SEEDS = click.IntRange(0, 2**31 - 1)


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


def gathered(command: Command) -> Command:
    """Add the options of a data set made of many productions."""
    for option in (
        click.option(
            "--weather", "weathers", multiple=True, type=click.Choice(WEATHERS), help="May be repeated."
        ),
        click.option(
            "--test-kind",
            "test_kinds",
            multiple=True,
            type=click.Choice(KINDS),
            help="Likewise.  [default: --kind]",
        ),
        click.option(
            "--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Of scenes; may be repeated."
        ),
        click.option(
            "--test-wardrobe",
            default="test",
            show_default=True,
            type=click.Choice(["validation", "test"]),
            help="What the test's people wear; never what those for training wear.",
        ),
        click.option("--test-people", type=click.IntRange(0), help="In the test part.  [default: --people]"),
        click.option(
            "--seconds", default=24.0, show_default=True, type=click.FloatRange(1), help="Of each scene."
        ),
        click.option(
            "--together", default=14, show_default=True, type=click.IntRange(1), help="People in one scene."
        ),
        click.option(
            "--twins",
            default=0,
            show_default=True,
            type=click.IntRange(0),
            help="Pairs in each part who wear the same but for one thing.",
        ),
        click.option(
            "--days", default=2, show_default=True, type=click.IntRange(1), help="Scenes each appears in."
        ),
        click.option(
            "--vehicles", default=0, show_default=True, type=click.IntRange(0), help="In each part."
        ),
        click.option("--people", default=28, show_default=True, type=click.IntRange(0), help="In each part."),
    ):
        command = option(command)
    return command


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
) -> None:
    """Film one scene into FOLDER: NAME.mp4 a camera, truth.csv, detections.csv and cameras.toml."""
    from samples.world.footage import Opening, film
    from samples.world.production import Plan, open_production

    cast = tuple(range(1, people + 1)), tuple(range(1, vehicles + 1))
    plan = Plan(kind, weather, seed, *cast, seconds, cameras, *size, looks=seed)
    sensors = _sensors(seed, cameras)
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
def tracklets(
    folder: Path,
    seed: int,
    cameras: int,
    size: tuple[int, int],
    workers: int,
    people: int,
    vehicles: int,
    twins: int,
    days: int,
    together: int,
    seconds: float,
    kinds: tuple[Kind, ...],
    test_people: int | None,
    test_wardrobe: Wardrobe,
    test_kinds: tuple[Kind, ...],
    weathers: tuple[Weather, ...],
    rate: float,
) -> None:
    """Cut tracklets into FOLDER/MARS and, with vehicles, FOLDER/VeRi; odd identities for training, even for the test."""
    from samples.world.collecting import collect_tracklets
    from samples.world.tracklets import Cutting

    company = Company(people, vehicles, days, together, twins, kinds or KINDS, weathers or WEATHERS)
    tested = _tested(company, test_people, test_kinds)
    filmings = _filmings((company, tested), test_wardrobe, seed, seconds, cameras, size)
    with show_progress() as begin:
        made = collect_tracklets(
            filmings,
            folder,
            categories=company.categories,
            twins=pairs(tested, "test"),
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
def scenes(
    folder: Path,
    seed: int,
    cameras: int,
    size: tuple[int, int],
    workers: int,
    people: int,
    vehicles: int,
    twins: int,
    days: int,
    together: int,
    seconds: float,
    kinds: tuple[Kind, ...],
    test_people: int | None,
    test_wardrobe: Wardrobe,
    test_kinds: tuple[Kind, ...],
    weathers: tuple[Weather, ...],
    every: float,
) -> None:
    """Write FOLDER/images, FOLDER/labels and FOLDER/data.yaml; the test's people are its validation."""
    from samples.world.collecting import collect_scenes

    company = Company(people, vehicles, days, together, twins, kinds or KINDS, weathers or WEATHERS)
    tested = _tested(company, test_people, test_kinds)
    filmings = _filmings((company, tested), test_wardrobe, seed, seconds, cameras, size)
    with show_progress() as begin:
        made = collect_scenes(filmings, folder, every=every, workers=workers, report=begin("scenes"))
    click.echo(f"{made} pictures of {len(filmings)} scenes are in {folder}")


def _tested(company: Company, people: int | None, kinds: tuple[Kind, ...]) -> Company:
    """Plan the test's company: as the training's, but for what is asked for."""
    count = company.people if people is None else people
    return dataclasses.replace(
        company, people=count, twins=min(company.twins, count // 2), kinds=kinds or company.kinds
    )


def _filmings(
    companies: tuple[Company, Company],
    test_wardrobe: Wardrobe,
    seed: int,
    seconds: float,
    cameras: int,
    size: tuple[int, int],
) -> list[Filming]:
    """Plan all productions of both parts, dressed from wardrobes that share nothing."""
    from samples.world.collecting import Filming
    from samples.world.footage import Opening
    from samples.world.production import Plan, open_production

    slots = [
        slot
        for part, company in zip(("train", "test"), companies, strict=True)
        for slot in programme(company, part, seed)
    ]
    filmings = []
    for slot in slots:
        plan = Plan(
            *(slot.kind, slot.weather, slot.seed, slot.people, slot.vehicles, seconds, cameras, *size),
            wardrobe="train" if slot.part == "train" else test_wardrobe,
            looks=seed,
            twins=slot.twins,
        )
        filmings.append(
            Filming(slot.part, Opening(open_production, plan), _sensors(slot.seed, cameras), slot.seed)
        )
    return filmings


def _sensors(seed: int, cameras: int) -> tuple[Sensor, ...]:
    """Draw a camera each, but in every third scene cameras of one make."""
    from samples.world.sensor import draw_sensor

    random = np.random.default_rng([seed, cameras])
    drawn = [draw_sensor(random, harshness=random.uniform(0.1, 0.9)) for _ in range(cameras)]
    alike = random.random() < 1 / 3
    return tuple(
        dataclasses.replace(drawn[0], rate=one.rate, offset=one.offset) if alike else one for one in drawn
    )


if __name__ == "__main__":
    main()

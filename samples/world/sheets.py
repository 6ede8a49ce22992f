"""Contact sheets of the simulated people, twins and places: `python -m samples.world sheets FOLDER`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from reid.files import replacing
from samples.world.backdrop import Backdrop
from samples.world.camera import Camera
from samples.world.carrying import hang
from samples.world.crew import crew
from samples.world.dressing import dress
from samples.world.footage import Report, silent
from samples.world.looks import Look
from samples.world.motion import Activity, State
from samples.world.production import Plan, Production
from samples.world.renderer import Renderer
from samples.world.scene import KINDS, WEATHERS, Kind, Weather
from samples.world.scenes import scene
from samples.world.sensor import Image, Light, Sensor, develop
from samples.world.staging import pose_person
from samples.world.wardrobe import DIFFERENCES, Difference, draw_look, twin

PEOPLE, ROW = 50, 10
BODY, PLACE = (128, 208), (384, 216)
"""Width and height of the pictures of a person and of a place, in pixels."""
PLAZA_SEED, SPOT, EYE = 2, (-3.6, -8.8), (1.8, -3.5, 5.4)
"""Seed of the studio's plaza, a sunny spot on it (x, y), and the camera's place (x, y, z), in metres."""
CAST: dict[Kind, tuple[int, int]] = {
    "plaza": (16, 0),
    "street": (36, 6),
    "corridor": (16, 0),
    "carpark": (16, 9),
}
"""Numbers of people and vehicles in each kind of place."""
SENSOR = Sensor(exposure=1.4)
"""Sensor of all pictures, set brighter because pavements are paler than people."""
QUALITY = 82
"""JPEG quality."""


def draw_sheets(folder: Path, *, workers: int = 1, report: Report = silent) -> None:
    """Write `people.jpg`, `twins.jpg` and `kinds.jpg` into a folder.

    Args:
        folder: The output folder; created if missing.
        workers: The number of processes that draw places.
        report: Called with the number of finished places and the number of all places.

    Raises:
        WorldError: OpenGL is missing.
    """
    studio = Studio()
    people = [studio.picture(draw_look(number, "test"), 2.4 * number) for number in range(1, PEOPLE + 1)]
    write(folder / "people.jpg", sheet(people, ROW))
    pairs = [draw_twins(difference) for difference in DIFFERENCES]
    twins = [studio.picture(look, turn) for turn in (0.5, 3.6) for pair in pairs for look in pair]
    write(folder / "twins.jpg", sheet(twins, 2 * len(pairs)))
    tasks = [(kind, weather) for kind in KINDS for weather in WEATHERS]
    with crew(workers) as run:
        places = []
        for picture in run(picture_place, tasks):
            places.append(picture)
            report(len(places), len(tasks))
    write(folder / "kinds.jpg", sheet(places, len(WEATHERS)))


class Studio:
    """A spot on a plaza where people are photographed one at a time."""

    def __init__(self) -> None:
        """Build the plaza.

        Raises:
            WorldError: OpenGL is missing.
        """
        plaza = scene("plaza", "day", PLAZA_SEED, cameras=1)
        self._camera = Camera("studio", EYE, (*SPOT, 0.95), 16.0, 2 * BODY[0], 2 * BODY[1])
        self._renderer = Renderer(Backdrop(plaza), plaza.light, self._camera.width, self._camera.height)

    def picture(self, look: Look, turn: float) -> Image:
        """Return an (h, w, 3) RGB picture of a walking person, turned by `turn` radians away from the camera."""
        person = dress(look)
        toward = float(np.arctan2(EYE[1] - SPOT[1], EYE[0] - SPOT[0]))
        state = State(SPOT, toward + turn, look.pace, turn, Activity.WALK, 0.0, 0.0)
        actors = pose_person(person, hang(person, rain=False), state, 0.0, 0)
        return develop_reduced(self._renderer.draw(self._camera, actors)[0])


def draw_twins(difference: Difference) -> tuple[Look, Look]:
    """Return the looks of a person and of another person in the same clothes, except for one difference."""
    number = 2 * DIFFERENCES.index(difference) + 1
    look = draw_look(number, "test")
    return look, twin(look, draw_look(number + 1, "test"), difference)


def picture_place(task: tuple[Kind, Weather]) -> Image:
    """Return an (h, w, 3) RGB picture of a kind of place in one weather; each weather has its own place."""
    kind, weather = task
    people, vehicles = (tuple(range(1, count + 1)) for count in CAST[kind])
    width, height = (2 * side for side in PLACE)
    plan = Plan(
        kind,
        weather,
        seed=WEATHERS.index(weather),
        people=people,
        vehicles=vehicles,
        seconds=10.0,
        cameras=1,
        width=width,
        height=height,
    )
    return develop_reduced(Production(plan).picture(0, 8.0)[0])


def develop_reduced(linear: Light) -> Image:
    """Return the (h, w, 3) RGB picture of (2h, 2w, 3) linear light, at half its size."""
    picture = develop(linear, SENSOR, np.random.default_rng(0))
    height, width = picture.shape[:2]
    return np.asarray(cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.uint8)


def sheet(pictures: Sequence[Image], row: int) -> Image:
    """Return a sheet of equally large pictures, `row` of them in each row.

    >>> sheet([np.full((2, 1, 3), number, np.uint8) for number in range(4)], 2)[..., 0].tolist()
    [[0, 1], [0, 1], [2, 3], [2, 3]]
    """
    return np.vstack([np.hstack(pictures[first : first + row]) for first in range(0, len(pictures), row)])


def write(path: Path, picture: Image) -> None:
    """Write an (h, w, 3) RGB picture as a JPEG file."""
    _, encoded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    with replacing(path) as temporary:
        temporary.write_bytes(encoded.tobytes())

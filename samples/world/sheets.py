"""What do people, twins and places look like? Contact sheets to be looked at: `python -m samples.world sheets FOLDER`."""

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
from samples.world.staging import on_stage
from samples.world.wardrobe import DIFFERENCES, Difference, draw_look, twin

PEOPLE, ROW = 50, 10
BODY, PLACE = (128, 208), (384, 216)
"""Width and height of the picture of a person and of a place, in pixels."""
SQUARE, SPOT, EYE = 2, (-3.6, -8.8), (1.8, -3.5, 5.4)
"""A plaza's seed, where on it people stand in the sun, and where their camera hangs; metres."""
CAST: dict[Kind, tuple[int, int]] = {
    "plaza": (16, 0),
    "street": (36, 6),
    "corridor": (16, 0),
    "carpark": (16, 9),
}
"""How many people and vehicles are in a place."""
SENSOR = Sensor(exposure=1.4)
"""Of all pictures; pavements are paler than people."""
QUALITY = 82
"""Of the JPEG files."""


def draw_sheets(folder: Path, *, workers: int = 1, report: Report = silent) -> None:
    """Draw `people.jpg`, `twins.jpg` and `kinds.jpg` into a folder.

    Args:
        folder: made if it is not there.
        workers: processes that draw places.
        report: is called with the places done and in all.

    Raises:
        WorldError: no OpenGL.
    """
    studio = Studio()
    everybody = [studio.picture(draw_look(number, "test"), 2.4 * number) for number in range(1, PEOPLE + 1)]
    write(folder / "people.jpg", sheet(everybody, ROW))
    pairs = [pair(differs) for differs in DIFFERENCES]
    alike = [studio.picture(look, turn) for turn in (0.5, 3.6) for two in pairs for look in two]
    write(folder / "twins.jpg", sheet(alike, 2 * len(pairs)))
    tasks = [(kind, weather) for kind in KINDS for weather in WEATHERS]
    with crew(workers) as run:
        places = []
        for picture in run(place, tasks):
            places.append(picture)
            report(len(places), len(tasks))
    write(folder / "kinds.jpg", sheet(places, len(WEATHERS)))


class Studio:
    """A spot on a plaza where people are pictured, one at a time."""

    def __init__(self) -> None:
        """Build the plaza around it.

        Raises:
            WorldError: no OpenGL.
        """
        plaza = scene("plaza", "day", SQUARE, cameras=1)
        self._camera = Camera("studio", EYE, (*SPOT, 0.95), 16.0, 2 * BODY[0], 2 * BODY[1])
        self._renderer = Renderer(Backdrop(plaza), plaza.light, self._camera.width, self._camera.height)

    def picture(self, look: Look, turn: float) -> Image:
        """Picture somebody who walks, turned so many radians away from the camera; (h, w, 3) RGB."""
        person = dress(look)
        toward = float(np.arctan2(EYE[1] - SPOT[1], EYE[0] - SPOT[0]))
        state = State(SPOT, toward + turn, look.pace, turn, Activity.WALK, 0.0, 0.0)
        actors = on_stage(person, hang(person, rain=False), state, 0.0, 0)
        return shown(self._renderer.draw(self._camera, actors)[0])


def pair(differs: Difference) -> tuple[Look, Look]:
    """Draw somebody, and somebody else in the same clothes but for one thing."""
    number = 2 * DIFFERENCES.index(differs) + 1
    look = draw_look(number, "test")
    return look, twin(look, draw_look(number + 1, "test"), differs)


def place(task: tuple[Kind, Weather]) -> Image:
    """Picture a kind of place in one weather, each in a place of its own; (h, w, 3) RGB."""
    kind, weather = task
    people, vehicles = (tuple(range(1, count + 1)) for count in CAST[kind])
    width, height = (2 * side for side in PLACE)
    plan = Plan(kind, weather, WEATHERS.index(weather), people, vehicles, 10.0, 1, width, height)
    return shown(Production(plan).picture(0, 8.0)[0])


def shown(linear: Light) -> Image:
    """Take an ordinary camera's picture of (2h, 2w, 3) light, at half its size."""
    picture = develop(linear, SENSOR, np.random.default_rng(0))
    height, width = picture.shape[:2]
    return np.asarray(cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.uint8)


def sheet(pictures: Sequence[Image], row: int) -> Image:
    """Lay pictures of one size side by side, so many in a row.

    >>> sheet([np.full((2, 1, 3), number, np.uint8) for number in range(4)], 2)[..., 0].tolist()
    [[0, 1], [0, 1], [2, 3], [2, 3]]
    """
    return np.vstack([np.hstack(pictures[first : first + row]) for first in range(0, len(pictures), row)])


def write(path: Path, picture: Image) -> None:
    """Write a JPEG file."""
    _, coded = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    with replacing(path) as temporary:
        temporary.write_bytes(coded.tobytes())

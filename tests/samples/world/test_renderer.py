"""Who is seen, and where."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from samples.world.camera import Camera
from samples.world.dressing import Dressed, dress
from samples.world.mesh import Floats
from samples.world.postures import Manner, Moment
from samples.world.scenes import scene
from samples.world.visibility import Actor, VisibleActor
from samples.world.wardrobe import draw_look

if TYPE_CHECKING:  # needs moderngl
    from samples.world.renderer import Renderer

    Stage = tuple[Renderer, list[Dressed], Camera]
pytestmark = pytest.mark.usefixtures("bodies", "drawing")


@pytest.fixture(scope="module")
def stage() -> Stage:
    from samples.world.backdrop import Backdrop
    from samples.world.renderer import Renderer

    place = scene("plaza", "overcast", 3, cameras=1, width=320, height=180)
    renderer = Renderer(Backdrop(place), place.light, 320, 180)
    people = [dress(draw_look(number)) for number in (2, 3)]
    return renderer, people, Camera("own", (0, -7, 2.0), (0, 0, 0.9), 30, 320, 180)


def standing(
    person: Dressed,
    place: tuple[float, float],
    who: int = 0,
    spots: tuple[tuple[float, float, float, float], ...] = (),
) -> Actor:
    matrices = person.poser.matrices(Moment("stand"), Manner(), place, -math.pi / 2)
    return Actor(person.body, matrices, who, person.outline, spots)


def seen(stage: Stage, *places: tuple[float, float]) -> tuple[Floats, dict[int, VisibleActor]]:
    renderer, people, camera = stage
    cast = zip(people, places, strict=False)
    picture, found = renderer.draw(camera, [standing(one, at, who) for who, (one, at) in enumerate(cast)])
    return picture, {actor.owner: actor for actor in found}


def test_somebody_in_the_open_is_seen_whole_and_where_geometry_says(stage: Stage) -> None:
    _, found = seen(stage, (0.0, 0.0))
    one = found[0]
    assert one.share > 0.97
    assert np.allclose(one.full, one.visible, atol=2.5)
    (feet,), _ = stage[2].pixels(np.array([[0.0, 0.0, 0.0]]))
    assert abs((one.full[0] + one.full[2]) / 2 - feet[0]) < 6
    assert abs(one.full[3] - feet[1]) < 6


def test_who_stands_behind_another_is_seen_in_part_but_has_a_whole_box(stage: Stage) -> None:
    alone = seen(stage, (9.0, 9.0), (0.15, 0.0))[1][1]
    hidden = seen(stage, (0.0, -1.0), (0.15, 0.0))[1].get(1)
    assert hidden is not None and 0 < hidden.share < 0.7
    assert np.allclose(hidden.full, alone.full, atol=0.01)
    assert hidden.visible[2] - hidden.visible[0] <= alone.visible[2] - alone.visible[0] + 1


def test_who_is_beside_the_picture_is_not_seen_and_who_is_cut_is_seen_less(stage: Stage) -> None:
    assert seen(stage, (8.0, 0.0))[1] == {}
    cut = seen(stage, (3.35, 0.0))[1][0]
    assert cut.share < 0.9 and cut.visible[2] <= 320 < cut.full[2]


def test_the_same_moment_is_drawn_the_same(stage: Stage) -> None:
    first, _ = seen(stage, (0.3, 0.2), (-1.0, 0.4))
    second, _ = seen(stage, (0.3, 0.2), (-1.0, 0.4))
    assert (first == second).all()


def test_feet_darken_the_ground(stage: Stage) -> None:
    renderer, people, camera = stage
    plain, _ = renderer.draw(camera, [standing(people[0], (0.0, 0.0))])
    spot = ((0.0, 0.0, 0.4, 0.6),)
    spotted, _ = renderer.draw(camera, [standing(people[0], (0.0, 0.0), spots=spot)])
    assert (spotted <= plain + 1e-3).all() and (plain - spotted).max() > 0.03


def test_what_nobody_draws_with_any_more_takes_no_memory() -> None:
    from samples.world.gl import context

    def pages() -> int:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])

    pixels, before = bytes(1024 * 1024 * 4), pages()
    for _ in range(60):  # 240 MiB together
        context().texture((1024, 1024), 4, pixels)
    assert (pages() - before) * 4096 < 100 * 2**20

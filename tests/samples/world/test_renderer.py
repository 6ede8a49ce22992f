"""Who is seen, and where."""

from __future__ import annotations

import numpy as np
import pytest

from samples.world.bodies import Bodies

pytestmark = pytest.mark.usefixtures("drawing")


@pytest.fixture(scope="module")
def stage(bodies: Bodies, drawing: None):  # type: ignore[no-untyped-def]
    from samples.world.backdrop import Backdrop
    from samples.world.camera import Camera
    from samples.world.dressing import dress
    from samples.world.renderer import Renderer
    from samples.world.scenes import scene
    from samples.world.wardrobe import draw_look

    place = scene("plaza", "overcast", 3, cameras=1, width=320, height=180)
    renderer = Renderer(Backdrop(place), place.light, 320, 180)
    people = [dress(draw_look(number)) for number in (2, 3)]
    return renderer, people, Camera("own", (0, -7, 2.0), (0, 0, 0.9), 30, 320, 180)


def seen(stage, *places):  # type: ignore[no-untyped-def]
    from samples.world.postures import Manner, Moment
    from samples.world.renderer import Actor

    renderer, people, camera = stage
    actors = [
        Actor(
            person.body,
            person.poser.matrices(Moment("stand"), Manner(), place, -np.pi / 2),
            i,
            person.outline,
        )
        for i, (person, place) in enumerate(zip(people, places, strict=False))
    ]
    picture, found = renderer.draw(camera, actors)
    return picture, {one.who: one for one in found}


def test_somebody_in_the_open_is_seen_whole_and_where_geometry_says(stage) -> None:  # type: ignore[no-untyped-def]
    _, found = seen(stage, (0.0, 0.0))
    one = found[0]
    assert one.share > 0.97
    assert np.allclose(one.full, one.visible, atol=2.5)
    (feet,), _ = stage[2].pixels(np.array([[0.0, 0.0, 0.0]]))
    assert abs((one.full[0] + one.full[2]) / 2 - feet[0]) < 6
    assert abs(one.full[3] - feet[1]) < 6


def test_who_stands_behind_another_is_seen_in_part_but_has_a_whole_box(stage) -> None:  # type: ignore[no-untyped-def]
    alone = seen(stage, (9.0, 9.0), (0.15, 0.0))[1][1]
    hidden = seen(stage, (0.0, -1.0), (0.15, 0.0))[1].get(1)
    assert hidden is not None and 0 < hidden.share < 0.7
    assert np.allclose(hidden.full, alone.full, atol=0.01)
    assert hidden.visible[2] - hidden.visible[0] <= alone.visible[2] - alone.visible[0] + 1


def test_who_is_beside_the_picture_is_not_seen_and_who_is_cut_is_seen_less(stage) -> None:  # type: ignore[no-untyped-def]
    assert seen(stage, (8.0, 0.0))[1] == {}
    cut = seen(stage, (3.35, 0.0))[1][0]
    assert cut.share < 0.9 and cut.visible[2] <= 320 < cut.full[2]


def test_the_same_moment_is_drawn_the_same(stage) -> None:  # type: ignore[no-untyped-def]
    first, _ = seen(stage, (0.3, 0.2), (-1.0, 0.4))
    second, _ = seen(stage, (0.3, 0.2), (-1.0, 0.4))
    assert (first == second).all()


def test_feet_darken_the_ground(stage) -> None:  # type: ignore[no-untyped-def]
    from samples.world.renderer import Actor

    renderer, people, camera = stage
    matrices = people[0].poser.matrices(
        __import__("samples.world.postures", fromlist=["Moment"]).Moment("stand"),
        people[0].look.manner, (0.0, 0.0), 0.0,
    )  # fmt: skip
    plain, _ = renderer.draw(camera, [Actor(people[0].body, matrices, 0, people[0].outline)])
    spotted, _ = renderer.draw(
        camera, [Actor(people[0].body, matrices, 0, people[0].outline, ((0.0, 0.0, 0.4, 0.6),))]
    )
    assert (spotted <= plain + 1e-3).all() and (plain - spotted).max() > 0.03

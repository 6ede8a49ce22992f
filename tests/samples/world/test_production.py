"""A cast in a place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:  # needs moderngl
    from samples.world.production import Plan

pytestmark = pytest.mark.usefixtures("bodies", "drawing")


@pytest.fixture(scope="module")
def plan() -> Plan:
    from samples.world.production import Plan

    return Plan("street", "day", 4, (1, 2, 3, 4, 5, 6), (1, 2), 6.0, 2, 320, 180)


def test_the_same_plan_gives_the_same_pictures_and_truth(plan: Plan) -> None:
    from samples.world.production import Production

    (first, who), (second, same) = (Production(plan).picture(1, 3.0) for _ in range(2))
    assert (first == second).all() and who == same


def test_everybody_seen_is_of_the_cast_and_inside_the_picture(plan: Plan) -> None:
    from samples.world.production import Production

    production, found = Production(plan), []
    for camera in range(len(production.cameras)):
        for time in np.arange(0, 6, 1.0):
            found += production.picture(camera, float(time))[1]
    assert found
    for one in found:
        cast = plan.people if one.category == "person" else plan.vehicles
        assert one.identity in cast
        left, top, right, bottom = one.visible
        assert 0 <= left < right <= 320 and 0 <= top < bottom <= 180 and 0 <= one.share <= 1


def test_zooming_in_leaves_the_cameras_where_they_are(plan: Plan) -> None:
    from samples.world.production import Production

    empty = replace(plan, people=(), vehicles=())
    wide, close = (Production(replace(empty, zoom=times)).cameras for times in (1.0, 2.0))
    assert close == tuple(replace(camera, field=camera.field / 2) for camera in wide)


def test_a_twin_wears_what_the_other_wears(plan: Plan) -> None:
    from samples.world.production import draw_looks

    first, second = draw_looks(replace(plan, people=(4, 8), twins=((8, 4),)))
    alike = [
        getattr(first, name) == getattr(second, name)
        for name in ("top", "outer", "bottom", "shoes", "carried", "hair")
    ]
    assert alike.count(False) == 1
    assert first.shape != second.shape

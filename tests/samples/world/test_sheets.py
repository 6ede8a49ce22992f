"""Contact sheets show what they are said to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from samples.world.wardrobe import DIFFERENCES, draw_look

if TYPE_CHECKING:  # needs moderngl
    from samples.world.sheets import Studio

pytestmark = pytest.mark.usefixtures("bodies", "drawing")


@pytest.fixture(scope="module")
def studio() -> Studio:
    from samples.world.sheets import Studio

    return Studio()


def test_whoever_is_pictured_stands_in_the_middle_of_a_picture_that_is_always_the_same(
    studio: Studio,
) -> None:
    first, second, again = (studio.picture(draw_look(number, "test"), 0.5) for number in (1, 4, 1))
    assert (first == again).all()
    height, width = first.shape[:2]
    rows, columns = np.nonzero(np.abs(first.astype(int) - second).max(axis=2) > 60)
    assert height / 3 < np.median(rows) < height * 2 / 3
    assert width / 3 < np.median(columns) < width * 2 / 3


@pytest.mark.parametrize("place", range(len(DIFFERENCES)))
def test_twins_are_paired_in_the_order_in_which_the_page_names_their_differences(place: int) -> None:
    from samples.world.sheets import draw_twins

    names = {
        "bag": {"carried"}, "shoes": {"shoes"}, "hair": {"hair", "hair_colour"}, "print": {"top", "outer"},
        "headgear": {"carried"},
    }  # fmt: skip
    one, other = draw_twins(DIFFERENCES[place])
    own = {name for name in set().union(*names.values()) if getattr(one, name) != getattr(other, name)}
    assert own and own <= list(names.values())[place]

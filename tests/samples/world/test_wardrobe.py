"""Who looks how."""

from __future__ import annotations

import numpy as np
import pytest

from samples.world import tailor
from samples.world.fabrics import SIDE
from samples.world.looks import Look
from samples.world.painting import SHEETS, paint, trunk_v
from samples.world.wardrobe import DIFFERENCES, WARDROBES, Difference, draw_look, twin


def test_the_same_identity_is_dressed_the_same() -> None:
    assert draw_look(7) == draw_look(7)
    assert (paint(draw_look(7)) == paint(draw_look(7))).all()


@pytest.mark.parametrize("other", [draw_look(8), draw_look(7, "test"), draw_look(7, seed=1)])
def test_other_numbers_are_other_people(other: Look) -> None:
    assert other != draw_look(7)


def test_patterns_of_validation_and_test_are_partly_unknown_to_training() -> None:
    assert "herringbone" in WARDROBES["validation"] and "herringbone" not in WARDROBES["train"]
    assert "diamonds" in WARDROBES["test"] and "diamonds" not in WARDROBES["train"]


SHARED = ("skin", "hair", "hair_colour", "top", "outer", "bottom", "shoes", "carried")
DIFFERS: dict[Difference, set[str]] = {
    "bag": {"carried"},
    "headgear": {"carried"},
    "shoes": {"shoes"},
    "hair": {"hair", "hair_colour"},
    "print": {"top", "outer"},
}


@pytest.mark.parametrize("differs", DIFFERENCES)
@pytest.mark.parametrize("number", range(1, 30, 4))
def test_twins_differ_in_what_is_said_and_in_nothing_else(differs: Difference, number: int) -> None:
    first, second = draw_look(number), draw_look(number + 1)
    copy = twin(first, second, differs)
    changed = {name for name in SHARED if getattr(copy, name) != getattr(first, name)}
    assert changed and changed <= DIFFERS[differs]
    assert copy.shape != first.shape


def test_what_a_garment_does_not_cover_is_clear() -> None:
    for number in range(1, 40):
        look = draw_look(number)
        sheets = dict(zip(SHEETS, paint(look)[..., 3], strict=True))
        below = int(trunk_v(look.top.hem) * SIDE) + 4
        assert not sheets["top"][below:].any()
        assert not sheets["sleeves"][int(min(look.top.sleeve, 0.98) * SIDE) + 2 :].any()
        if look.outer is None:
            assert not sheets["outer"].any()
        if look.bottom.kind == "skirt":
            assert not sheets["legs"].any()
        assert sheets["skin"].all() and sheets["head"].all()


def test_a_crowd_is_varied() -> None:
    colours = np.array([draw_look(i).top.cloth.colours[0] for i in range(200)])
    assert len(np.unique(colours.round(), axis=0)) > 190
    assert colours.std(0).min() > 40


def test_people_wear_things_as_often_as_the_tables_say() -> None:
    looks = [draw_look(i) for i in range(1500)]
    bags = np.mean([any(thing.kind == "backpack" for thing in look.carried) for look in looks])
    assert bags == pytest.approx(tailor.CARRIED["backpack"], abs=0.04)
    bare = np.mean([look.shoes[2] == 0 for look in looks])
    assert bare == pytest.approx(tailor.SHAFTS[0.0], abs=0.04)


@pytest.mark.parametrize("group", tailor.ONE_OF)
def test_nobody_has_two_things_for_one_place(group: tuple[str, ...]) -> None:
    counts = [sum(thing.kind in group for thing in draw_look(i).carried) for i in range(300)]
    assert max(counts) == 1


def test_twins_are_painted_alike_but_for_what_differs() -> None:
    first = draw_look(5)
    copy = twin(first, draw_look(6), "shoes")
    differ = [name for name, a, b in zip(SHEETS, paint(first), paint(copy), strict=True) if (a != b).any()]
    assert differ == ["shoes"]

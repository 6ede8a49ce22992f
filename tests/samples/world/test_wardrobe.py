"""Who looks how."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from samples.world.painting import SHEETS, paint, robe
from samples.world.wardrobe import WARDROBES, Look, draw_look, twin


def test_the_same_identity_is_dressed_the_same() -> None:
    assert draw_look(7) == draw_look(7)
    assert (paint(draw_look(7)) == paint(draw_look(7))).all()


@pytest.mark.parametrize("other", [{"identity": 8}, {"part": "test"}, {"seed": 1}])
def test_other_numbers_are_other_people(other: dict[str, object]) -> None:
    assert draw_look(**({"identity": 7} | other)) != draw_look(7)  # type: ignore[arg-type]


def test_patterns_of_validation_and_test_are_partly_unknown_to_training() -> None:
    assert "herringbone" in WARDROBES["validation"] and "herringbone" not in WARDROBES["train"]
    assert "diamonds" in WARDROBES["test"] and "diamonds" not in WARDROBES["train"]


SHARED = ("skin", "hair", "hair_colour", "top", "outer", "bottom", "shoes", "carried")
DIFFERS = {
    "bag": {"carried"},
    "headgear": {"carried"},
    "shoes": {"shoes"},
    "hair": {"hair", "hair_colour"},
    "print": {"top", "outer"},
}


@pytest.mark.parametrize("differs", DIFFERS)
@pytest.mark.parametrize("number", range(1, 30, 4))
def test_twins_differ_in_what_is_said_and_in_nothing_else(differs: str, number: int) -> None:
    first, second = draw_look(number), draw_look(number + 1)
    copy = twin(first, second, differs)  # type: ignore[arg-type]
    changed = {name for name in SHARED if getattr(copy, name) != getattr(first, name)}
    assert changed and changed <= DIFFERS[differs]
    assert copy.shape != first.shape
    assert {field.name for field in fields(Look)} >= set(SHARED)


def test_what_a_garment_does_not_cover_is_clear() -> None:
    for number in range(1, 40):
        look = draw_look(number)
        sheets = dict(zip(SHEETS, paint(look)[..., 3], strict=True))
        below = int(robe(look.top.hem) * 256) + 4
        assert not sheets["top"][below:].any()
        assert not sheets["sleeves"][int(min(look.top.sleeve, 0.98) * 256) + 2 :].any()
        if look.outer is None:
            assert not sheets["outer"].any()
        if look.bottom.kind == "skirt":
            assert not sheets["legs"].any()
        assert sheets["skin"].all() and sheets["head"].all()


def test_a_crowd_is_varied() -> None:
    colours = np.array([draw_look(i).top.cloth.colours[0] for i in range(200)])
    assert len(np.unique(colours.round(), axis=0)) > 190
    assert colours.std(0).min() > 40

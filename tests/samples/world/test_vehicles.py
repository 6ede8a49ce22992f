from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest

from samples.world.mesh import Part
from samples.world.shapes import volume
from samples.world.vehicles.body import ABOVE, ENDS, LEFT, RIGHT, body, hull
from samples.world.vehicles.looks import STYLES, Style, VehicleLook, draw_vehicle
from samples.world.vehicles.vehicle import build, dimensions, vehicle

built = cache(build)


def drawn(style: Style, seed: int = 0) -> VehicleLook:
    return draw_vehicle(np.random.default_rng(seed), style)


def clean(style: Style = "sedan") -> VehicleLook:
    """A plain vehicle, to which tests add one thing."""
    return replace(drawn(style), rack="none", stripes="none", lettering=0, dirt=0.0, accent=(240, 20, 240))


def sheets_that_differ(one: Part, other: Part) -> set[int]:
    return {i for i in range(4) if (one.paint[i] != other.paint[i]).any()}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("style", STYLES)
def test_a_vehicle_stands_on_the_ground_and_has_its_measures(style: Style, seed: int) -> None:
    look = drawn(style, seed)
    part, size = built(look), dimensions(look)
    low, high = part.mesh.points.min(axis=0), part.mesh.points.max(axis=0)
    assert low[2] == pytest.approx(0, abs=1e-6)
    assert high[1] - low[1] == pytest.approx(size.length, abs=0.03)
    assert size.width <= high[0] - low[0] <= size.width + 0.5  # mirrors
    assert size.height - 0.03 <= high[2] <= size.height + 0.5  # racks
    assert abs(high[0] + low[0]) < 1e-5  # as wide to the left as to the right


@pytest.mark.parametrize("style", STYLES)
def test_the_skin_is_closed_and_its_outside_is_out(style: Style) -> None:
    lines = body(drawn(style))
    skin = hull(lines)
    _, place = np.unique(np.round(skin.points, 4), axis=0, return_inverse=True)
    faces = place.reshape(-1)[skin.faces]
    edges = faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    assert sorted(map(tuple, edges)) == sorted(
        map(tuple, edges[:, ::-1])
    )  # each edge once in either direction
    assert 0.4 < volume(skin) / (lines.length * lines.width * lines.height) < 0.9


@pytest.mark.parametrize("style", STYLES)
def test_a_vehicle_is_light_to_draw_and_painted_everywhere_but_in_its_wheel_arches(style: Style) -> None:
    part = built(drawn(style))
    assert 800 <= len(part.mesh.faces) <= 3000
    assert (part.mesh.paint >= 0).all() and (part.mesh.paint <= 1).all()
    assert set(np.unique(part.mesh.sheets)) == {LEFT, RIGHT, ABOVE, ENDS}
    clear = (part.paint[..., 3] < 128).mean(axis=(1, 2))
    assert clear[[ABOVE, ENDS]].max() == 0
    assert clear[[LEFT, RIGHT]].min() > 0.01 and clear[[LEFT, RIGHT]].max() < 0.18


def test_the_same_seed_makes_the_same_bytes_and_another_seed_another_vehicle() -> None:
    first, again, other = (vehicle("van", np.random.default_rng(seed))[0] for seed in (4, 4, 5))
    assert first.paint.tobytes() == again.paint.tobytes()
    assert first.mesh.points.tobytes() == again.mesh.points.tobytes()
    assert first.paint.tobytes() != other.paint.tobytes()


def test_hundreds_of_draws_give_as_many_looks_of_all_styles() -> None:
    random = np.random.default_rng(0)
    looks = [draw_vehicle(random) for _ in range(400)]
    assert len(set(looks)) == 400
    assert {look.style for look in looks} == set(STYLES)


@pytest.mark.parametrize("rack", ["rails", "bars", "box", "ladder"])
def test_twins_with_and_without_a_rack_differ_above_the_roof_only(rack: str) -> None:
    bare = built(clean("van"))
    racked = built(replace(clean("van"), rack=rack))  # type: ignore[arg-type]
    assert sheets_that_differ(bare, racked) == set()
    extra = {tuple(p) for p in racked.mesh.points} - {tuple(p) for p in bare.mesh.points}
    assert {tuple(p) for p in bare.mesh.points} <= {tuple(p) for p in racked.mesh.points}
    assert min(z for _, _, z in extra) > 1.9


def test_twins_with_and_without_lettering_differ_between_the_wheels_of_their_sides_only() -> None:
    bare, lettered = built(clean("van")), built(replace(clean("van"), lettering=7))
    assert sheets_that_differ(bare, lettered) == {LEFT, RIGHT}
    assert bare.mesh.points.tobytes() == lettered.mesh.points.tobytes()
    changed = (bare.paint[LEFT] != lettered.paint[LEFT]).any(axis=(0, 2))
    assert changed[: 512 // 3].sum() == 0  # neither bonnet nor front door


def test_letters_read_the_same_way_on_either_side() -> None:
    bare, lettered = built(clean("van")), built(replace(clean("van"), lettering=7))
    left, right = ((bare.paint[side] != lettered.paint[side]).any(axis=2) for side in (LEFT, RIGHT))
    columns = np.flatnonzero(left.any(axis=0))
    start, end = columns[0], columns[-1] + 1
    # u runs to the rear on both sheets: on the right side a reader, front at the right hand, sees it from the other end
    same = (left[:, start:end] == right[:, start:end][:, ::-1]).mean()
    assert same > 0.95
    assert (left[:, start:end] == right[:, start:end]).mean() < 0.9


@pytest.mark.parametrize(
    ("stripes", "sheets"),
    [
        pytest.param("waist", {LEFT, RIGHT}, id="waist"),
        pytest.param("sill", {LEFT, RIGHT}, id="sill"),
        pytest.param("slash", {LEFT, RIGHT}, id="slash"),
        pytest.param("racing", {ABOVE}, id="racing"),
        pytest.param("block", {LEFT, RIGHT, ABOVE, ENDS}, id="block"),
    ],
)
def test_twins_with_and_without_stripes_differ_where_the_stripes_are_only(
    stripes: str, sheets: set[int]
) -> None:
    bare, striped = built(clean()), built(replace(clean(), stripes=stripes))  # type: ignore[arg-type]
    assert sheets_that_differ(bare, striped) == sheets
    assert bare.mesh.points.tobytes() == striped.mesh.points.tobytes()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("paint", (10, 200, 90)),
        ("plate", 99),
        ("wheels", "steel"),
        ("tint", 0.95),
        ("dirt", 0.9),
        ("length", 1.2),
    ],
)
def test_every_trait_can_be_seen(field: str, value: object) -> None:
    look = replace(clean(), wheels="five", tint=0.1)
    assert field in {f.name for f in fields(look)}
    one, other = built(look), built(replace(look, **{field: value}))  # type: ignore[arg-type]
    assert sheets_that_differ(one, other) or one.mesh.points.tobytes() != other.mesh.points.tobytes()


@pytest.mark.parametrize(
    ("field", "value"),
    [("length", 2.0), ("lean", 0.5), ("tint", 1.5), ("dirt", -0.1), ("paint", (0, 0, 256))],
)
def test_an_impossible_look_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        replace(clean(), **{field: value})  # type: ignore[arg-type]

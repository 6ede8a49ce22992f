from collections.abc import Callable

import numpy as np
import pytest

from samples.world.mesh import Part
from samples.world.props import bags, headgear, rolling
from samples.world.props.cloth import PATTERNS, sheet
from samples.world.props.phone import phone
from samples.world.props.umbrella import umbrella

RED, BLUE = (180, 30, 40), (30, 60, 140)
HEAD = (0.078, 0.098, 0.125)
THINGS: dict[str, Callable[[], Part]] = {
    "backpack": lambda: bags.backpack(0.45, RED, BLUE),
    "shoulder-bag-across": lambda: bags.shoulder_bag(0.35, RED, BLUE),
    "shoulder-bag-beside": lambda: bags.shoulder_bag(0.35, RED, BLUE, "beside"),
    "handbag": lambda: bags.handbag(0.3, RED, BLUE),
    "shopping-bag": lambda: bags.shopping_bag(0.4, RED, BLUE, "stripes"),
    "briefcase": lambda: bags.briefcase(0.42, RED),
    "suitcase": lambda: bags.suitcase(0.6, RED),
    "cap": lambda: headgear.cap(HEAD, RED, BLUE),
    "beanie": lambda: headgear.beanie(HEAD, RED, BLUE, "stripes"),
    "wide-hat": lambda: headgear.wide_hat(HEAD, RED, BLUE),
    "hood-up": lambda: headgear.hood_up(HEAD, RED, BLUE),
    "hood-down": lambda: headgear.hood_down(HEAD, RED, BLUE),
    "helmet": lambda: headgear.helmet(HEAD, RED, BLUE),
    "glasses": lambda: headgear.glasses(HEAD),
    "scarf": lambda: headgear.scarf(HEAD, RED, BLUE),
    "umbrella": lambda: umbrella(RED, BLUE),
    "umbrella-rolled": lambda: umbrella(RED, BLUE, state="rolled"),
    "bicycle": lambda: rolling.bicycle(RED, BLUE),
    "pram": lambda: rolling.pram(RED, BLUE),
    "phone": phone,
}


@pytest.mark.parametrize("make", THINGS.values(), ids=THINGS.keys())
def test_a_thing_is_light_to_draw_and_fully_painted(make: Callable[[], Part]) -> None:
    part = make()
    assert 40 <= len(part.mesh.faces) <= 1300
    assert part.paint.shape == (1, 128, 128, 4) and (part.paint[..., 3] == 255).all()
    assert (part.mesh.paint >= 0).all() and (part.mesh.paint <= 1).all()
    assert np.isfinite(part.mesh.normals).all() and not part.mesh.sheets.any()


@pytest.mark.parametrize("make", THINGS.values(), ids=THINGS.keys())
def test_the_outside_of_a_thing_is_out(make: Callable[[], Part]) -> None:
    mesh = make().mesh
    a, b, c = (mesh.points[mesh.faces[:, i]] for i in range(3))
    flat = np.cross(b - a, c - a)
    agree = (flat * mesh.normals[mesh.faces].sum(axis=1)).sum(axis=1)
    assert (agree > 0).mean() > 0.99  # what is lit from a side is seen from that side
    assert (a * flat).sum() > 0 or mesh.faces.size == 0


@pytest.mark.parametrize("make", THINGS.values(), ids=THINGS.keys())
def test_the_same_thing_is_the_same_bytes(make: Callable[[], Part]) -> None:
    one, other = make(), make()
    assert one.paint.tobytes() == other.paint.tobytes()
    assert one.mesh.points.tobytes() == other.mesh.points.tobytes()


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        pytest.param("bicycle", 0.0, 1.0, id="a-bicycle-stands-on-the-ground"),
        pytest.param("pram", 0.0, 1.05, id="a-pram-stands-on-the-ground"),
        pytest.param("suitcase", -0.75, 0.0, id="a-suitcase-rolls-three-quarters-of-a-metre-below-the-hand"),
        pytest.param("umbrella", -0.08, 1.0, id="an-umbrella-reaches-a-metre-above-the-hand"),
        pytest.param("shopping-bag", -0.56, 0.0, id="a-bag-hangs-below-the-hand"),
        pytest.param("briefcase", -0.35, 0.0, id="a-briefcase-hangs-below-the-hand"),
    ],
)
def test_a_thing_reaches_from_here_to_there(name: str, low: float, high: float) -> None:
    z = THINGS[name]().mesh.points[:, 2]
    assert z.min() == pytest.approx(low, abs=0.02)
    assert z.max() == pytest.approx(high, abs=0.05)


def test_a_backpack_lies_behind_and_its_straps_before() -> None:
    mesh = THINGS["backpack"]().mesh
    heavy = mesh.points[np.abs(mesh.points[:, 0]) < 0.05]  # between the straps
    assert heavy[:, 1].min() >= 0
    assert mesh.points[:, 1].min() == pytest.approx(-0.22, abs=0.02)


@pytest.mark.parametrize("name", ["cap", "beanie", "wide-hat", "helmet", "hood-up"])
def test_a_hat_leaves_the_head_inside_and_the_face_free(name: str) -> None:
    points = THINGS[name]().mesh.points
    outside = ((points / HEAD) ** 2).sum(axis=1)
    upper = points[:, 2] > 0.6 * HEAD[2]
    assert points[:, 2].max() > HEAD[2]
    assert outside[upper].max() > 1
    before = (points[:, 1] < -0.5 * HEAD[1]) & (np.abs(points[:, 0]) < 0.02)
    assert points[before, 2].min() > 0  # nothing before the eyes' middle


@pytest.mark.parametrize("pattern", PATTERNS[1:])
def test_a_pattern_shows_both_colours(pattern: str) -> None:
    paint = sheet((250, 0, 0), (0, 0, 250), pattern)  # type: ignore[arg-type]
    red = paint[:90, :, 0] > 100
    assert 0.1 < red.mean() < 0.9


def test_bags_of_one_kind_and_two_colours_differ_in_paint_only() -> None:
    red, blue = bags.backpack(0.45, RED, BLUE), bags.backpack(0.45, BLUE, RED)
    assert (red.mesh.points == blue.mesh.points).all()
    assert (red.paint != blue.paint).any()

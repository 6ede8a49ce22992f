from __future__ import annotations

import numpy as np
import pytest

from samples.world.camera import Camera
from samples.world.crowd import RATE, Activity, Driver, Motion, Walker, simulate, steadied
from samples.world.errors import WorldError
from samples.world.scene import Ground, Lane, Rectangle, Seat
from samples.world.terrain import Points, distance, seen

SECONDS = 20.0
BENCH = Rectangle(-6, 3, 2, 0.5)
GROUND = Ground(
    walkable=(Rectangle(0, 0, 36, 24), Rectangle(0, -16, 5, 9)),
    obstacles=(BENCH, Rectangle(0, 0, 3, 3, 0.4), Rectangle(8, -6, 0.1, 0.1), Rectangle(-9, -6, 6, 0.3, 1.2)),
    entrances=((-17.5, 0), (17.5, 5), (0, -20), (17.5, -8)),
    seats=tuple(Seat(-6.6 + 0.6 * i, 2.75, -np.pi / 2) for i in range(3)),
    lanes=(Lane(((-20, 10), (20, 10))),),
    bays=(Rectangle(12, -9, 5, 2.2, np.pi / 2), Rectangle(9, -9, 5, 2.2, np.pi / 2)),
)
VIEWS = (
    Camera("west", (-17, -11, 5), (-9, 0, 1), 40, 160, 90),
    Camera("east", (17, -11, 5), (9, 2, 1), 40, 160, 90),
)
DRIVERS = [Driver(4.5, 1.8, 7), Driver(9, 2.4, 5), Driver(4.2, 1.8, 0, parked=True)]


def cast(count: int) -> list[Walker]:
    """Among the first six a pair, a bicycle and a pram."""
    random = np.random.default_rng(7)
    paces = random.uniform(0.9, 1.7, count)
    walkers = [Walker(float(pace), 1.4, float(random.uniform(0.2, 0.28))) for pace in paces]
    walkers[1] = Walker(1.2, 1.3, partner=2)
    walkers[2] = Walker(1.4, 1.3, partner=1)
    walkers[3] = Walker(1.4, 1.5, pushes="bicycle")
    walkers[4] = Walker(1.1, 1.3, pushes="pram")
    return walkers


def lone(seconds: float, *walkers: Walker, views: tuple[Camera, ...] = (), seed: int = 0) -> list[Motion]:
    return simulate(GROUND, walkers, [], seconds, np.random.default_rng(seed), views)[0]


def samples(motion: Motion) -> range:
    first = round(motion.start * RATE)
    return range(first, first + len(motion.place))


def covered(motion: Motion, row: int) -> Rectangle:
    """The ground under a vehicle."""
    driver, (x, y) = DRIVERS[motion.actor], motion.place[row].tolist()
    return Rectangle(x, y, driver.length, driver.width, float(motion.heading[row]))


def places(motions: list[Motion], sample: int) -> dict[int, Points]:
    return {m.actor: m.place[sample - samples(m)[0]].astype(float) for m in motions if sample in samples(m)}


@pytest.fixture(scope="module", params=[0, 1, 2])
def busy(request: pytest.FixtureRequest) -> tuple[list[Walker], list[Motion], list[Motion]]:
    walkers = cast(22)
    return walkers, *simulate(GROUND, walkers, DRIVERS, SECONDS, np.random.default_rng(request.param), VIEWS)


Busy = tuple[list[Walker], list[Motion], list[Motion]]


def test_no_two_people_ever_touch(busy: Busy) -> None:
    walkers, people, _ = busy
    for sample in range(round(SECONDS * RATE) + 1):
        here = places(people, sample)
        at, radius = np.array(list(here.values())), np.array([walkers[actor].radius for actor in here])
        apart = np.hypot(*np.moveaxis(at[:, None] - at, -1, 0)) - 0.9 * (radius[:, None] + radius)
        np.fill_diagonal(apart, 1)
        assert apart.min(initial=1) >= 0


def test_nobody_walks_through_what_stands_there_or_off_the_ground(busy: Busy) -> None:
    parked = [covered(m, 0) for m in busy[2] if m.actor == 2]
    assert len(parked) == 1
    for motion in busy[1]:
        stood = motion.place[motion.seated == 0].astype(float)
        for thing in (*GROUND.obstacles, *parked):
            assert distance(thing, stood).min(initial=1) > 0.1
        assert (
            np.min([distance(part, motion.place.astype(float)) for part in GROUND.walkable], axis=0).max()
            <= 0
        )


def test_vehicles_and_people_never_meet(busy: Busy) -> None:
    _, people, vehicles = busy
    for motion in vehicles:
        for row, sample in enumerate(samples(motion)):
            box = covered(motion, row)
            here = np.array(list(places(people, sample).values())).reshape(-1, 2)
            assert distance(box, here).min(initial=1) > 0.1


def test_nobody_spins_or_jumps_and_feet_do_not_slide(busy: Busy) -> None:
    walkers, people, _ = busy
    for motion in people:
        walker = walkers[motion.actor]
        assert np.abs(np.diff(motion.heading)).max(initial=0) * RATE < 4.2
        steps = np.hypot(*np.diff(motion.place, axis=0).T)
        assert steps.max(initial=0) * RATE < 1.8 * walker.pace
        afoot = motion.activity[1:] != Activity.SIT
        assert motion.speed[1:][afoot] / RATE == pytest.approx(steps[afoot], abs=2e-5)
        assert np.diff(motion.phase)[afoot] * walker.stride == pytest.approx(steps[afoot], abs=2e-5)
        assert (np.diff(motion.phase)[~afoot] == 0).all()


def test_people_walk_the_way_they_look(busy: Busy) -> None:
    slips = []
    for motion in busy[1]:
        way = np.diff(motion.place.astype(float), axis=0)
        fast = (np.hypot(*way.T) * RATE > 0.5) & (motion.activity[1:] == Activity.WALK)
        slips.append(np.abs(np.angle(np.exp(1j * (np.arctan2(*way.T[::-1]) - motion.heading[1:]))))[fast])
    assert np.quantile(np.concatenate(slips), 0.95) < 0.5


def test_partners_come_together_and_stay_side_by_side(busy: Busy) -> None:
    one, other = ([m for m in busy[1] if m.actor == actor] for actor in (1, 2))
    assert [samples(m) for m in one] == [samples(m) for m in other]
    for a, b in zip(one, other, strict=True):
        apart = np.hypot(*(a.place - b.place).T)
        assert apart.min() > 0.6 and apart.max() < 0.75


def test_who_pushes_something_always_pushes_it(busy: Busy) -> None:
    for motion in busy[1]:
        assert (motion.activity == Activity.PUSH).all() == (motion.actor in (3, 4))
        assert (motion.activity == Activity.PUSH).any() == (motion.actor in (3, 4))


def test_the_first_moment_already_finds_people_everywhere(busy: Busy) -> None:
    here = places(busy[1], 0)
    inside = [place for place in here.values() if abs(place[0]) < 15 and place[1] > -11]
    assert len(inside) >= 8


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    def drawn(seed: int) -> bytes:
        people, vehicles = simulate(GROUND, cast(8), DRIVERS, 3, np.random.default_rng(seed), VIEWS)
        return b"".join(
            m.place.tobytes() + m.heading.tobytes() + m.phase.tobytes() for m in (*people, *vehicles)
        )

    assert drawn(3) == drawn(3) != drawn(4)


def test_one_who_is_told_when_to_come_comes_then_leaves_about_then_and_comes_back() -> None:
    stays = lone(80, Walker(1.4, 1.4, visits=((2.0, 30.0), (45.0, 70.0))))
    assert [stay.start for stay in stays] == pytest.approx([2.0, 45.0], abs=0.2)
    assert [stay.end for stay in stays] == pytest.approx([30.0, 70.0], abs=8)
    doors = np.array(GROUND.entrances)
    for stay in stays:
        for place in (stay.place[0], stay.place[-1]):
            assert np.hypot(*(doors - place).T).min() < 1


def test_people_sit_down_on_seats_facing_away_from_the_bench_and_one_on_each() -> None:
    walkers = [Walker(1.3, 1.4) for _ in range(12)]
    stays = lone(90, *walkers, seed=1)
    seats = np.array([(seat.x, seat.y + 0.2) for seat in GROUND.seats])  # where a pelvis rests
    taken: set[tuple[int, int]] = set()
    for stay in stays:
        for row in np.flatnonzero(stay.seated == 1):
            far = np.hypot(*(seats - stay.place[row]).T)
            assert far.min() < 0.01 and stay.seat[row] == pytest.approx(0.45)
            assert np.cos(stay.heading[row] + np.pi / 2) > 0.98
            spot = (int(far.argmin()), samples(stay)[row])
            assert spot not in taken
            taken.add(spot)
        assert np.abs(np.diff(stay.seated)).max(initial=0) < 0.06
        assert (stay.activity[stay.seated > 0] == Activity.SIT).all()
    assert len(taken) > 10 * RATE


def test_people_stop_and_some_stand_together_face_to_face() -> None:
    walkers = [Walker(1.3, 1.4) for _ in range(14)]
    stays = lone(60, *walkers, seed=2)
    facing = 0
    for sample in range(0, round(60 * RATE), 10):
        stand = [
            (m.place[row], np.array([np.cos(m.heading[row]), np.sin(m.heading[row])]))
            for m in stays
            if sample in samples(m)
            for row in [sample - samples(m)[0]]
            if m.activity[row] == Activity.STAND
        ]
        for place, look in stand:
            for other, back in stand:
                toward = other - place
                far = float(np.hypot(*toward))
                facing += 0 < far < 1.6 and look @ toward > 0.6 * far and back @ -toward > 0.6 * far
    assert facing > 20


def test_people_pass_through_views_that_do_not_touch() -> None:
    walkers = [Walker(1.3, 1.4) for _ in range(12)]
    both = np.zeros((12, 2), bool)
    for stay in lone(60, *walkers, views=VIEWS):
        both[stay.actor] |= seen(VIEWS, stay.place.astype(float)).any(axis=1)
    assert both.any(axis=1).mean() > 0.9
    assert both.all(axis=1).mean() > 0.6


@pytest.mark.parametrize("camera", [0, 1])
def test_one_for_a_single_camera_is_seen_by_that_one_only(camera: int) -> None:
    walkers = [Walker(1.3, 1.4, only=camera, visits=((0, 40),)), *(Walker(1.3, 1.4) for _ in range(6))]
    stays = [stay for stay in lone(40, *walkers, views=VIEWS) if stay.actor == 0]
    sightings = np.sum([seen(VIEWS, stay.place.astype(float)).sum(axis=1) for stay in stays], axis=0)
    assert sightings[camera] > 4 * RATE and sightings[1 - camera] == 0


def test_all_of_a_cast_appear(busy: Busy) -> None:
    walkers, people, vehicles = busy
    assert {motion.actor for motion in people} == set(range(len(walkers)))
    assert {motion.actor for motion in vehicles} == set(range(len(DRIVERS)))


@pytest.mark.parametrize(
    ("halt", "kept"),
    [pytest.param(3, 0, id="a-stumble-is-walking"), pytest.param(20, 14, id="a-second-is-a-halt")],
)
def test_only_a_halt_of_some_length_is_standing(halt: int, kept: int) -> None:
    activity = np.array([Activity.WALK] * 10 + [Activity.STAND] * halt + [Activity.WALK] * 10, np.uint8)
    assert (steadied(activity) == Activity.STAND).sum() == kept


def test_nobody_comes_where_nobody_is_cast() -> None:
    assert simulate(GROUND, [], [], 2, np.random.default_rng(0)) == ([], [])


@pytest.mark.parametrize(
    ("ground", "walkers", "reason"),
    [
        pytest.param(Ground((BENCH,), (), ()), [Walker(1, 1)], "entrance", id="a-ground-has-an-entrance"),
        pytest.param(
            GROUND, [Walker(1, 1, partner=1), Walker(1, 1)], "partner", id="partners-name-each-other"
        ),
        pytest.param(GROUND, [Walker(1, 1, partner=5)], "partner", id="a-partner-exists"),
        pytest.param(GROUND, [Walker(1, 1, radius=20)], "wide", id="one-fits-through-a-door"),
        pytest.param(GROUND, [Walker(1, 1, only=2)], "camera", id="the-only-camera-exists"),
    ],
)
def test_a_cast_that_does_not_fit_the_ground_is_refused(
    ground: Ground, walkers: list[Walker], reason: str
) -> None:
    with pytest.raises(WorldError, match=reason):
        simulate(ground, walkers, [], 2, np.random.default_rng(0), VIEWS)

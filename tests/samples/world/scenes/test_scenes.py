"""A scene is a place that people can use and cameras can watch."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from samples.world.camera import Camera
from samples.world.scene import KINDS, WEATHERS, Kind, Rectangle, Scene, Weather
from samples.world.scenes import scene, views
from samples.world.scenes.daylight import daylight
from samples.world.scenes.plot import reachable

WATCHED: dict[Kind, Weather] = {"plaza": "glare", "street": "rain", "corridor": "day", "carpark": "dusk"}


@cache
def place(kind: Kind) -> Scene:
    return scene(kind, WATCHED[kind], 3, cameras=6, width=320, height=180)


def test_the_same_seed_builds_the_same_bytes_and_another_builds_another_place() -> None:
    first, again = (scene("corridor", "day", 3, cameras=6, width=320, height=180) for _ in range(2))
    other = scene("corridor", "day", 4, cameras=6, width=320, height=180)
    for name in ("points", "normals", "paint", "materials", "sheets"):
        assert getattr(first.scenery, name).tobytes() == getattr(again.scenery, name).tobytes(), name
    assert (first.ground, first.light, first.cameras) == (again.ground, again.light, again.cameras)
    assert other.cameras != first.cameras
    assert other.scenery.sheets.tobytes() != first.scenery.sheets.tobytes()


@pytest.mark.parametrize("cameras", [0, 7])
def test_a_scene_refuses_more_cameras_than_it_has_places_for(cameras: int) -> None:
    with pytest.raises(ValueError, match=f"1 to 6 cameras, got {cameras}"):
        scene("plaza", "day", 0, cameras=cameras)


@pytest.mark.parametrize("kind", KINDS)
def test_people_come_from_at_least_four_places_that_no_camera_sees(kind: Kind) -> None:
    built = place(kind)
    ground = built.ground
    houses = [block for block in ground.obstacles if min(block.length, block.width) > 3]
    assert len(ground.entrances) >= 4
    for entrance in ground.entrances:
        assert reachable(ground.walkable, ground.obstacles, entrance), entrance
        assert views.hidden(built.cameras, houses, entrance), entrance


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_sits_can_stand_up_in_front_of_the_seat(kind: Kind) -> None:
    ground = place(kind).ground
    for seat in ground.seats:
        before = (seat.x + 0.5 * np.cos(seat.heading), seat.y + 0.5 * np.sin(seat.heading))
        assert reachable(ground.walkable, ground.obstacles, before), seat


@pytest.mark.parametrize("kind", KINDS)
def test_every_camera_sees_ground_that_people_can_use(kind: Kind) -> None:
    built = place(kind)
    assert [camera.name for camera in built.cameras] == ["c1", "c2", "c3", "c4", "c5", "c6"]
    for camera in built.cameras:
        seen = views.ground_seen(camera, 16)[:, :2]
        usable = [reachable(built.ground.walkable, built.ground.obstacles, (x, y)) for x, y in seen]
        assert sum(usable) > 20, camera


@pytest.mark.parametrize("kind", KINDS)
def test_scenery_is_whole_triangles_of_sheets_it_has_with_normals_no_shorter_than_one(kind: Kind) -> None:
    scenery = place(kind).scenery
    corners = len(scenery.points)
    assert corners % 3 == 0
    assert scenery.normals.shape == (corners, 3)
    assert scenery.paint.shape == (corners, 2)
    assert scenery.materials.max() < len(scenery.sheets)
    assert np.isfinite(scenery.points).all()
    assert np.linalg.norm(scenery.normals, axis=1).min() > 0.99


@pytest.mark.parametrize("kind", ["street", "carpark"])
def test_vehicles_have_lanes_whose_ends_no_camera_sees_large(kind: Kind) -> None:
    built = place(kind)
    for lane in built.ground.lanes:
        for end in (lane.points[0], lane.points[-1]):
            assert min(np.hypot(end[0] - c.eye[0], end[1] - c.eye[1]) for c in built.cameras) > 55


def test_parked_vehicles_noses_point_along_their_bays() -> None:
    bays = place("carpark").ground.bays
    assert len(bays) >= 40
    assert all(bay.length == 5.0 and bay.width == 2.5 and abs(np.cos(bay.heading)) < 1e-9 for bay in bays)


def test_three_street_cameras_share_no_ground_within_reach() -> None:
    cameras = place("street").cameras[:3]
    for camera in cameras:
        near = views.ground_seen(camera, 14)
        near = near[np.abs(near[:, 1]) < 8]
        others = [
            views.in_view(c, near) & (np.hypot(*(near[:, :2] - c.eye[:2]).T) < 14)
            for c in cameras
            if c != camera
        ]
        assert not np.any(others)


@pytest.mark.parametrize("weather", WEATHERS)
def test_weather_lights_grey_ground_neither_black_nor_burnt_out(weather: Weather) -> None:
    camera = Camera("c1", (0, 0, 5), (10, 0, 0), 50, 320, 180)
    light = daylight(weather, np.random.default_rng(0), [camera], [(0, 0, 5.0)] * 9)
    upward = np.array(light.sunlight) * light.sun[2] + light.ambient
    assert 0.05 < 0.216 * upward.mean() < 0.7
    assert len(light.lamps) <= 8
    assert np.linalg.norm(light.sun) == pytest.approx(1)
    if weather == "glare":
        assert light.sun[0] > 0.9
        assert light.sun[2] < np.sin(np.radians(20.1))


@pytest.mark.parametrize(
    ("point", "behind"),
    [
        ((10.0, 0.0, 1.0), True),
        ((10.0, 4.0, 1.0), False),
        ((4.0, 0.0, 1.0), False),
        ((-10.0, 0.0, 1.0), False),
    ],
)
def test_a_house_covers_what_lies_behind_it_only(point: tuple[float, float, float], behind: bool) -> None:
    house = Rectangle(7, 0, 2, 2)
    assert views.covered((0, 0, 5), np.array([point]), [house])[0] == behind

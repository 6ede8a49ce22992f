"""A backdrop is lit as the scene says and knows how far everything is."""

from __future__ import annotations

import numpy as np
import pytest

from samples.world.backdrop import Backdrop, averaged
from samples.world.camera import FAR, NEAR, Camera
from samples.world.errors import WorldError
from samples.world.gl import context
from samples.world.scene import Ground, Light, Rectangle, Scene, Weather
from samples.world.scenes import scene
from samples.world.scenes.site import Site
from samples.world.scenes.surfaces import plain


@pytest.fixture(scope="module", autouse=True)
def gl() -> None:
    try:
        context()
    except WorldError as error:
        pytest.skip(str(error))


def yard(weather: Weather = "day", wet: float = 0.0) -> Scene:
    """Lay a grey yard with a box 2 m high in its middle, the sun in the east at 45 degrees, a camera above."""
    site = Site()
    grey = site.material(plain((186, 186, 186)), 1)
    site.floor((-30, -30), (30, 30), 0, grey)
    site.box(Rectangle(0, 0, 1, 1), 0, 2, grey)
    light = Light((0.7071, 0, 0.7071), (1.0, 1.0, 1.0), (0.5, 0.5, 0.5), (0.5, 0.7, 1.0), 0.0, (), wet)
    camera = Camera("c1", (0.0, -0.01, 20.0), (0.0, 0.0, 0.0), 30, 160, 90)
    ground = Ground((Rectangle(0, 0, 60, 60),), (Rectangle(0, 0, 1, 1),), ())
    return Scene("plaza", weather, site.scenery(), light, ground, (camera,))


def at(camera: Camera, x: float, y: float) -> tuple[int, int]:
    pixels, _ = camera.pixels(np.array([(x, y, 0.0)]))
    return int(pixels[0, 1]), int(pixels[0, 0])


def test_the_sun_lights_open_ground_by_its_height_and_a_box_shades_what_lies_behind_it() -> None:
    built = yard()
    camera = built.cameras[0]
    plate = Backdrop(built).shoot(camera)
    sunlit, shadow = at(camera, 4, 2), at(camera, -1.3, 0)
    direct = plate.lit.astype(float) - plate.shaded.astype(float)
    albedo = (186 / 255) ** 2.2
    assert direct[sunlit].mean() == pytest.approx(albedo * 0.7071, rel=0.25)  # stains vary it
    assert np.abs(direct[shadow]).max() < 0.01
    assert plate.shaded[sunlit].mean() == pytest.approx(albedo * 0.5, rel=0.25)


def test_depth_is_opengls_with_its_first_row_at_the_top() -> None:
    built = yard()
    camera = built.cameras[0]
    depth = Backdrop(built).shoot(camera).depth
    assert depth.shape == (180, 320)
    lid = FAR / (FAR - NEAR) * (1 - NEAR / 18.0)  # the box's lid is 18 m below the camera
    row, column = at(camera, 0, 0)
    assert depth[2 * row, 2 * column] == pytest.approx(lid, abs=1e-4)
    # the camera's up is north, so the box's shadow side and its northern face lie above the middle row
    assert depth.min() == pytest.approx(lid, abs=2e-4)


def test_rain_darkens_the_ground() -> None:
    dry, wet = (yard("rain", wet) for wet in (0.0, 1.0))
    spot = at(dry.cameras[0], 4, 2)
    bright, dark = (Backdrop(s).shoot(s.cameras[0]).shaded[spot].mean() for s in (dry, wet))
    assert dark < 0.8 * bright


def test_two_shots_of_one_place_are_the_same_bytes_and_no_camera_stares_at_something_near() -> None:
    built = scene("carpark", "day", 1, cameras=2, width=160, height=90)
    backdrop, again = Backdrop(built), Backdrop(built)
    for camera in built.cameras:
        plate = backdrop.shoot(camera)
        assert plate.lit.tobytes() == again.shoot(camera).lit.tobytes()
        metres = NEAR * FAR / (FAR - plate.depth * (FAR - NEAR))
        assert (metres < 3.5).mean() < 0.03
        assert np.isfinite(plate.lit).all()
        assert (plate.lit >= plate.shaded - 0.02).all()


def test_a_picture_is_averaged_over_two_by_two_pixels_and_turned_upright() -> None:
    lowest_first = np.arange(4 * 2 * 3, dtype=np.float16) / 4
    expected = [
        [[16.5 / 4, 17.5 / 4, 18.5 / 4]],
        [[4.5 / 4, 5.5 / 4, 6.5 / 4]],
    ]  # rows of pixels 2 and 3, then 0 and 1
    assert averaged(lowest_first.tobytes(), 4, 2).tolist() == expected

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from samples.world.camera import Camera
from samples.world.scene import WEATHERS, Light, Weather
from samples.world.weather import overlay, sun_angle, sun_glare

Picture = np.ndarray[Any, np.dtype[np.float32]]
CAMERA = Camera("gate", (0.0, 0.0, 3.0), (10.0, 0.0, 3.0), 50, 160, 90)
AHEAD, BEHIND = (1.0, 0.0, 0.0), (-1.0, 0.0, 0.0)


def light(sun: tuple[float, float, float] = BEHIND, sunlight: float = 1.0) -> Light:
    return Light(sun, (sunlight,) * 3, (0.4, 0.4, 0.4), (0.5, 0.6, 0.8))


def grey() -> Picture:
    return np.full((90, 160, 3), 0.3, np.float32)


def under(weather: Weather, *, time: float = 0.0, seed: int = 0, picture: Picture | None = None) -> Picture:
    picture = grey() if picture is None else picture
    return overlay(picture, light(sunlight=0.0), CAMERA, weather, time, np.random.default_rng(seed))


@pytest.mark.parametrize("weather", WEATHERS)
def test_weather_keeps_the_picture_and_its_size(weather: Weather) -> None:
    picture = grey()
    laid = under(weather, picture=picture)
    assert laid.shape == picture.shape
    assert laid.dtype == np.float32
    assert np.array_equal(picture, grey())


@pytest.mark.parametrize("weather", ["day", "overcast", "dusk"])
def test_nothing_hangs_before_an_even_picture_when_it_is_dry(weather: Weather) -> None:
    assert np.array_equal(under(weather), grey())


def test_rain_brightens_streaks_that_fall_elsewhere_in_the_next_frame() -> None:
    first, again, next_ = under("rain", seed=1), under("rain", seed=1), under("rain", seed=2)
    assert first.max() > grey().max()
    assert np.array_equal(first, again)
    assert not np.array_equal(first, next_)


def test_rain_falls_down_the_picture() -> None:
    wet = under("rain") - grey()
    along, across = np.abs(np.diff(wet, axis=0)).mean(), np.abs(np.diff(wet, axis=1)).mean()
    assert along < across


def test_drops_stay_on_the_glass_while_the_rain_goes_on() -> None:
    ramp = np.ascontiguousarray(
        np.broadcast_to(np.linspace(0, 1, 90, dtype=np.float32)[:, None, None], (90, 160, 3))
    )
    frames = [under("rain", time=time, seed=7, picture=ramp) for time in (0.0, 7.9, 8.1)]
    assert np.array_equal(frames[0], frames[1])
    assert not np.array_equal(frames[0], frames[2])


def test_indoors_no_rain_falls() -> None:
    dry = overlay(grey(), light(AHEAD), CAMERA, "rain", 0.0, np.random.default_rng(0), place="indoors")
    assert np.array_equal(dry, grey())


def test_a_lamp_gets_a_halo_that_fades() -> None:
    picture = grey() * 0.1
    picture[40:48, 76:84] = 5.0
    halo = (under("dusk", picture=picture) - picture)[44, :, 0]
    assert halo[90] > halo[110] > halo[150] > 0


def test_the_sun_veils_a_camera_that_looks_at_it_and_none_that_looks_away() -> None:
    assert sun_glare(light(AHEAD), CAMERA).min() > 0.05
    assert not sun_glare(light(BEHIND), CAMERA).any()
    assert not sun_glare(light(AHEAD, sunlight=0.0), CAMERA).any()


def test_the_veil_is_brightest_where_the_sun_is() -> None:
    sun = np.array([1.0, 0.2, 0.1]) / np.linalg.norm([1.0, 0.2, 0.1])
    glare = sun_glare(light((float(sun[0]), float(sun[1]), float(sun[2]))), CAMERA)[..., 0]
    y, x = np.unravel_index(glare.argmax(), glare.shape)
    (expected,), _ = CAMERA.pixels(np.array([CAMERA.eye]) + 100 * sun[None])
    assert (x, y) == pytest.approx(expected, abs=1)


@pytest.mark.parametrize(("sun", "angle"), [(AHEAD, 0.0), ((0.0, 0.0, 1.0), np.pi / 2), (BEHIND, np.pi)])
def test_the_sun_is_measured_from_the_middle_of_the_view(
    sun: tuple[float, float, float], angle: float
) -> None:
    assert sun_angle(light(sun), CAMERA) == pytest.approx(angle)

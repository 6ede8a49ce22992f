from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samples.world.sensor import (
    MIDDLE,
    Sensor,
    automatic_gain,
    develop,
    draw_sensor,
    tone_curve,
    vignette_falloff,
)


def grey(value: float, height: int = 60, width: int = 80) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.full((height, width, 3), value, np.float32)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("light", [0.03, 0.2, 1.0, 3.0])
def test_automatic_exposure_makes_dusk_and_noon_equally_bright(light: float) -> None:
    assert develop(grey(light), Sensor(), rng()).mean() / 255 == pytest.approx(MIDDLE, abs=0.02)


def test_what_is_too_dark_to_amplify_stays_dark() -> None:
    assert develop(grey(0.0005), Sensor(), rng()).mean() < 60


def test_a_fixed_exposure_keeps_the_difference_between_light_and_dark() -> None:
    fixed = Sensor(metering="fixed", shoulder=0.0)
    levels = [int(develop(grey(light), fixed, rng())[30, 40, 0]) for light in (0.0, 0.25, 1.0)]
    assert levels == [0, pytest.approx(255 * 0.25 ** (1 / 2.2), abs=1), 255]


def test_exposure_is_a_gain_on_the_light() -> None:
    fixed = Sensor(metering="fixed")
    twice = develop(grey(0.2), replace(fixed, exposure=2.0), rng())
    assert np.array_equal(twice, develop(grey(0.4), fixed, rng()))


def test_white_balance_tints_grey() -> None:
    red, green, blue = develop(grey(0.3), Sensor(white_balance=(1.2, 1.0, 0.8)), rng())[30, 40].tolist()
    assert red > green > blue


def test_without_saturation_all_is_grey() -> None:
    picture = grey(0.3) * np.array([1.0, 0.5, 0.2], np.float32)
    red, green, blue = develop(picture, Sensor(saturation=0.0), rng())[30, 40].tolist()
    assert red == green == blue


def test_corners_are_darker_than_the_middle_by_the_vignette() -> None:
    share = vignette_falloff(61, 81, 0.4)
    assert share[30, 40] == pytest.approx(1)
    assert [float(share[y, x]) for y in (0, -1) for x in (0, -1)] == pytest.approx([0.6] * 4)


def test_a_blurred_lens_softens_an_edge_and_sharpening_overshoots_it() -> None:
    edge = grey(0.1)
    edge[:, 40:] = 0.6
    plain, blurred, sharp = (
        develop(edge, replace(Sensor(metering="fixed"), **{key: value}), rng())[30, :, 1].astype(int)  # type: ignore[arg-type]
        for key, value in (("blur", 0.0), ("blur", 2.0), ("sharpening", 1.0))
    )
    assert np.abs(np.diff(blurred)).max() < np.abs(np.diff(plain)).max() < np.abs(np.diff(sharp)).max()
    assert sharp.max() > plain.max()


def test_noise_has_the_variance_that_was_asked_for() -> None:
    dark = Sensor(metering="fixed", shoulder=0.0, shot=0.0, read=0.01)
    picture = develop(grey(0.25, 200, 200), dark, rng())[..., 1] / 255
    slope = 0.25 ** (1 / 2.2 - 1) / 2.2  # of the tone curve there
    assert picture.std() == pytest.approx(0.01 * slope, rel=0.1)


def test_bright_places_have_more_shot_noise_than_dark_ones() -> None:
    light = grey(0.02, 100, 200)
    light[:, 100:] = 0.5
    sensor = Sensor(metering="fixed", shoulder=0.0, shot=0.002)
    developed = (develop(light, sensor, rng())[..., 1] / 255.0) ** 2.2
    assert developed[:, 110:].std() > 3 * developed[:, :90].std()


def test_the_same_generator_gives_the_same_pixels() -> None:
    sensor = draw_sensor(rng(), harshness=1.0)
    light = rng(1).random((40, 60, 3), np.float32)
    assert np.array_equal(develop(light, sensor, rng(2)), develop(light, sensor, rng(2)))
    assert not np.array_equal(develop(light, sensor, rng(2)), develop(light, sensor, rng(3)))


def test_the_light_that_came_in_is_left_as_it_was() -> None:
    light = grey(0.3)
    develop(light, draw_sensor(rng(), harshness=1.0), rng())
    assert np.array_equal(light, grey(0.3))


@given(st.floats(-1, 1), st.floats(0, 2))
def test_the_tone_curve_never_falls_and_spans_black_to_white(contrast: float, shoulder: float) -> None:
    curve = tone_curve(np.linspace(0, 1, 200, dtype=np.float32), Sensor(contrast=contrast, shoulder=shoulder))
    assert (np.diff(curve) > -1e-6).all()
    assert curve[[0, -1]] == pytest.approx([0, 1], abs=1e-5)


@given(st.integers(0, 2**32), st.floats(0, 1))
def test_every_drawn_camera_gives_a_picture_that_is_neither_black_nor_white(
    seed: int, harshness: float
) -> None:
    sensor = draw_sensor(rng(seed), harshness=harshness)
    light = rng(seed).random((24, 32, 3), np.float32)
    assert 40 < develop(light, sensor, rng(seed)).mean() < 215


def test_harsh_cameras_differ_more_than_good_ones() -> None:
    spread = [
        np.std([draw_sensor(rng(seed), harshness=harshness).exposure for seed in range(60)])
        for harshness in (0, 1)
    ]
    assert spread[1] > 2 * spread[0]


def test_metering_ignores_how_bright_the_light_is_as_a_whole() -> None:
    light = rng().random((60, 80, 3), np.float32)
    assert automatic_gain(2 * light, Sensor()) == pytest.approx(automatic_gain(light, Sensor()) / 2, rel=0.02)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        pytest.param({"rate": 0.0}, "rate must be above 0", id="no-frames"),
        pytest.param({"offset": -1.0}, "offset must be at least 0", id="before-the-world"),
        pytest.param({"crf": 60}, "crf must be in", id="no-such-compression"),
        pytest.param({"white_balance": (1.0, 0.0, 1.0)}, "white_balance must be above 0", id="a-colour-lost"),
        pytest.param({"blur": float("nan")}, "blur must be at least 0", id="not-a-number"),
    ],
)
def test_a_sensor_that_cannot_be_is_refused(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        replace(Sensor(), **fields)


def test_a_camera_worse_than_the_worst_is_refused() -> None:
    with pytest.raises(ValueError, match="harshness"):
        draw_sensor(rng(), harshness=1.5)

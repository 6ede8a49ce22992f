from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from reid.evaluation.histogram import COLOURS, ColourHistogram, colour_shares

RED, BLUE, BLACK = (255, 0, 0), (0, 0, 255), (0, 0, 0)
Colour = tuple[int, int, int]


def dressed(top: Colour, bottom: Colour, background: Colour = BLACK) -> NDArray[np.uint8]:
    """A clip of one frame: somebody in the middle half of a crop."""
    picture = np.empty((8, 8, 3), np.uint8)
    picture[:] = background
    picture[:4, 2:6], picture[4:, 2:6] = top, bottom
    return picture[None, None]


def alike(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    rows = ColourHistogram().features(np.concatenate([a, b]))
    return float(rows[0] @ rows[1])


def test_each_stripe_counts_its_own_colours() -> None:
    """Red has hue 0, blue hue 120 of 180, which is part 5 of 8; both have the last part of saturation and value."""
    red, blue = 0 * 16 + 3 * 4 + 3, 5 * 16 + 3 * 4 + 3
    picture = np.array([[RED, RED], [RED, BLUE], [BLUE, BLUE], [BLUE, BLUE]], np.uint8)
    expected = np.zeros((4, COLOURS))
    expected[0, red] = 2 / 8
    expected[1, [red, blue]] = 1 / 8
    expected[2:, blue] = 2 / 8
    np.testing.assert_allclose(colour_shares(picture).reshape(4, COLOURS), expected)


@pytest.mark.parametrize(
    ("a", "b", "cosine"),
    [
        pytest.param(dressed(RED, BLUE), dressed(RED, BLUE), 1.0, id="the-same-clothes"),
        pytest.param(dressed(RED, BLUE), dressed(BLUE, RED), 0.0, id="upside-down"),
        pytest.param(dressed(RED, BLUE), dressed(RED, RED), 0.5, id="one-half-alike"),
        pytest.param(dressed(RED, BLUE), dressed(RED, BLUE, RED), 1.0, id="another-background"),
    ],
)
def test_the_cosine_is_the_shared_share_of_colours(
    a: NDArray[np.uint8], b: NDArray[np.uint8], cosine: float
) -> None:
    assert alike(a, b) == pytest.approx(cosine, abs=1e-6)


def test_a_clip_is_the_mean_of_its_frames() -> None:
    """Half the frames red, half blue: shares of a half each, against all red the square root of a half."""
    both = np.concatenate([dressed(RED, RED), dressed(BLUE, BLUE)], axis=1)
    red = np.concatenate([dressed(RED, RED)] * 2, axis=1)
    assert alike(both, red) == pytest.approx(0.5**0.5, abs=1e-6)


def test_no_clips_give_no_rows() -> None:
    rows = ColourHistogram().features(np.empty((0, 4, 128, 64, 3), np.uint8))
    assert rows.shape == (0, ColourHistogram.dimensions)

"""What tests of pictures share: reading them back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

Look = Callable[[Path], NDArray[np.uint8]]


@pytest.fixture
def look() -> Look:
    """Decode a picture to (h, w, 3), after checking that it is a PNG with nothing unfinished beside it."""

    def decode(picture: Path) -> NDArray[np.uint8]:
        assert not list(picture.parent.glob("*.partial"))
        with Image.open(picture) as image:
            assert image.format == "PNG"
            return np.asarray(image.convert("RGB"))

    return decode

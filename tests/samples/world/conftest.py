"""What several tests of the world need; they skip where it cannot be drawn."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from samples.world.bodies import Bodies
from samples.world.errors import WorldError


@pytest.fixture(scope="session")
def bodies() -> Bodies:
    if find_spec("anny") is None:  # not imported: its compiler and Mesa's cannot live in one process
        pytest.skip("the extra [world] is not installed")
    from samples.world.bodies import bodies as load

    return load()


@pytest.fixture(scope="session")
def drawing() -> None:
    """Skip where there is no OpenGL."""
    pytest.importorskip("moderngl", reason="the extra [world] is not installed")
    from samples.world.gl import context

    try:
        context()
    except WorldError as error:
        pytest.skip(str(error))

"""What several rooms' tests share: the shared folder of real footage, and a drawn scene."""

from __future__ import annotations

from pathlib import Path

import pytest

from samples import scene as street

SHARED = Path(__file__).parents[1].parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real clips and detector weights, which are not part of the project."""
    if not SHARED.is_dir():
        pytest.skip("the shared folder with real footage and weights is not here")
    return SHARED


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 14 seconds of the street of `samples/scene.py`."""
    folder = tmp_path_factory.mktemp("scene")
    street.draw(folder, seconds=14)
    return folder

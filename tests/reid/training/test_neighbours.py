"""Whom an identity comes into a batch with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from reid.data.records import LabelledTracklet
from reid.training.neighbours import rank_similar_identities


def test_those_of_like_colours_are_most_alike_whatever_the_camera(tmp_path: Path) -> None:
    shirts = {"moss": (30, 180, 60), "leaf": (35, 170, 66), "ink": (60, 30, 190), "plum": (58, 35, 180)}
    data = []
    for name, colour in shirts.items():
        for camera in "12":
            path = tmp_path / f"{name}{camera}.png"
            Image.fromarray(np.full((64, 32, 3), colour, np.uint8)).save(path)
            data.append(LabelledTracklet((str(path),), name, camera))
    alike = rank_similar_identities(data, workers=0)
    names = sorted(shirts)
    nearest = {name: names[row[0]] for name, row in zip(names, alike, strict=True)}
    assert nearest == {"moss": "leaf", "leaf": "moss", "ink": "plum", "plum": "ink"}

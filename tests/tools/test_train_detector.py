from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tools.train_detector import TILE, TILES, boxes_in_tile, cut_tiles


def test_boxes_are_labelled_where_enough_of_them_lies_in_the_tile() -> None:
    boxes = np.array([[10.0, 10, 50, 90], [-30.0, 10, 10, 90], [400.0, 10, 440, 90]])
    labelled, cropped = boxes_in_tile(boxes, np.zeros(2), scale=1.0)
    assert labelled.tolist() == [True, False, False]
    assert cropped[1].tolist() == [0, 10, 10, 90]


def test_tiles_and_their_labels_are_written(tmp_path: Path) -> None:
    for folder in ("images/train", "labels/train"):
        (tmp_path / folder).mkdir(parents=True)
    Image.new("RGB", (800, 600)).save(tmp_path / "images/train/a.jpg")
    (tmp_path / "labels/train/a.txt").write_text("0 0.5 0.5 0.05 0.2\n")
    target = tmp_path / "tiles"
    assert cut_tiles(tmp_path, target, np.random.default_rng(0)) == TILES
    pictures = sorted((target / "images/train").iterdir())
    assert [Image.open(picture).size for picture in pictures] == [(TILE, TILE)] * TILES
    rows = [path.read_text().split() for path in sorted((target / "labels/train").iterdir())]
    assert any(rows)
    assert all(0 <= float(value) <= 1 for row in rows for value in row[1:])

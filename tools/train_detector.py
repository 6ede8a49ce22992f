"""Train the detector that ships, from random weights, on synthetic scenes only.

    python -m samples.world scenes SCENES --people 400 --vehicles 60 ...
    python -m tools.train_detector SCENES reid-train/detector --minutes 60

The network trains on tiles of the pictures. A tile has the scale at which footage is detected, so a network sees more
people per second in tiles than in whole pictures. `--start OUT/plaza-yolo11n.pt` continues a training.
"""

from __future__ import annotations

import shutil
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from detectors.yolo import import_ultralytics
from reid.data.frames import read_image
from reid.files import sha256

TILE = 320
"""Width and height of a tile, in pixels."""
HEIGHTS = (14.0, 280.0)
"""Smallest and largest height, in pixels, to which the box in the middle of a tile is scaled."""
MAX_SCALE = 3.0
"""Largest enlargement of a picture; a distant person enlarged further would be a blur."""
TILES = 6
"""Tiles per picture."""
RANDOM_TILES = 0.1
"""Share of tiles that are cut at a random place instead of around a box."""
MIN_SHARE = 0.45
"""Share of a box that must lie inside a tile for the tile to have a label for it."""
MIN_AREA = 40
"""Square pixels of a box inside a tile from which the tile has a label for it."""
Boxes = NDArray[np.float64]


def cut_tiles(scenes: Path, target: Path, random: np.random.Generator) -> int:
    """Cut the training pictures into tiles around their boxes, and return the number of tiles."""
    count = 0
    for part in ("images", "labels"):
        for role in ("train", "val"):
            (target / part / role).mkdir(parents=True)
    for path in sorted((scenes / "images" / "train").iterdir()):
        picture = read_image(str(path))
        classes, boxes = read_labels(scenes / "labels" / "train" / f"{path.stem}.txt", picture)
        for _ in range(TILES):
            corner, scale = draw_tile(boxes, picture.shape, random)
            labelled, tile_boxes = boxes_in_tile(boxes, corner, scale)
            tile = cut_tile(picture, corner, scale)
            image = target / "images" / "train" / f"{count:06d}.jpg"
            cv2.imwrite(str(image), tile[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
            rows = [
                f"{int(kind)} "
                + " ".join(f"{x / TILE:.5f}" for x in ((x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0))
                for kind, (x0, y0, x1, y1) in zip(classes[labelled], tile_boxes[labelled], strict=True)
            ]
            (target / "labels" / "train" / f"{count:06d}.txt").write_text("\n".join(rows), encoding="utf-8")
            count += 1
    for part, suffix in (("images", "jpg"), ("labels", "txt")):  # Ultralytics always validates at the end
        name = f"000000.{suffix}"
        shutil.copyfile(target / part / "train" / name, target / part / "val" / name)
    return count


def read_labels(path: Path, picture: NDArray[np.uint8]) -> tuple[NDArray[np.float64], Boxes]:
    """Return the (n,) classes and (n, 4) pixel corners of a label file; empty if it is missing."""
    values = path.read_text(encoding="utf-8").split() if path.is_file() else []
    rows, picture_size = np.array(values, float).reshape(-1, 5), picture.shape[1::-1]
    centre, size = rows[:, 1:3] * picture_size, rows[:, 3:] * picture_size
    return rows[:, 0], np.concatenate([centre - size / 2, centre + size / 2], axis=1)


def draw_tile(
    boxes: Boxes, shape: tuple[int, ...], random: np.random.Generator
) -> tuple[NDArray[np.float64], float]:
    """Draw the (2,) left top corner of a tile in the picture, and its scale: tile pixels per picture pixel.

    The tile lies around a random box, scaled to a random height: a network that has seen people of one height only
    does not detect others.
    """
    height, width = shape[:2]
    min_scale = TILE / min(height, width)
    if not len(boxes) or random.random() < RANDOM_TILES:
        scale, centre = random.uniform(min_scale, 1.0), random.uniform(0, 1, 2) * (width, height)
    else:
        box = boxes[random.integers(len(boxes))]
        target_height = np.exp(random.uniform(*np.log(HEIGHTS)))
        scale = float(np.clip(target_height / (box[3] - box[1]), min_scale, MAX_SCALE))
        centre = (box[:2] + box[2:]) / 2 + random.uniform(-0.3, 0.3, 2) * TILE / scale
    last_corner = np.array([width, height]) - TILE / scale
    return np.clip(centre - TILE / scale / 2, 0, last_corner), scale


def cut_tile(picture: NDArray[np.uint8], corner: NDArray[np.float64], scale: float) -> NDArray[np.uint8]:
    """Return a tile as (TILE, TILE, 3) pixels."""
    (left, top), side = corner.round().astype(int), round(TILE / scale)
    region = picture[top : top + side, left : left + side]
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(region, (TILE, TILE), interpolation=interpolation), np.uint8)


def boxes_in_tile(boxes: Boxes, corner: NDArray[np.float64], scale: float) -> tuple[NDArray[np.bool_], Boxes]:
    """Return the (n,) mask of boxes that a tile has labels for, and the (n, 4) boxes cropped to the tile."""
    whole = (boxes - np.tile(corner, 2)) * scale
    cropped = np.clip(whole, 0, TILE)
    area, whole_area = (np.prod(b[:, 2:] - b[:, :2], axis=1) for b in (cropped, whole))
    return np.asarray((area >= MIN_SHARE * whole_area) & (area > MIN_AREA)), cropped


def use_bfloat16_on_cpu() -> None:
    """Make Ultralytics compute in bfloat16 on a CPU, which halves the time on processors that support it.

    Ultralytics does so on a GPU only. Its trainer looks `autocast` up at the start of a training.
    """
    trainer: Any = import_module("ultralytics.engine.trainer")
    trainer.autocast = lambda *_, **__: torch.autocast("cpu", torch.bfloat16)


def copy_checkpoint(source: Path, target: Path) -> None:
    """Copy a checkpoint without the folders, dates and repository of the machine that trained it."""
    checkpoint = torch.load(source, map_location="cpu", weights_only=False)
    model = checkpoint["model"]
    model.args = {name: value for name, value in model.args.items() if "/" not in str(value)}
    kept = {name: checkpoint[name] for name in ("version", "license", "docs", "model", "ema")}
    torch.save({**kept, "epoch": -1, "train_args": model.args}, target)


@click.command()
@click.argument("scenes", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--minutes", default=60.0, show_default=True, type=click.FloatRange(0.1), help="Training time.")
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1))
@click.option(
    "--start", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Weights to start from."
)
@click.option(
    "--rate", default=0.002, show_default=True, type=click.FloatRange(1e-6, 1), help="Learning rate."
)
def main(scenes: Path, out: Path, minutes: float, threads: int, start: Path | None, rate: float) -> None:
    """Train yolo11n on SCENES and write OUT/plaza-yolo11n.pt."""
    tiles = (out / "tiles").resolve()
    if not tiles.is_dir():
        click.echo(f"{cut_tiles(scenes, tiles, np.random.default_rng(0))} tiles", err=True)
    config = tiles / "data.yaml"
    config.write_text(
        f"path: {tiles}\ntrain: images/train\nval: images/val\nnames: [person, vehicle]\n", encoding="utf-8"
    )
    ultralytics = import_ultralytics()
    torch.set_num_threads(threads)
    use_bfloat16_on_cpu()
    model = ultralytics.YOLO(str(start) if start else "yolo11n.yaml")
    model.add_callback("on_train_start", lambda trainer: trainer.model.to(memory_format=torch.channels_last))
    model.train(
        data=str(config), imgsz=TILE, batch=32, nbs=32, epochs=1000, time=minutes / 60, device="cpu", workers=0,
        optimizer="AdamW", lr0=rate, lrf=0.02, cos_lr=True, warmup_epochs=0.5, mosaic=0.6, close_mosaic=0, scale=0.5,
        fliplr=0.5, hsv_h=0.02, hsv_s=0.6, hsv_v=0.5, val=False, plots=False, amp=False, seed=0, deterministic=True,
        project=str(out.resolve()), name="run", exist_ok=True,
    )  # fmt: skip
    target = out / "plaza-yolo11n.pt"
    copy_checkpoint(out / "run" / "weights" / "last.pt", target)
    click.echo(f"{target}: {target.stat().st_size / 1e6:.1f} MB, SHA-256 {sha256(target)}")


if __name__ == "__main__":
    main()

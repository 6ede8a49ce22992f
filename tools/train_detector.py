"""Train the detector that ships, from nothing, on scenes of the world alone.

    python -m samples.world scenes SCENES --people 400 --vehicles 60 ...
    python -m benchmarks.plaza_detector SCENES reid-train/detector --minutes 60

Small pieces of the pictures, at the size at which they will be looked at, show a network more people a second than
whole pictures do. Give the command again with `--start OUT/plaza-yolo11n.pt` to train on.
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
from reid.weights import sha256

TILE = 320
"""Width and height of a piece."""
HEIGHTS = (14.0, 280.0)
"""Pixels between which the box that a piece is cut around shall be high: from far away to close by."""
ENLARGED = 3.0
"""How far pictures may be enlarged for it; a far person close by would be nothing but blur."""
PIECES = 6
"""Of each picture."""
EMPTY = 0.1
"""Share of pieces cut anywhere, not around a box."""
KEPT = 0.45
"""Share of a box that must lie in a piece to be looked for there."""
Boxes = NDArray[np.float64]


def cut(scenes: Path, tiles: Path, random: np.random.Generator) -> int:
    """Cut the training pictures into pieces around their boxes; give how many pieces there are."""
    count = 0
    for part in ("images", "labels"):
        for role in ("train", "val"):
            (tiles / part / role).mkdir(parents=True)
    for path in sorted((scenes / "images" / "train").iterdir()):
        picture = read_image(str(path))
        classes, boxes = labels(scenes / "labels" / "train" / f"{path.stem}.txt", picture)
        for _ in range(PIECES):
            corner, scale = place(boxes, picture.shape, random)
            inside, own = within(boxes, corner, scale)
            piece = cut_out(picture, corner, scale)
            name = tiles / "images" / "train" / f"{count:06d}.jpg"
            cv2.imwrite(str(name), piece[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
            rows = [
                f"{int(kind)} "
                + " ".join(f"{x / TILE:.5f}" for x in ((a + c) / 2, (b + d) / 2, c - a, d - b))
                for kind, (a, b, c, d) in zip(classes[inside], own[inside], strict=True)
            ]
            (tiles / "labels" / "train" / f"{count:06d}.txt").write_text("\n".join(rows), encoding="utf-8")
            count += 1
    for part, ending in (("images", "jpg"), ("labels", "txt")):  # it insists on validating at its end
        shutil.copyfile(
            tiles / part / "train" / f"000000.{ending}", tiles / part / "val" / f"000000.{ending}"
        )
    return count


def labels(path: Path, picture: NDArray[np.uint8]) -> tuple[NDArray[np.float64], Boxes]:
    """Read (n,) classes and (n, 4) pixel corners."""
    text = path.read_text(encoding="utf-8").split() if path.is_file() else []
    rows, whole = np.array(text, float).reshape(-1, 5), picture.shape[1::-1]
    middle, size = rows[:, 1:3] * whole, rows[:, 3:] * whole
    return rows[:, 0], np.concatenate([middle - size / 2, middle + size / 2], axis=1)


def place(
    boxes: Boxes, shape: tuple[int, ...], random: np.random.Generator
) -> tuple[NDArray[np.float64], float]:
    """Draw where a piece begins, (2,) x and y in the picture, and how many of its pixels one of the picture gives.

    A box drawn by chance gets a height drawn by chance, since a network that has only seen people of one size
    finds no others.
    """
    height, width = shape[:2]
    least = TILE / min(height, width)
    if not len(boxes) or random.random() < EMPTY:
        scale, middle = random.uniform(least, 1.0), random.uniform(0, 1, 2) * (width, height)
    else:
        box = boxes[random.integers(len(boxes))]
        tall = np.exp(random.uniform(*np.log(HEIGHTS)))
        scale = float(np.clip(tall / (box[3] - box[1]), least, ENLARGED))
        middle = (box[:2] + box[2:]) / 2 + random.uniform(-0.3, 0.3, 2) * TILE / scale
    most = np.array([width, height]) - TILE / scale
    return np.clip(middle - TILE / scale / 2, 0, most), scale


def cut_out(picture: NDArray[np.uint8], corner: NDArray[np.float64], scale: float) -> NDArray[np.uint8]:
    """Cut a piece out and bring it to its size."""
    (left, top), side = corner.round().astype(int), round(TILE / scale)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(
        cv2.resize(picture[top : top + side, left : left + side], (TILE, TILE), interpolation=how), np.uint8
    )


def within(boxes: Boxes, corner: NDArray[np.float64], scale: float) -> tuple[NDArray[np.bool_], Boxes]:
    """Say which boxes are to be found in a piece, and where in it."""
    own = (boxes - np.tile(corner, 2)) * scale
    cropped = np.clip(own, 0, TILE)
    area, whole = (np.prod(b[:, 2:] - b[:, :2], axis=1) for b in (cropped, own))
    return np.asarray((area >= KEPT * whole) & (area > 40)), cropped


def quicken() -> None:
    """Compute products in bfloat16 without a GPU too, which halves the time on processors that have it.

    Ultralytics does so with a GPU alone; its trainer looks `autocast` up when it begins.
    """
    trainer: Any = import_module("ultralytics.engine.trainer")
    trainer.autocast = lambda *_, **__: torch.autocast("cpu", torch.bfloat16)


def ship(source: Path, target: Path) -> None:
    """Copy a checkpoint without what it tells of the machine it was trained on: folders, dates and the repository."""
    checkpoint = torch.load(source, map_location="cpu", weights_only=False)
    model = checkpoint["model"]
    model.args = {name: value for name, value in model.args.items() if "/" not in str(value)}
    kept = {name: checkpoint[name] for name in ("version", "license", "docs", "model", "ema")}
    torch.save({**kept, "epoch": -1, "train_args": model.args}, target)


@click.command()
@click.argument("scenes", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--minutes", default=60.0, show_default=True, type=click.FloatRange(0.1), help="Of training.")
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1))
@click.option(
    "--start", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Train on from here."
)
@click.option("--rate", default=0.002, show_default=True, type=click.FloatRange(1e-6, 1))
def main(scenes: Path, out: Path, minutes: float, threads: int, start: Path | None, rate: float) -> None:
    """Train yolo11n on SCENES and write OUT/plaza-yolo11n.pt."""
    tiles = (out / "tiles").resolve()
    if not tiles.is_dir():
        count = cut(scenes, tiles, np.random.default_rng(0))
        click.echo(f"{count} pieces", err=True)
    config = tiles / "data.yaml"
    config.write_text(
        f"path: {tiles}\ntrain: images/train\nval: images/val\nnames: [person, vehicle]\n", encoding="utf-8"
    )
    ultralytics = import_ultralytics()
    torch.set_num_threads(threads)
    quicken()
    model = ultralytics.YOLO(str(start) if start else "yolo11n.yaml")
    model.add_callback("on_train_start", lambda trainer: trainer.model.to(memory_format=torch.channels_last))
    model.train(
        data=str(config), imgsz=TILE, batch=32, nbs=32, epochs=1000, time=minutes / 60, device="cpu", workers=0,
        optimizer="AdamW", lr0=rate, lrf=0.02, cos_lr=True, warmup_epochs=0.5, mosaic=0.6, close_mosaic=0, scale=0.5,
        fliplr=0.5, hsv_h=0.02, hsv_s=0.6, hsv_v=0.5, val=False, plots=False, amp=False, seed=0, deterministic=True,
        project=str(out.resolve()), name="run", exist_ok=True,
    )  # fmt: skip
    target = out / "plaza-yolo11n.pt"
    ship(out / "run" / "weights" / "last.pt", target)
    click.echo(f"{target}: {target.stat().st_size / 1e6:.1f} MB, SHA-256 {sha256(target)}")


if __name__ == "__main__":
    main()

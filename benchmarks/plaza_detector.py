"""Train the detector that ships, from nothing, on scenes of the world alone.

    python -m samples.world scenes SCENES --people 400 --vehicles 60 ...
    python -m benchmarks.plaza_detector SCENES reid-train/detector --minutes 60

Small pieces of the pictures, at the size at which they will be looked at, show a network more people a second than
whole pictures do. Give the command again with `--start OUT/plaza-yolo11n.pt` to train on.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import click
import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from detectors.yolo import import_ultralytics
from reid.data.frames import read_image
from reid.weights import sha256

WIDE = 640
"""Width, in pixels, at which pictures are looked at."""
TILE = 320
"""Width and height of a piece."""
KEPT = 0.45
"""Share of a box that must lie in a piece to be looked for there."""
Boxes = NDArray[np.float64]


def cut(scenes: Path, tiles: Path, random: np.random.Generator) -> int:
    """Cut the training pictures into pieces around their boxes; give how many pieces there are."""
    count = 0
    for part in ("images", "labels"):
        (tiles / part / "train").mkdir(parents=True)
    for path in sorted((scenes / "images" / "train").iterdir()):
        picture = read_image(str(path))
        height = round(WIDE * picture.shape[0] / picture.shape[1])
        picture = cv2.resize(picture, (WIDE, height), interpolation=cv2.INTER_AREA)
        classes, boxes = labels(scenes / "labels" / "train" / f"{path.stem}.txt", WIDE, height)
        for left, top in places(boxes, height, random):
            inside, own = within(boxes, left, top)
            name = f"{count:06d}"
            piece = picture[top : top + TILE, left : left + TILE, ::-1]
            cv2.imwrite(
                str(tiles / "images" / "train" / f"{name}.jpg"), piece, [cv2.IMWRITE_JPEG_QUALITY, 92]
            )
            rows = [
                f"{int(kind)} "
                + " ".join(f"{x / TILE:.5f}" for x in ((a + c) / 2, (b + d) / 2, c - a, d - b))
                for kind, (a, b, c, d) in zip(classes[inside], own[inside], strict=True)
            ]
            (tiles / "labels" / "train" / f"{name}.txt").write_text("\n".join(rows), encoding="utf-8")
            count += 1
    return count


def labels(path: Path, width: int, height: int) -> tuple[NDArray[np.float64], Boxes]:
    """Read (n,) classes and (n, 4) pixel corners."""
    text = path.read_text(encoding="utf-8").split() if path.is_file() else []
    rows = np.array(text, float).reshape(-1, 5)
    middle, size = rows[:, 1:3] * (width, height), rows[:, 3:] * (width, height)
    return rows[:, 0], np.concatenate([middle - size / 2, middle + size / 2], axis=1)


def places(boxes: Boxes, height: int, random: np.random.Generator) -> list[tuple[int, int]]:
    """Say where pieces begin: one around a box drawn by chance, until every box is in one, and one anywhere."""
    most = np.array([WIDE - TILE, height - TILE])
    out = [tuple(int(x) for x in random.integers(0, most + 1))]
    left = list(range(len(boxes)))
    while left:
        box = boxes[left[int(random.integers(len(left)))]]
        corner = np.clip((box[:2] + box[2:]) / 2 - TILE * random.uniform(0.25, 0.75, 2), 0, most).astype(int)
        out.append((int(corner[0]), int(corner[1])))
        inside, _ = within(boxes, *out[-1])
        seen = set(np.flatnonzero(inside).tolist())
        left = [i for i in left if i not in seen] if seen & set(left) else left[1:]
    return [(x, y) for x, y in out]


def within(boxes: Boxes, left: int, top: int) -> tuple[NDArray[np.bool_], Boxes]:
    """Say which boxes are to be found in a piece, and where in it."""
    own = boxes - (left, top, left, top)
    cropped = np.clip(own, 0, TILE)
    area, whole = (np.prod(b[:, 2:] - b[:, :2], axis=1) for b in (cropped, own))
    return np.asarray((area >= KEPT * whole) & (area > 40)), cropped


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
        f"path: {tiles}\ntrain: images/train\nval: images/train\nnames: [person, vehicle]\n", encoding="utf-8"
    )
    ultralytics = import_ultralytics()
    torch.set_num_threads(threads)
    model = ultralytics.YOLO(str(start) if start else "yolo11n.yaml")
    model.train(
        data=str(config), imgsz=TILE, batch=32, epochs=1000, time=minutes / 60, device="cpu", workers=0, optimizer="AdamW",
        lr0=rate, lrf=0.02, cos_lr=True, warmup_epochs=0.5, mosaic=0.6, close_mosaic=0, scale=0.5, fliplr=0.5,
        hsv_h=0.02, hsv_s=0.6, hsv_v=0.5, val=False, plots=False, amp=False, seed=0, deterministic=True,
        project=str(out.resolve()), name="run", exist_ok=True,
    )  # fmt: skip
    target = out / "plaza-yolo11n.pt"
    shutil.copyfile(out / "run" / "weights" / "last.pt", target)
    click.echo(f"{target}: {target.stat().st_size / 1e6:.1f} MB, SHA-256 {sha256(target)}")


if __name__ == "__main__":
    main()

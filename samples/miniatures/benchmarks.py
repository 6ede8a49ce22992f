"""Draw miniature benchmarks in the exact layout of published ones: `python -m samples.miniatures.benchmarks mars FOLDER`.

Odd identities are the training set and even ones the test set, unless the data set publishes splits. Junk and
distractors lie where the published data sets have them. The same seed gives the same bytes. No picture shows a
real person.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.io import savemat

from samples.miniatures.figures import (
    Camera,
    Image,
    invent_camera,
    invent_person,
    invent_vehicle,
    picture_passage,
)

PEOPLE_SIZE, VEHICLE_SIZE = (128, 64), (96, 128)  # height and width in pixels
DISTRACTORS, JUNK = (
    100_000,
    200_000,
)  # first identity of the distractors, and the identity that junk is cut from
VEHICLE_BENCHMARKS = ("veri-776", "vehicleid")


@dataclass(frozen=True)
class Cast:
    """The identities of one benchmark. A picture depends only on the seed, its identity, its camera and its visit."""

    identities: int
    tracklets: int
    """Tracklets of each identity; a query needs at least four to find another camera's tracklet."""
    frames: int
    size: tuple[int, int]
    seed: int
    vehicles: bool

    def passage(self, identity: int, camera: int, visit: int, frames: int | None = None) -> list[Image]:
        """Return the pictures of one identity's visit to one camera; visits count from 0."""
        look_random = np.random.default_rng([self.seed, 0, identity])
        look = invent_vehicle(look_random) if self.vehicles else invent_person(look_random)
        random = np.random.default_rng([self.seed, 2, identity, camera, visit])
        view = _camera(self.seed, camera)
        return picture_passage(look, view, random, frames=frames or self.frames, size=self.size)

    def visits(self, identity: int, cameras: int) -> list[tuple[int, int]]:
        """Return the (camera, visit) pairs of an identity, at least two for each camera where `tracklets` allows it."""
        used = min(cameras, max(2, self.tracklets // 2))
        order = 1 + np.random.default_rng([self.seed, 3, identity]).permutation(cameras)[:used]
        return sorted((int(order[i % used]), i // used) for i in range(self.tracklets))

    def training(self) -> range:
        """Return the identities of the training set: 1, 3, 5 ..."""
        return range(1, self.identities + 1, 2)

    def test(self) -> range:
        """Return the identities of the test set: 2, 4, 6 ..."""
        return range(2, self.identities + 1, 2)

    def distractors(self) -> range:
        """Return the identities of a few people that no query shows."""
        return range(DISTRACTORS, DISTRACTORS + max(2, self.identities // 4))

    def junk(self, camera: int, visit: int) -> list[Image]:
        """Return pictures of a bad detection, which holds only the lower half of a person."""
        height, width = self.size
        pictures = self.passage(JUNK, camera, visit)
        return [np.asarray(cv2.resize(image[height // 2 :], (width, height)), np.uint8) for image in pictures]


@lru_cache(maxsize=32)
def _camera(seed: int, number: int) -> Camera:
    return invent_camera(np.random.default_rng([seed, 1, number]))


def draw(
    name: str,
    folder: Path,
    *,
    identities: int = 24,
    seed: int = 0,
    tracklets: int = 4,
    frames: int = 12,
    size: tuple[int, int] | None = None,
) -> None:
    """Draw one benchmark.

    Args:
        name: A key of `BENCHMARKS`.
        folder: The data root. The data set gets its own folder inside, except for `folder`, which lies in it directly.
        identities: The number of identities, half for training and half for the test.
        seed: The seed of all random draws.
        tracklets: Tracklets of each identity. CUHK01, iLIDS-VID and PRID have one in each of two cameras.
        frames: Frames of each tracklet; in data sets of images, the number of images.
        size: Height and width of the pictures in pixels; by default 128 x 64 for people and 96 x 128 for vehicles.
    """
    vehicles = name in VEHICLE_BENCHMARKS
    size = size or (VEHICLE_SIZE if vehicles else PEOPLE_SIZE)
    BENCHMARKS[name](folder, Cast(identities, tracklets, frames, size, seed, vehicles))


def draw_mars(root: Path, cast: Cast) -> None:
    """Draw MARS: tracklets of 6 cameras, lists of names and rows, junk 00-1 and distractors 0000."""
    folder = root / "MARS"
    for part, tracklets in (("train", _mars_tracklets(cast, cast.training())), ("test", _mars_test(cast))):
        names: list[str] = []
        rows, queries = [], []
        for label, camera, visit, images in tracklets:
            prefix = f"{label}C{camera}T{visit + 1:04d}"
            crops = [f"{prefix}F{i + 1:03d}.jpg" for i in range(len(images))]
            identity = -1 if label == "00-1" else int(label)
            rows.append((len(names) + 1, len(names) + len(crops), identity, camera))
            names += crops
            if visit == 0 and label not in ("00-1", "0000"):
                queries.append(len(rows))
            for name, image in zip(crops, images, strict=True):
                write(folder / f"bbox_{part}" / label / name, image)
        write_text(folder / "info" / f"{part}_name.txt", names)
        write_matrix(folder / "info" / f"tracks_{part}_info.mat", f"track_{part}_info", np.array(rows))
    write_matrix(folder / "info" / "query_IDX.mat", "query_IDX", np.array([queries]))


def _mars_test(cast: Cast) -> Iterator[tuple[str, int, int, list[Image]]]:
    """Yield label, camera, visit and pictures of each test tracklet: junk, then distractors, then identities."""
    for visit in range(2):
        yield "00-1", 1 + visit, visit, cast.junk(1 + visit, visit)
    for i, distractor in enumerate(cast.distractors()):
        yield "0000", 1 + i % 6, i // 6, cast.passage(distractor, 1 + i % 6, 0)
    yield from _mars_tracklets(cast, cast.test())


def _mars_tracklets(cast: Cast, identities: Iterable[int]) -> Iterator[tuple[str, int, int, list[Image]]]:
    """Yield label, camera, visit and pictures of each tracklet in the order of the lists."""
    for identity in identities:
        for camera, visit in cast.visits(identity, 6):
            yield f"{identity:04d}", camera, visit, cast.passage(identity, camera, visit)


def draw_ilids_vid(root: Path, cast: Cast) -> None:
    """Draw iLIDS-VID: two cameras, person numbers with gaps, ten splits as a matrix."""
    folder = root / "i-LIDS-VID"
    people = [i + i // 3 for i in range(1, cast.identities + 1)]  # 1 2 4 5 6 8 ...
    for identity in people:
        for camera in (1, 2):
            for i, image in enumerate(cast.passage(identity, camera, 0)):
                name = f"cam{camera}_person{identity:03d}_{i + 1:05d}.png"
                write(folder / "sequences" / f"cam{camera}" / f"person{identity:03d}" / name, image)
    random = np.random.default_rng([cast.seed, 4])
    splits = np.stack([1 + random.permutation(len(people)) for _ in range(10)]).astype(np.uint16)
    write_matrix(folder / "train-test people splits" / "train_test_splits_ilidsvid.mat", "ls_set", splits)


def draw_prid_2011(root: Path, cast: Cast) -> None:
    """Draw PRID 2011: two cameras, two people in only one of them, ten splits as JSON."""
    folder = root / "prid_2011"
    only_camera = {cast.identities + 1: "a", cast.identities + 2: "b"}
    for identity in range(1, cast.identities + 3):
        for camera, letter in enumerate("ab", start=1):
            if only_camera.get(identity, letter) == letter:
                person_folder = folder / "multi_shot" / f"cam_{letter}" / f"person_{identity:04d}"
                for i, image in enumerate(cast.passage(identity, camera, 0)):
                    write(person_folder / f"{i + 1:04d}.png", image)
    random, half = np.random.default_rng([cast.seed, 4]), cast.identities // 2
    splits = []
    for _ in range(10):
        people = [f"person_{1 + i:04d}" for i in random.permutation(cast.identities)]
        splits.append({"train": people[:half], "test": people[half:]})
    write_text(folder / "splits_prid2011.json", [json.dumps(splits)])


def draw_market_1501(root: Path, cast: Cast) -> None:
    """Draw Market-1501: six cameras, junk -1 and distractors 0000; each next camera sees an identity later."""
    folder = root / "Market-1501-v15.09.15"

    def write_crop(part: str, label: str, place: tuple[int, int], frame: int, image: Image, box: int) -> None:
        camera, visit = place
        write(folder / part / f"{label}_c{camera}s{visit + 1}_{frame:06d}_{box:02d}.jpg", image)

    for part, identities in (("bounding_box_train", cast.training()), ("bounding_box_test", cast.test())):
        for identity in identities:
            for camera, visit in cast.visits(identity, 6):
                for i, image in enumerate(cast.passage(identity, camera, visit)):
                    frame = 25 * identity + 300 * camera + 6 * i
                    is_query = part == "bounding_box_test" and visit == 0 and i == 0
                    crop_part = "query" if is_query else part
                    write_crop(crop_part, f"{identity:04d}", (camera, visit), frame, image, i)
    for i, distractor in enumerate(cast.distractors()):
        for j, image in enumerate(cast.passage(distractor, 1 + i % 6, 0)):
            write_crop("bounding_box_test", "0000", (1 + i % 6, 0), 40 * i, image, j)
    for i, image in enumerate(cast.junk(1, 0)):
        write_crop("bounding_box_test", "-1", (1, 0), 7 * i, image, i)


def draw_cuhk01(root: Path, cast: Cast) -> None:
    """Draw CUHK01: four images of each person, two from each view.

    The data set has no split of its own, so `identities` must exceed the number of people that a test holds out.
    """
    for identity in range(1, cast.identities + 1):
        images = [image for camera in (1, 2) for image in cast.passage(identity, camera, 0, frames=2)]
        for i, image in enumerate(images):
            write(root / "CUHK01" / f"{identity:04d}{i + 1:03d}.png", image)


def draw_veri_776(root: Path, cast: Cast) -> None:
    """Draw VeRi-776: vehicles, twenty cameras, frame numbers of a shared clock in the file names."""
    folder = root / "VeRi"
    for part, identities in (("image_train", cast.training()), ("image_test", cast.test())):
        for identity in identities:
            for camera, visit in cast.visits(identity, 20):
                for i, image in enumerate(cast.passage(identity, camera, visit)):
                    is_query = part == "image_test" and visit == 0 and i == 0
                    frame = 1000 * visit + 40 * identity + 150 * camera + 5 * i
                    name = f"{identity:04d}_c{camera:03d}_{frame:08d}_{i}.jpg"
                    write(folder / ("image_query" if is_query else part) / name, image)


def draw_vehicleid(root: Path, cast: Cast) -> None:
    """Draw VehicleID: numbered images and lists of them; each smaller test list is a part of the largest."""
    folder = root / "VehicleID_V1.0"
    lines: dict[int, list[str]] = {}
    for identity in range(1, cast.identities + 1):
        for camera, visit in cast.visits(identity, 12):
            for image in cast.passage(identity, camera, visit):
                name = f"{1 + sum(map(len, lines.values())):07d}"
                lines.setdefault(identity, []).append(f"{name} {identity}")
                write(folder / "image" / f"{name}.jpg", image)
    test, lists = list(cast.test()), folder / "train_test_split"
    write_text(lists / "train_list.txt", [line for identity in cast.training() for line in lines[identity]])
    for thirds, vehicles in ((1, 800), (2, 1600), (3, 2400)):
        listed = test[: -(-len(test) * thirds // 3)]
        test_lines = [line for identity in listed for line in lines[identity]]
        write_text(lists / f"test_list_{vehicles}.txt", test_lines)


def draw_folder(root: Path, cast: Cast) -> None:
    """Draw the plain folder layout for a user's own data."""
    for training, identities in ((True, cast.training()), (False, cast.test())):
        for identity in identities:
            for camera, visit in cast.visits(identity, 3):
                part = "train" if training else "query" if visit == 0 else "gallery"
                tracklet_folder = root / part / f"{identity:04d}" / f"door{camera}_{visit + 1}"
                for i, image in enumerate(cast.passage(identity, camera, visit)):
                    write(tracklet_folder / f"{i:03d}.jpg", image)


BENCHMARKS: dict[str, Callable[[Path, Cast], None]] = {
    "mars": draw_mars,
    "ilids-vid": draw_ilids_vid,
    "prid-2011": draw_prid_2011,
    "market-1501": draw_market_1501,
    "cuhk01": draw_cuhk01,
    "veri-776": draw_veri_776,
    "vehicleid": draw_vehicleid,
    "folder": draw_folder,
}


def write(path: Path, image: Image) -> None:
    """Write an (h, w, 3) RGB picture in the format that its suffix names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    encodable, encoded = cv2.imencode(path.suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    if not encodable:
        raise ValueError(f"{path}: OpenCV cannot write this format")
    path.write_bytes(encoded.tobytes())


def write_text(path: Path, lines: list[str]) -> None:
    """Write lines of text; the last one ends with a line break too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_matrix(path: Path, variable: str, matrix: NDArray[np.integer]) -> None:
    """Write one variable as a Matlab file. Its header omits the time of day, so that equal data give equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(str(path), {variable: matrix})
    path.write_bytes(b"MATLAB 5.0 MAT-file".ljust(116) + path.read_bytes()[116:])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", choices=BENCHMARKS, help="the data set whose layout to draw")
    parser.add_argument("folder", type=Path, help="the data root; created if missing")
    parser.add_argument(
        "--identities", type=int, default=24, help="number of identities, half training and half test"
    )
    parser.add_argument("--tracklets", type=int, default=4, help="tracklets of each identity")
    parser.add_argument("--frames", type=int, default=12, help="frames of each tracklet")
    parser.add_argument(
        "--size", type=int, nargs=2, metavar=("HEIGHT", "WIDTH"), help="size of the pictures in pixels"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of all random draws")
    arguments = parser.parse_args()
    draw(
        arguments.name,
        arguments.folder,
        identities=arguments.identities,
        seed=arguments.seed,
        tracklets=arguments.tracklets,
        frames=arguments.frames,
        size=tuple(arguments.size) if arguments.size else None,
    )
    print(f"Drew a miniature {arguments.name} in {arguments.folder}")

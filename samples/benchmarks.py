"""Draw small benchmarks, each in the exact layout of a published one: `python -m samples.benchmarks mars FOLDER`.

Odd identities are for training and even ones for the test, except where the data set has splits of its
own. Junk and distractors lie where the published ones have them. The same seed gives the same bytes.
Nothing in them is a picture of a real person.
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

from samples.figures import Camera, Image, camera, person, shoot, vehicle

PEOPLE_SIZE, VEHICLE_SIZE = (128, 64), (96, 128)  # height and width in pixels
STRANGERS, NOBODY = 100_000, 200_000  # numbers of people nobody asks for, and of bad detections
VEHICLES = ("veri-776", "vehicleid")


@dataclass(frozen=True)
class Cast:
    """Everybody who is pictured, and how; each picture depends on the seed and its own numbers alone."""

    identities: int
    tracklets: int
    """Of each identity, four or more where a query is to find another camera's."""
    frames: int
    size: tuple[int, int]
    seed: int
    vehicles: bool

    def passage(self, identity: int, number: int, visit: int, frames: int | None = None) -> list[Image]:
        """Picture one identity before one camera, the `visit`th time."""
        looks = np.random.default_rng([self.seed, 0, identity])
        look = vehicle(looks) if self.vehicles else person(looks)
        random = np.random.default_rng([self.seed, 2, identity, number, visit])
        return shoot(look, _camera(self.seed, number), random, frames=frames or self.frames, size=self.size)

    def visits(self, identity: int, cameras: int) -> list[tuple[int, int]]:
        """Say before which cameras an identity passes, and the how manieth time; each at least twice if it can."""
        used = min(cameras, max(2, self.tracklets // 2))
        order = 1 + np.random.default_rng([self.seed, 3, identity]).permutation(cameras)[:used]
        return sorted((int(order[i % used]), i // used) for i in range(self.tracklets))

    def training(self) -> range:
        """Identities for training: 1, 3, 5 ..."""
        return range(1, self.identities + 1, 2)

    def test(self) -> range:
        """Identities for the test: 2, 4, 6 ..."""
        return range(2, self.identities + 1, 2)

    def strangers(self) -> range:
        """People nobody asks for, a few."""
        return range(STRANGERS, STRANGERS + max(2, self.identities // 4))

    def nobody(self, number: int, visit: int) -> list[Image]:
        """Picture a bad detection: half of somebody."""
        height, width = self.size
        whole = self.passage(NOBODY, number, visit)
        return [np.asarray(cv2.resize(image[height // 2 :], (width, height)), np.uint8) for image in whole]


@lru_cache(maxsize=32)
def _camera(seed: int, number: int) -> Camera:
    return camera(np.random.default_rng([seed, 1, number]))


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
        name: A key of `DRAWN`.
        folder: The data root; the data set gets its folder below it. `folder` lies in it directly.
        identities: In all: half for training, half for the test.
        seed: Of everything.
        tracklets: Of each identity; CUHK01, iLIDS-VID and PRID have one in each of two cameras.
        frames: Of each tracklet; in data sets of images, as many images.
        size: Height and width of the pictures in pixels; people 128 x 64, vehicles 96 x 128.
    """
    vehicles = name in VEHICLES
    size = size or (VEHICLE_SIZE if vehicles else PEOPLE_SIZE)
    DRAWN[name](folder, Cast(identities, tracklets, frames, size, seed, vehicles))


def draw_mars(root: Path, cast: Cast) -> None:
    """Draw MARS: tracklets of 6 cameras, lists of names and rows, junk 00-1 and distractors 0000."""
    folder = root / "MARS"
    seen = {True: cast.training(), False: cast.test()}
    for training, part in ((True, "train"), (False, "test")):
        names: list[str] = []
        rows, asked = [], []
        for label, number, visit, images in _mars_tracklets(cast, seen[training], training):
            camera_tracklet = f"{label}C{number}T{visit + 1:04d}"
            own = [f"{camera_tracklet}F{i + 1:03d}.jpg" for i in range(len(images))]
            rows.append(
                (len(names) + 1, len(names) + len(own), -1 if label == "00-1" else int(label), number)
            )
            names += own
            if visit == 0 and label not in ("00-1", "0000"):
                asked.append(len(rows))
            for name, image in zip(own, images, strict=True):
                write(folder / f"bbox_{part}" / label / name, image)
        write_text(folder / "info" / f"{part}_name.txt", names)
        write_matrix(folder / "info" / f"tracks_{part}_info.mat", f"track_{part}_info", np.array(rows))
    write_matrix(folder / "info" / "query_IDX.mat", "query_IDX", np.array([asked]))


def _mars_tracklets(
    cast: Cast, identities: Iterable[int], training: bool
) -> Iterator[tuple[str, int, int, list[Image]]]:
    """Give label, camera, visit and pictures of each tracklet in the order of the lists."""
    if not training:
        for visit in range(2):
            yield "00-1", 1 + visit, visit, cast.nobody(1 + visit, visit)
        for i, stranger in enumerate(cast.strangers()):
            yield "0000", 1 + i % 6, i // 6, cast.passage(stranger, 1 + i % 6, 0)
    for identity in identities:
        for number, visit in cast.visits(identity, 6):
            yield f"{identity:04d}", number, visit, cast.passage(identity, number, visit)


def draw_ilids_vid(root: Path, cast: Cast) -> None:
    """Draw iLIDS-VID: two cameras, people's numbers with gaps, ten splits as a matrix."""
    folder = root / "i-LIDS-VID"
    people = [i + i // 3 for i in range(1, cast.identities + 1)]  # 1 2 4 5 6 8 ...
    for identity in people:
        for number in (1, 2):
            for i, image in enumerate(cast.passage(identity, number, 0)):
                name = f"cam{number}_person{identity:03d}_{i + 1:05d}.png"
                write(folder / "sequences" / f"cam{number}" / f"person{identity:03d}" / name, image)
    random = np.random.default_rng([cast.seed, 4])
    rows = np.stack([1 + random.permutation(len(people)) for _ in range(10)])
    write_matrix(
        folder / "train-test people splits" / "train_test_splits_ilidsvid.mat",
        "ls_set",
        rows.astype(np.uint16),
    )


def draw_prid_2011(root: Path, cast: Cast) -> None:
    """Draw PRID 2011: two cameras, some people in one of them only, ten splits as JSON."""
    folder = root / "prid_2011"
    single = {cast.identities + 1: "a", cast.identities + 2: "b"}
    for identity in range(1, cast.identities + 3):
        for number, letter in enumerate("ab", start=1):
            if single.get(identity, letter) == letter:
                for i, image in enumerate(cast.passage(identity, number, 0)):
                    person_folder = folder / "multi_shot" / f"cam_{letter}" / f"person_{identity:04d}"
                    write(person_folder / f"{i + 1:04d}.png", image)
    random, half = np.random.default_rng([cast.seed, 4]), cast.identities // 2
    orders = [1 + random.permutation(cast.identities) for _ in range(10)]
    splits = [
        {
            "train": [f"person_{i:04d}" for i in order[:half]],
            "test": [f"person_{i:04d}" for i in order[half:]],
        }
        for order in orders
    ]
    write_text(folder / "splits_prid2011.json", [json.dumps(splits)])


def draw_market_1501(root: Path, cast: Cast) -> None:
    """Draw Market-1501: six cameras, junk -1 and distractors 0000; whoever walks on is seen later by the next camera."""
    folder = root / "Market-1501-v15.09.15"

    def put(part: str, label: str, number: int, visit: int, second: int, image: Image, box: int) -> None:
        write(folder / part / f"{label}_c{number}s{visit + 1}_{second:06d}_{box:02d}.jpg", image)

    for part, identities in (("bounding_box_train", cast.training()), ("bounding_box_test", cast.test())):
        for identity in identities:
            for number, visit in cast.visits(identity, 6):
                for i, image in enumerate(cast.passage(identity, number, visit)):
                    frame = 25 * identity + 300 * number + 6 * i
                    asked = part == "bounding_box_test" and visit == 0 and i == 0
                    put("query" if asked else part, f"{identity:04d}", number, visit, frame, image, i)
    for i, stranger in enumerate(cast.strangers()):
        for j, image in enumerate(cast.passage(stranger, 1 + i % 6, 0)):
            put("bounding_box_test", "0000", 1 + i % 6, 0, 40 * i, image, j)
    for i, image in enumerate(cast.nobody(1, 0)):
        put("bounding_box_test", "-1", 1, 0, 7 * i, image, i)


def draw_cuhk01(root: Path, cast: Cast) -> None:
    """Draw CUHK01: four images of each person, two from each view; more people than a test needs must be asked for."""
    for identity in range(1, cast.identities + 1):
        images = [image for view in (1, 2) for image in cast.passage(identity, view, 0, frames=2)]
        for i, image in enumerate(images):
            write(root / "CUHK01" / f"{identity:04d}{i + 1:03d}.png", image)


def draw_veri_776(root: Path, cast: Cast) -> None:
    """Draw VeRi-776: vehicles, twenty cameras, frames on one clock in the names."""
    folder = root / "VeRi"
    for part, identities in (("image_train", cast.training()), ("image_test", cast.test())):
        for identity in identities:
            for number, visit in cast.visits(identity, 20):
                for i, image in enumerate(cast.passage(identity, number, visit)):
                    asked = part == "image_test" and visit == 0 and i == 0
                    frame = 1000 * visit + 40 * identity + 150 * number + 5 * i
                    name = f"{identity:04d}_c{number:03d}_{frame:08d}_{i}.jpg"
                    write(folder / ("image_query" if asked else part) / name, image)


def draw_vehicleid(root: Path, cast: Cast) -> None:
    """Draw VehicleID: numbered images, lists of them; the smaller test lists are parts of the largest."""
    folder = root / "VehicleID_V1.0"
    lines: dict[int, list[str]] = {}
    for identity in range(1, cast.identities + 1):
        for number, visit in cast.visits(identity, 12):
            for image in cast.passage(identity, number, visit):
                name = f"{1 + sum(map(len, lines.values())):07d}"
                lines.setdefault(identity, []).append(f"{name} {identity}")
                write(folder / "image" / f"{name}.jpg", image)
    test, lists = list(cast.test()), folder / "train_test_split"
    write_text(lists / "train_list.txt", [line for identity in cast.training() for line in lines[identity]])
    for thirds, vehicles in ((1, 800), (2, 1600), (3, 2400)):
        asked = test[: -(-len(test) * thirds // 3)]
        write_text(
            lists / f"test_list_{vehicles}.txt", [line for identity in asked for line in lines[identity]]
        )


def draw_folder(root: Path, cast: Cast) -> None:
    """Draw the plain layout of people's own data."""
    for training, identities in ((True, cast.training()), (False, cast.test())):
        for identity in identities:
            for number, visit in cast.visits(identity, 3):
                part = "train" if training else "query" if visit == 0 else "gallery"
                place = root / part / f"{identity:04d}" / f"door{number}_{visit + 1}"
                for i, image in enumerate(cast.passage(identity, number, visit)):
                    write(place / f"{i:03d}.jpg", image)


DRAWN: dict[str, Callable[[Path, Cast], None]] = {
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
    """Write an (h, w, 3) RGB picture in the format its name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    done, encoded = cv2.imencode(path.suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    if not done:
        raise ValueError(f"{path}: OpenCV cannot write this format")
    path.write_bytes(encoded.tobytes())


def write_text(path: Path, lines: list[str]) -> None:
    """Write lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_matrix(path: Path, variable: str, matrix: NDArray[np.integer]) -> None:
    """Write one variable as a Matlab file; without the time of day that its header usually has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(str(path), {variable: matrix})
    path.write_bytes(b"MATLAB 5.0 MAT-file".ljust(116) + path.read_bytes()[116:])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", choices=DRAWN, help="which data set's layout")
    parser.add_argument("folder", type=Path, help="the data root; made if it is not there")
    parser.add_argument("--identities", type=int, default=24, help="half for training, half for the test")
    parser.add_argument("--tracklets", type=int, default=4, help="of each identity")
    parser.add_argument("--frames", type=int, default=12, help="of each tracklet")
    parser.add_argument(
        "--size", type=int, nargs=2, metavar=("HEIGHT", "WIDTH"), help="of the pictures, in pixels"
    )
    parser.add_argument("--seed", type=int, default=0)
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
    print(f"a small {arguments.name} is in {arguments.folder}")

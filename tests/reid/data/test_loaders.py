from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from reid.data.catalogue import CATALOGUE, load_benchmark
from reid.data.records import Benchmark, LabelledTracklet
from reid.errors import DatasetError
from samples.miniatures.benchmarks import draw, write_matrix

DRAWN_AS = {key: key for key in CATALOGUE if not key.startswith(("cuhk01", "vehicleid"))} | {
    "vehicleid-800": "vehicleid",
    "vehicleid-1600": "vehicleid",
    "vehicleid-2400": "vehicleid",
}
FOLDERS = {
    "mars": "MARS",
    "ilids-vid": "i-LIDS-VID",
    "prid-2011": "prid_2011",
    "market-1501": "Market-1501-v15.09.15",
    "veri-776": "VeRi",
    "vehicleid-800": "VehicleID_V1.0",
}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A root a data set, each with a small copy; read, never written to."""
    roots = {name: tmp_path_factory.mktemp(name) for name in sorted(set(DRAWN_AS.values()))}
    for name, root in roots.items():
        draw(name, root, identities=8, frames=3, size=(32, 16))
    return roots


@pytest.fixture
def copy(drawn: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    """Copies a data set to a root of its own, to be changed."""
    return lambda name: shutil.copytree(drawn[DRAWN_AS[name]], tmp_path / name)


def touch_campus(root: Path, people: int) -> Path:
    """CUHK01 with empty files: loading parses names and opens nothing."""
    folder = root / "CUHK01"
    folder.mkdir()
    for identity in range(1, people + 1):
        for number in range(1, 5):
            (folder / f"{identity:04d}{number:03d}.png").touch()
    return root


@pytest.fixture(scope="module")
def campus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return touch_campus(tmp_path_factory.mktemp("campus"), 500)


def identities(entries: tuple[LabelledTracklet, ...]) -> set[str]:
    return {entry.identity for entry in entries}


def names(entries: tuple[LabelledTracklet, ...]) -> list[str]:
    return [Path(image).name for entry in entries for image in entry.images]


def expected(name: str) -> tuple[int, int, int]:
    """Tracklets of train, query and gallery in what is drawn: 8 identities, 4 tracklets of 3 each."""
    return {
        "mars": (16, 8, 8 + 2),  # two strangers
        "ilids-vid": (8, 4, 4),
        "prid-2011": (8, 4, 4),
        "market-1501": (48, 8, 40 + 2 * 3),  # two strangers in three images each
        "veri-776": (48, 8, 40),
        "vehicleid-800": (48, 22, 2),  # 2, 3 and 4 of the four test vehicles have 12 images each
        "vehicleid-1600": (48, 33, 3),
        "vehicleid-2400": (48, 44, 4),
        "folder": (16, 8, 8),
    }[name]


@pytest.mark.parametrize("name", list(DRAWN_AS))
def test_each_split_has_what_was_drawn(name: str, drawn: dict[str, Path]) -> None:
    benchmark = load_benchmark(name, drawn[DRAWN_AS[name]])
    assert (len(benchmark.train), len(benchmark.query), len(benchmark.gallery)) == expected(name)
    assert benchmark.name == name
    assert all(Path(image).is_file() for image in _images(benchmark))
    assert not identities(benchmark.train) & identities((*benchmark.query, *benchmark.gallery))


def _images(benchmark: Benchmark) -> list[str]:
    entries = (*benchmark.train, *benchmark.query, *benchmark.gallery)
    return [image for entry in entries for image in entry.images]


@pytest.mark.parametrize("name", list(DRAWN_AS))
def test_the_order_in_which_the_disk_lists_files_does_not_matter(
    name: str, drawn: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_benchmark(name, drawn[DRAWN_AS[name]])
    listdir = os.listdir
    monkeypatch.setattr(os, "listdir", lambda folder: sorted(listdir(folder), reverse=True))
    assert load_benchmark(name, drawn[DRAWN_AS[name]]) == before


@pytest.mark.parametrize("name", [key for key in DRAWN_AS if key != "folder"])
def test_every_right_query_can_be_found_in_the_gallery(name: str, drawn: dict[str, Path]) -> None:
    benchmark = load_benchmark(name, drawn[DRAWN_AS[name]])
    for query in benchmark.query:
        right = [entry for entry in benchmark.gallery if entry.identity == query.identity]
        if benchmark.rule == "cross-camera":
            right = [entry for entry in right if entry.camera != query.camera]
        assert right


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("mars", "mars"),
        ("ilids-vid", "iLIDS-VID"),
        ("ilids-vid", "ilids-vid"),
        ("prid-2011", "prid2011"),
        ("market-1501", "market1501"),
        ("market-1501", "Market-1501"),
        ("veri-776", "VeRi-776"),
        ("vehicleid-800", "VehicleID"),
    ],
)
def test_a_data_set_is_found_by_each_usual_spelling(
    name: str, other: str, drawn: dict[str, Path], tmp_path: Path
) -> None:
    folder = drawn[DRAWN_AS[name]] / FOLDERS[name]
    (tmp_path / other).symlink_to(folder)
    assert names(load_benchmark(name, tmp_path).train) == names(load_benchmark(name, folder.parent).train)


@pytest.mark.parametrize("name", list(FOLDERS))
def test_the_data_root_may_be_the_data_sets_own_folder(name: str, drawn: dict[str, Path]) -> None:
    root = drawn[DRAWN_AS[name]]
    assert load_benchmark(name, root / FOLDERS[name]) == load_benchmark(name, root)


def test_a_folder_within_a_folder_of_that_name_is_found(drawn: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "prid2011").mkdir()
    (tmp_path / "prid2011" / "prid_2011").symlink_to(drawn["prid-2011"] / "prid_2011")
    assert len(load_benchmark("prid-2011", tmp_path).query) == 4


@pytest.mark.parametrize("name", list(DRAWN_AS))
def test_files_of_operating_systems_and_readmes_are_passed_over(
    name: str, drawn: dict[str, Path], copy: Callable[[str], Path]
) -> None:
    root = copy(name)
    for folder in [root, *(path for path in root.rglob("*") if path.is_dir())]:
        for foreign in ("Thumbs.db", "desktop.ini", ".DS_Store", "._0001.jpg", "README.md", "readme.txt"):
            (folder / foreign).write_bytes(b"no picture")
        (folder / "__MACOSX").mkdir()
    whole, littered = load_benchmark(name, drawn[DRAWN_AS[name]]), load_benchmark(name, root)
    for part in ("train", "query", "gallery"):
        assert [
            tuple(Path(image).name for image in tracklet.images) for tracklet in getattr(littered, part)
        ] == [tuple(Path(image).name for image in tracklet.images) for tracklet in getattr(whole, part)]


def test_a_tenth_camera_of_market_is_read(tmp_path: Path) -> None:
    for part in ("bounding_box_train", "query", "bounding_box_test"):
        (tmp_path / "Market-1501" / part).mkdir(parents=True)
        (tmp_path / "Market-1501" / part / f"000{len(part)}_c10s12_000451_03.jpg").touch()
    assert [shot.camera for shot in load_benchmark("market-1501", tmp_path).query] == ["10"]


def test_mars_cuts_tracklets_from_the_first_to_the_last_line_both_included(drawn: dict[str, Path]) -> None:
    info = drawn["mars"] / "MARS" / "info"
    first, second, *_ = load_benchmark("mars", drawn["mars"]).train
    lines = (info / "train_name.txt").read_text().split()
    assert names((first, second)) == lines[:6]
    assert [Path(image).name for image in first.images] == lines[:3]


def test_mars_drops_junk_and_keeps_distractors_that_nobody_asks_for(drawn: dict[str, Path]) -> None:
    benchmark = load_benchmark("mars", drawn["mars"])
    assert [name for name in names(benchmark.gallery) if name.startswith("00-1")] == []
    assert [entry.identity for entry in benchmark.gallery].count("0000") == 2
    assert "0000" not in identities(benchmark.query)


def test_mars_asks_for_the_rows_that_query_idx_names_from_one(copy: Callable[[str], Path]) -> None:
    root = copy("mars")
    rows = 2 + 2 + 4 * 4  # junk, strangers, four people of four tracklets
    write_matrix(root / "MARS" / "info" / "query_IDX.mat", "query_IDX", np.array([[5, rows]]))
    benchmark = load_benchmark("mars", root)
    lines = (root / "MARS" / "info" / "test_name.txt").read_text().split()
    assert names(benchmark.query) == [*lines[12:15], *lines[-3:]]
    assert len(benchmark.gallery) == rows - 2 - 2


def test_ilids_numbers_people_by_their_sorted_folders(copy: Callable[[str], Path]) -> None:
    root = copy("ilids-vid")  # people 1 2 4 5 6 8 9 10
    folder = root / "i-LIDS-VID" / "train-test people splits"
    rows = np.array([[3, 6, 1, 8, 2, 4, 5, 7]] * 9 + [[1, 2, 3, 4, 5, 6, 7, 8]])
    write_matrix(folder / "train_test_splits_ilidsvid.mat", "ls_set", rows)
    assert identities(load_benchmark("ilids-vid", root, 0).query) == {
        "person004",
        "person008",
        "person001",
        "person010",
    }
    assert identities(load_benchmark("ilids-vid", root, 9).train) == {
        "person006",
        "person008",
        "person009",
        "person010",
    }


def test_the_two_camera_sets_ask_in_the_first_camera_for_people_of_the_second(drawn: dict[str, Path]) -> None:
    for name, first, second in (("ilids-vid", "cam1", "cam2"), ("prid-2011", "cam_a", "cam_b")):
        for split in range(10):
            benchmark = load_benchmark(name, drawn[name], split)
            assert {entry.camera for entry in benchmark.query} == {first}
            assert {entry.camera for entry in benchmark.gallery} == {second}
            assert identities(benchmark.query) == identities(benchmark.gallery)


def test_a_splits_file_may_lie_beside_the_data(copy: Callable[[str], Path]) -> None:
    for name, moved in (("ilids-vid", "train-test people splits"), ("prid-2011", "splits_prid2011.json")):
        root = copy(name)
        before = load_benchmark(name, root)
        (root / FOLDERS[name] / moved).rename(root / moved)
        assert load_benchmark(name, root) == before


def test_prid_takes_the_people_its_split_names(drawn: dict[str, Path]) -> None:
    splits = json.loads((drawn["prid-2011"] / "prid_2011" / "splits_prid2011.json").read_text())
    benchmark = load_benchmark("prid-2011", drawn["prid-2011"], 7)
    assert identities(benchmark.train) == set(splits[7]["train"])
    assert identities(benchmark.query) == set(splits[7]["test"])


def test_market_drops_junk_and_keeps_distractors(drawn: dict[str, Path]) -> None:
    benchmark = load_benchmark("market-1501", drawn["market-1501"])
    assert [name for name in names(benchmark.gallery) if name.startswith("-1")] == []
    assert len([name for name in names(benchmark.gallery) if name.startswith("0000")]) == 6


def test_market_counts_each_cameras_sequences_on_one_clock_over_all_three_folders(tmp_path: Path) -> None:
    for path in (
        "bounding_box_train/0002_c1s1_000100_01.jpg",
        "bounding_box_train/0002_c1s2_000007_01.jpg",
        "bounding_box_train/0002_c2s2_000007_01.jpg",
        "query/0001_c1s1_000250_00.jpg",
        "bounding_box_test/-1_c1s1_000400_01.jpg",
        "bounding_box_test/0001_c1s3_000001_01.jpg",
    ):
        (tmp_path / "Market-1501" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "Market-1501" / path).touch()
    benchmark = load_benchmark("market-1501", tmp_path)
    assert [entry.moment for entry in benchmark.train] == [100, 400 + 7, 7]
    assert [entry.moment for entry in benchmark.gallery] == [400 + 7 + 1]


def test_veri_reads_camera_and_frame_from_the_name(tmp_path: Path) -> None:
    for part in ("image_train", "image_query", "image_test"):
        (tmp_path / "VeRi" / part).mkdir(parents=True)
    (tmp_path / "VeRi" / "image_train" / "0001_c012_00016450_0.jpg").touch()
    (tmp_path / "VeRi" / "image_query" / "0002_c002_00030600_0.jpg").touch()
    (tmp_path / "VeRi" / "image_test" / "0002_c003_00030700_0.jpg").touch()
    (vehicle,) = load_benchmark("veri", tmp_path).train
    assert (vehicle.identity, vehicle.camera, vehicle.moment) == ("0001", "012", 16450)


@pytest.mark.parametrize(("name", "test"), [("cuhk01-486", 486), ("cuhk01-100", 100)])
def test_cuhk01_never_trains_on_who_is_in_the_test_whatever_the_split(
    name: str, test: int, campus: Path
) -> None:
    drawn = []
    for split in range(10):
        benchmark = load_benchmark(name, campus, split)
        assert len(identities(benchmark.query)) == test
        assert len(identities(benchmark.train)) == 500 - test
        assert not identities(benchmark.train) & identities(benchmark.query)
        assert (len(benchmark.query), len(benchmark.gallery)) == (2 * test, 2 * test)
        drawn.append(frozenset(identities(benchmark.query)))
    assert len(set(drawn)) == 10
    assert load_benchmark(name, campus, 3) == load_benchmark(name, campus, 3)


def test_cuhk01_has_two_views_of_two_images(campus: Path) -> None:
    benchmark = load_benchmark("cuhk01", campus)
    assert {name[4:] for name in names(benchmark.query)} == {"001.png", "002.png"}
    assert {name[4:] for name in names(benchmark.gallery)} == {"003.png", "004.png"}
    assert {entry.camera for entry in benchmark.train} == {"A", "B"}


def test_vehicleid_has_one_image_of_each_vehicle_in_the_gallery_drawn_by_split(
    drawn: dict[str, Path],
) -> None:
    galleries = set()
    for split in range(10):
        benchmark = load_benchmark("vehicleid-2400", drawn["vehicleid"], split)
        assert [entry.identity for entry in benchmark.gallery] == ["2", "4", "6", "8"]
        assert not set(benchmark.query) & set(benchmark.gallery)
        assert benchmark.rule == "any-camera"
        galleries.add(benchmark.gallery)
    assert len(galleries) > 1


def test_a_folder_with_training_alone_and_one_with_a_search_alone_will_do(
    copy: Callable[[str], Path],
) -> None:
    root = copy("folder")
    whole = load_benchmark("folder", root)
    (root / "train").rename(root / "kept")
    assert load_benchmark("folder", root).train == ()
    assert load_benchmark("folder", root).query == whole.query
    (root / "kept").rename(root / "train")
    for part in ("query", "gallery"):
        (root / part).rename(root / f"no-{part}")
    assert (load_benchmark("folder", root).query, load_benchmark("folder", root).gallery) == ((), ())
    assert load_benchmark("folder", root).train == whole.train


def test_a_camera_of_ones_own_may_have_underscores(tmp_path: Path) -> None:
    place = tmp_path / "train" / "Ann" / "front_door_7"
    place.mkdir(parents=True)
    for name in ("b.PNG", "a.jpg", ".hidden.jpg", "notes.txt"):
        (place / name).touch()
    (tracklet,) = load_benchmark("folder", tmp_path).train
    assert (tracklet.identity, tracklet.camera, names((tracklet,))) == (
        "Ann",
        "front_door",
        ["a.jpg", "b.PNG"],
    )


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("train/Ann/door_1/b.webp", r"b\.webp: is an image in a format that is not read"),
        ("train/Bob", "Bob: holds no tracklet"),
    ],
)
def test_nothing_in_a_folder_of_ones_own_is_passed_over(tmp_path: Path, path: str, complaint: str) -> None:
    (tmp_path / "train" / "Ann" / "door_1").mkdir(parents=True)
    (tmp_path / "train" / "Ann" / "door_1" / "a.jpg").touch()
    if "." in path:
        (tmp_path / path).touch()
    else:
        (tmp_path / path).mkdir()
    with pytest.raises(DatasetError, match=complaint):
        load_benchmark("folder", tmp_path)


MISSING = [
    ("mars", "info"),
    ("mars", "info/query_IDX.mat"),
    ("mars", "info/train_name.txt"),
    ("mars", "info/tracks_test_info.mat"),
    ("mars", "bbox_train"),
    ("mars", "bbox_train/0003"),
    ("mars", "bbox_test/0000"),
    ("ilids-vid", "sequences"),
    ("ilids-vid", "sequences/cam1"),
    ("ilids-vid", "sequences/cam2/person004"),
    ("ilids-vid", "train-test people splits/train_test_splits_ilidsvid.mat"),
    ("prid-2011", "multi_shot/cam_b/person_0003"),
    ("prid-2011", "splits_prid2011.json"),
    ("market-1501", "bounding_box_train"),
    ("market-1501", "query"),
    ("market-1501", "bounding_box_test"),
    ("veri-776", "image_query"),
    ("vehicleid-800", "image"),
    ("vehicleid-800", "image/0000001.jpg"),
    ("vehicleid-800", "train_test_split/train_list.txt"),
    ("vehicleid-800", "train_test_split/test_list_800.txt"),
]


@pytest.mark.parametrize(("name", "path"), MISSING)
def test_what_is_missing_is_named_with_where_it_is_obtained_and_the_expected_tree(
    name: str, path: str, copy: Callable[[str], Path]
) -> None:
    root = copy(name)
    (root / FOLDERS[name] / path).rename(root / "elsewhere")
    with pytest.raises(DatasetError) as caught:
        load_benchmark(name, root)
    dataset = CATALOGUE[name]
    assert str(root / FOLDERS[name] / path) in str(caught.value)
    assert dataset.layout.source in str(caught.value)
    assert dataset.layout.tree in str(caught.value)


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_an_empty_data_root_says_which_folder_is_expected(name: str, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="not found") as caught:
        load_benchmark(name, tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_a_data_root_that_is_not_there_is_named(tmp_path: Path) -> None:
    for name in ("mars", "folder"):
        with pytest.raises(DatasetError, match="nowhere"):
            load_benchmark(name, tmp_path / "nowhere")


def test_a_single_picture_missing_from_mars_is_named(copy: Callable[[str], Path]) -> None:
    root = copy("mars")
    gone = sorted((root / "MARS" / "bbox_train" / "0005").iterdir())[4]
    gone.unlink()
    with pytest.raises(DatasetError, match=gone.name):
        load_benchmark("mars", root)


def text(path: str, content: bytes) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / path).write_bytes(content)

    return spoil


def matrix(path: str, variable: str, rows: object) -> Callable[[Path], None]:
    return lambda folder: write_matrix(folder / path, variable, np.array(rows))


INFO, SPLITS = "info/tracks_train_info.mat", "train-test people splits/train_test_splits_ilidsvid.mat"
MALFORMED: list[tuple[str, Callable[[Path], None], str]] = [
    ("mars", text(INFO, b""), "track_train_info"),
    ("mars", text(INFO, b"not Matlab at all" * 40), "track_train_info"),
    ("mars", text(INFO, b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + b"\x0e\0\0\0\x99\0\0\0abc"), "track_train"),
    ("mars", matrix(INFO, "something_else", [[1, 3, 1, 1]]), "track_train_info"),
    ("mars", matrix(INFO, "track_train_info", [[1, 3, 1]]), "3 columns"),
    ("mars", matrix(INFO, "track_train_info", [[1.5, 3, 1, 1]]), "matrix of integers"),
    ("mars", matrix(INFO, "track_train_info", [[0, 3, 1, 1]]), "from 0 to 3"),
    ("mars", matrix(INFO, "track_train_info", [[3, 2, 1, 1]]), "from 3 to 2"),
    ("mars", matrix(INFO, "track_train_info", [[1, 999, 1, 1]]), "from 1 to 999"),
    ("mars", matrix(INFO, "track_train_info", [[1, 3, 77, 1]]), "identity 0077"),
    ("mars", matrix("info/query_IDX.mat", "query_IDX", [[0, 1]]), "outside 1 to 20"),
    ("mars", matrix("info/query_IDX.mat", "query_IDX", [[21]]), "outside 1 to 20"),
    ("mars", text("info/train_name.txt", b"\xff\xfe\x00"), "not a text file"),
    ("ilids-vid", matrix(SPLITS, "ls_set", [[1, 2, 3, 4, 5, 6, 7, 9]] * 10), "each of the 8 people"),
    ("ilids-vid", matrix(SPLITS, "ls_set", [[1, 2, 3, 4, 5, 6]] * 10), "each of the 8 people"),
    ("prid-2011", text("splits_prid2011.json", b"[{"), "entry 0"),
    ("prid-2011", text("splits_prid2011.json", b"[]"), "entry 0"),
    ("prid-2011", text("splits_prid2011.json", b'[{"train": []}]'), '"test"'),
    ("prid-2011", text("splits_prid2011.json", b'[{"train": 3, "test": []}]'), '"train"'),
    ("market-1501", text("query/0001_c1_000451.jpg", b""), "0001_c1_000451.jpg"),
    ("veri-776", text("image_train/c001_0001.jpg", b""), "c001_0001.jpg"),
    ("vehicleid-800", text("train_test_split/train_list.txt", b"0000001\n"), "'0000001'"),
    ("vehicleid-800", text("train_test_split/train_list.txt", b"0000013 2\n"), "identity 2 is in training and in test"),
    ("market-1501", text("bounding_box_train/0002_c1s1_000001_00.jpg", b""), "identity 0002 is in training and in test"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "spoil", "said"), MALFORMED)
def test_what_is_malformed_is_named(
    name: str, spoil: Callable[[Path], None], said: str, copy: Callable[[str], Path]
) -> None:
    root = copy(name)
    spoil(root / FOLDERS[name])
    with pytest.raises(DatasetError) as caught:
        load_benchmark(name, root)
    assert said in str(caught.value)
    assert str(root / FOLDERS[name]) in str(caught.value)


@pytest.mark.parametrize("name", ["0001005.png", "1001.png", "00010011.png"])
def test_a_cuhk01_picture_of_another_name_is_named(name: str, tmp_path: Path) -> None:
    root = touch_campus(tmp_path, 2)
    (root / "CUHK01" / name).touch()
    with pytest.raises(DatasetError, match=name):
        load_benchmark("cuhk01", root)


def test_too_few_people_for_the_cuhk01_test_are_counted(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds 100 people, and the test alone needs 100"):
        load_benchmark("cuhk01-100", touch_campus(tmp_path, 100))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (["train/1/door/a.jpg"], "<camera>_<tracklet>"),
        (["train/1/door_1/notes.txt"], "holds no image"),
        (["train/1/door_1/a.jpg", "query/2/door_1/a.jpg"], "gallery"),
        (
            ["train/1/door_1/a.jpg", "query/1/door_1/a.jpg", "gallery/1/hall_1/a.jpg"],
            "identity 1 is in training",
        ),
        (["train/stray.jpg"], "stray.jpg: is a file where a folder is expected"),
    ],
)
def test_a_mistake_in_a_folder_of_ones_own_is_named(made: list[str], said: str, tmp_path: Path) -> None:
    for path in made:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    with pytest.raises(DatasetError) as caught:
        load_benchmark("folder", tmp_path)
    assert said in str(caught.value)

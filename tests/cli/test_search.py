"""Searches in a real run of the drawn street, by picture and by tracklet, and their errors."""

from __future__ import annotations

import csv
import re
import shutil
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from cli.main import main
from detectors.weights import SHIPPED
from pipeline.config import RunConfig
from pipeline.embedding.config import EmbeddingConfig
from pipeline.footage.cameras import cameras_from_arguments
from pipeline.matching.config import Chosen
from pipeline.results.run_record import read_record, write_record
from pipeline.run import match
from reid.checkpoints import save_checkpoint
from reid.model.design import VARIANTS, with_backbone
from reid.model.network import build

PLAZA = Path(__file__).parents[2] / "samples/plaza"
Row = dict[str, str]


def search(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["search", *map(str, arguments)])


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def network(path: Path, seed: int) -> Path:
    small = build(with_backbone(VARIANTS["fgreid-lite"], "test_resnet"), 1, seed=seed)
    save_checkpoint(small, path, size=(64, 32), about={"match_threshold": "0.9"})
    return path


@pytest.fixture(scope="module")
def done(scene: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the drawn street; clips have one frame, so that a stored crop has the same embedding as a query."""
    folder = tmp_path_factory.mktemp("search")
    (folder / "shipped").mkdir()
    network(folder / "shipped/people.safetensors", 0)
    videos = [str(scene / "east.mp4"), str(scene / "west.mp4")]
    cameras = cameras_from_arguments(videos, cameras_file=None, detections=[str(scene / "detections.csv")])
    config = RunConfig(
        embedding=EmbeddingConfig(clips=1, clip_length=1), device="cpu", shipped=folder / "shipped"
    )
    match(cameras, config, folder / "run", warn=lambda _: None)
    return folder / "run"


@pytest.fixture
def run(done: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(done, tmp_path / "run"))


def person(run: Path, place: int = 0) -> Row:
    """A matched tracklet of a person."""
    return [row for row in rows(run / "tracklets.csv") if row["identity"] and row["class"] == "person"][place]


def best_crop(run: Path, one: Row, path: Path) -> Path:
    """Write the crop of a tracklet's only clip."""
    parts = sorted((run / "parts" / one["camera"]).glob("*.crops.parquet"))
    crops = [crop for part in parts for crop in pq.read_table(part).to_pylist()]
    own = [crop for crop in crops if crop["track"] == int(one["track"])]
    path.write_bytes(max(own, key=lambda crop: (crop["quality"], -crop["frame"]))["jpeg"])
    return path


def test_a_picture_of_a_person_finds_their_tracklet_and_identity_first(run: Path, tmp_path: Path) -> None:
    for place in (0, 1):
        one = person(run, place)
        photo = best_crop(run, one, tmp_path / f"photo{place}.jpg")
        said = search(run, photo, "--whole", "--device", "cpu", "--out", tmp_path / f"out{place}")
        assert said.exit_code == 0, said.output
        found = rows(tmp_path / f"out{place}" / "found.csv")
        first = {name: found[0][name] for name in ("camera", "track", "identity", "passes")}
        assert first == {name: one[name] for name in ("camera", "track", "identity")} | {"passes": "yes"}
        assert {row["class"] for row in found} == {"person"}
        scores = [float(row["score"]) for row in found]
        assert scores == sorted(scores, reverse=True)
        assert scores[0] > 0.999
        assert "compared tracklets pass (person)" in said.output


def test_two_pictures_are_one_query(run: Path, tmp_path: Path) -> None:
    photos = [best_crop(run, person(run, place), tmp_path / f"{place}.jpg") for place in (0, 1)]
    said = search(run, *photos, "--whole", "--device", "cpu", "--out", tmp_path / "out")
    assert said.exit_code == 0, said.output
    keys = {(row["camera"], row["track"]) for row in rows(tmp_path / "out/found.csv")[:4]}
    assert {(person(run, place)["camera"], person(run, place)["track"]) for place in (0, 1)} <= keys
    assert (tmp_path / "out/strip.png").read_bytes().startswith(b"\x89PNG")
    assert "heads are blurred" in said.output


def test_of_several_people_in_a_picture_the_largest_or_each_is_the_query(run: Path, tmp_path: Path) -> None:
    photo, people = tmp_path / "photo.png", ("--class", "person", "--detector-weights", SHIPPED)
    with av.open(str(PLAZA / "c1.mp4")) as source:
        picture = next(source.decode(video=0)).to_ndarray(format="bgr24")
    cv2.imwrite(str(photo), picture)
    one = search(run, photo, *people, "--device", "cpu", "--top", 2)
    assert one.exit_code == 0, one.output
    told = re.search(r"shows (\d+) people; searching for the largest, number (\d+) from the left", one.stderr)
    assert told is not None
    count, largest = map(int, told.groups())
    assert count > 1
    out = tmp_path / "out"
    each = search(run, photo, *people, "--device", "cpu", "--top", 2, "--each", "--out", out)
    assert each.exit_code == 0, each.output
    assert re.findall(r"Number (\d+) from the left, a person:", each.stdout) == [
        str(n + 1) for n in range(count)
    ]
    found = rows(out / "found.csv")
    assert list(dict.fromkeys(row.pop("query") for row in found)) == [str(n + 1) for n in range(count)]
    (folder,) = (run / "search").iterdir()
    own = [row for row in rows(out / "found.csv") if row.pop("query") == str(largest)]
    assert own == rows(folder / "found.csv")
    (wide, high), (_, alone) = (Image.open(path / "strip.png").size for path in (out, folder))
    assert high == count * alone > wide


def test_a_tracklet_finds_its_other_camera_but_not_itself_with_the_score_of_the_match(run: Path) -> None:
    matched = [
        row
        for row in rows(run / "matches.csv")
        if row["camera_a"] != row["camera_b"] and row["class"] == "person" and row["appearance"]
    ]
    pair = max(matched, key=lambda row: float(row["appearance"]))
    said = search(run, "--tracklet", f"{pair['camera_a']}/{pair['track_a']}", "--top", 99)
    assert said.exit_code == 0, said.output
    (folder,) = (run / "search").iterdir()
    found = {(row["camera"], row["track"]): row for row in rows(folder / "found.csv")}
    assert (pair["camera_a"], pair["track_a"]) not in found
    other = found[pair["camera_b"], pair["track_b"]]
    assert float(other["score"]) == pytest.approx(float(pair["appearance"]), abs=1e-3)  # stored as float16
    assert "can be recognised" in said.output


def test_a_person_below_the_threshold_is_not_present(run: Path, tmp_path: Path) -> None:
    record = read_record(run)
    strict = replace(record.matching["people"], threshold=Chosen(0.9999, "user"))
    write_record(run, replace(record, matching=record.matching | {"people": strict}))
    noise = np.random.default_rng(0).integers(0, 256, (80, 40, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "stranger.png"), noise)
    said = search(run, tmp_path / "stranger.png", "--whole", "--device", "cpu")
    assert said.exit_code == 0, said.output
    assert "Not present: none of " in said.output
    assert "reaches the threshold 1.000" in said.output


def test_several_runs_are_searched_at_once_and_write_to_out_only(
    run: Path, done: Path, tmp_path: Path
) -> None:
    one = person(run)
    name = f"{one['camera']}/{one['track']}"
    out = tmp_path / "out"
    assert search(run, done, "--tracklet", name, "--out", out, "--top", 3).exit_code == 0
    first = rows(out / "found.csv")[0]
    assert (first["run"], first["camera"], first["track"]) == (str(done), one["camera"], one["track"])
    before = set(done.iterdir())
    assert search(run, done, "--tracklet", name).exit_code == 0
    assert set(done.iterdir()) == before
    assert not (run / "search").exists()


def test_earlier_results_are_kept(run: Path, tmp_path: Path) -> None:
    one = person(run)
    name = f"{one['camera']}/{one['track']}"
    for _ in range(2):
        assert search(run, "--tracklet", name).exit_code == 0
    assert {path.name for path in (run / "search").iterdir()} == {
        f"{one['camera']}-{one['track']}",
        f"{one['camera']}-{one['track']}-2",
    }
    again = search(run, "--tracklet", name, "--out", tmp_path)
    assert again.exit_code == 2
    assert "exists already" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["photo.jpg"], "no run folder is given"),
        (["RUN"], "give either pictures or --tracklet"),
        (["RUN", "photo.jpg", "--tracklet", "east/1"], "give either pictures or --tracklet"),
        (["RUN", "--tracklet", "east/1", "--whole"], "apply to pictures; omit them"),
        (["RUN", "--each", "--tracklet", "east/1"], "--each needs exactly one picture"),
        (["RUN", "--each", "photo.jpg", "empty.jpg"], "--each needs exactly one picture"),
        (["RUN", "--tracklet", "east"], "is not a tracklet; name camera and track"),
        (["RUN", "--tracklet", "east/999"], "has no tracklet east/999"),
        (["RUN", "--whole", "photo.jpg"], "photo.jpg: is not a picture, or is damaged"),
        (["RUN", "--whole", "empty.jpg"], "empty.jpg: is not a picture, or is damaged"),
        (
            ["RUN", "--whole", "grey.png", "--weights", "other.safetensors"],
            "give the right file with --weights",
        ),
    ],
)
def test_errors_are_one_sentence(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("photo.jpg").write_bytes(b"\xff\xd8\xff not a picture")
    Path("empty.jpg").touch()
    cv2.imwrite("grey.png", np.full((80, 40, 3), 128, np.uint8))
    network(Path("other.safetensors"), 1)
    result = search(*[run if word == "RUN" else word for word in arguments])
    assert result.exit_code in (1, 2)
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert not (run / "search").exists()


def test_a_run_without_its_gallery_is_an_error(run: Path) -> None:
    (run / "gallery.parquet").unlink()
    result = search(run, "--tracklet", "east/1")
    assert result.exit_code == 1
    assert "has no gallery.parquet; repeat the command of its match" in result.stderr

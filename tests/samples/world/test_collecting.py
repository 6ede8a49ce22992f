from __future__ import annotations

from pathlib import Path

import pytest

from reid.data.mars import load_mars
from reid.data.veri_776 import load_veri_776
from samples.world.collecting import Filming, collect_scenes, collect_tracklets, spread
from samples.world.errors import WorldError
from samples.world.programme import Part
from samples.world.sensor import Sensor
from samples.world.tracklets import Cutting, Tracklet
from tests.samples.world.rectangles import Rectangles, Walk

CUTTING = Cutting(rate=2.0, min_crops=3, max_crops=4, min_height=20)


def filming(part: Part, *identities: int, seed: int = 0) -> Filming:
    walks = [Walk(one, enters=i) for i, one in enumerate(identities)]
    vehicles = [Walk(one, "vehicle", enters=i) for i, one in enumerate(identities)]
    return Filming(part, Rectangles((*walks, *vehicles), 6.0).opening(), (Sensor(), Sensor()), seed)


TWO_DAYS = [filming("train", 1, 3), filming("train", 3, 5, seed=2), filming("test", 2, 4, seed=1)]


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_several_days_make_one_data_set_whose_cameras_go_on_counting(tmp_path: Path) -> None:
    collect_tracklets(TWO_DAYS, tmp_path, categories=["person", "vehicle"], cutting=CUTTING)
    seen: dict[str, set[str]] = {}
    for one in load_mars(tmp_path, 0).train:
        seen.setdefault(one.identity, set()).add(one.camera)
    assert seen == {"0001": {"1", "2"}, "0003": {"1", "2", "3", "4"}, "0005": {"3", "4"}}
    assert {one.camera for one in load_mars(tmp_path, 0).gallery} == {"5", "6"}
    assert {int(one.camera) for one in load_veri_776(tmp_path, 0).train} == {1, 2, 3, 4}


def test_every_query_has_its_identity_in_another_camera(tmp_path: Path) -> None:
    collect_tracklets(TWO_DAYS, tmp_path, categories=["person"], cutting=CUTTING)
    benchmark = load_mars(tmp_path, 0)
    assert {one.identity for one in benchmark.query} == {"0002", "0004"}
    for query in benchmark.query:
        assert any(one.identity == query.identity and one.camera != query.camera for one in benchmark.gallery)


def test_two_workers_write_the_same_bytes_as_one(tmp_path: Path) -> None:
    for workers in (1, 2):
        collect_tracklets(
            TWO_DAYS,
            tmp_path / str(workers),
            categories=["person", "vehicle"],
            cutting=CUTTING,
            workers=workers,
        )
    assert everything(tmp_path / "1") == everything(tmp_path / "2")


def test_only_what_was_asked_for_is_written(tmp_path: Path) -> None:
    collect_tracklets(TWO_DAYS, tmp_path, categories=["vehicle"], cutting=CUTTING)
    assert [path.name for path in tmp_path.iterdir()] == ["VeRi"]


def test_a_killed_run_leaves_no_data_set(tmp_path: Path) -> None:
    def stop(done: int, total: int | None) -> None:
        del total
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collect_tracklets(TWO_DAYS, tmp_path, categories=["person"], cutting=CUTTING, report=stop)
    assert not (tmp_path / "MARS").exists()


def test_scenes_of_the_test_become_the_validation(tmp_path: Path) -> None:
    assert (
        collect_scenes(TWO_DAYS, tmp_path / "set", every=2.0) == 18
    )  # three scenes, two cameras, at 0, 2 and 4 s
    counts = {part: len(list((tmp_path / "set" / "images" / part).iterdir())) for part in ("train", "val")}
    assert counts == {"train": 12, "val": 6}


def test_productions_that_show_nobody_are_said_to(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="no person was visible long enough for the test part"):
        collect_tracklets(TWO_DAYS[:1], tmp_path, categories=["person"], cutting=CUTTING)


@pytest.mark.parametrize(
    ("count", "kept"), [(4, [0, 1, 2, 3]), (7, [0, 2, 4, 6]), (16, [0, 3, 6, 9, 12, 15])]
)
def test_few_pictures_of_a_vehicle_are_kept_evenly_spread(count: int, kept: list[int]) -> None:
    tracklet = Tracklet(
        "vehicle", 1, 0, tuple(map(float, range(count))), tuple(bytes([i]) for i in range(count))
    )
    assert spread(tracklet, 100.0) == {100.0 + i: bytes([i]) for i in kept}

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from reid.data.mars import load_mars
from reid.data.veri_776 import load_veri_776
from samples.world.errors import WorldError
from samples.world.layouts import MarsWriter, VeriWriter, camera_number

JPEG = cv2.imencode(".jpg", np.zeros((8, 4, 3), np.uint8))[1].tobytes()


def mars(root: Path) -> MarsWriter:
    """Identity 1 to train on, 2 for the test: two passages in camera 1, one in camera 2."""
    writer = MarsWriter(root)
    writer.add(2, "test", 2, [JPEG] * 2)
    writer.add(1, "train", 1, [JPEG] * 3)
    writer.add(1, "train", 6, [JPEG] * 2)
    writer.add(2, "test", 1, [JPEG] * 4)
    writer.add(2, "test", 1, [JPEG] * 5)
    return writer


def test_what_was_added_is_what_train_reads(tmp_path: Path) -> None:
    mars(tmp_path).close()
    benchmark = load_mars(tmp_path, 0)
    train, query, gallery = (
        [(one.identity, one.camera, len(one.images)) for one in part]
        for part in (benchmark.train, benchmark.query, benchmark.gallery)
    )
    assert train == [("0001", "1", 3), ("0001", "6", 2)]
    assert query == [("0002", "1", 4)]
    assert gallery == [("0002", "1", 5), ("0002", "2", 2)]


def test_passages_of_one_identity_before_one_camera_are_counted(tmp_path: Path) -> None:
    mars(tmp_path).close()
    names = (tmp_path / "MARS" / "info" / "test_name.txt").read_text().split()
    assert names[:5] == [*(f"0002C1T0001F00{i}.jpg" for i in range(1, 5)), "0002C1T0002F001.jpg"]


def test_junk_is_left_out_and_passers_by_are_searched_but_not_asked_for(tmp_path: Path) -> None:
    writer = mars(tmp_path)
    writer.add(0, "test", 3, [JPEG])
    writer.add(0, "test", 4, [JPEG])
    writer.add(-1, "test", 3, [JPEG])
    writer.close()
    benchmark = load_mars(tmp_path, 0)
    assert [one.identity for one in benchmark.gallery] == ["0000", "0000", "0002", "0002"]
    assert [one.identity for one in benchmark.query] == ["0002"]


def test_twins_are_named_beside_the_lists(tmp_path: Path) -> None:
    mars(tmp_path).close(twins=[(4, 2), (6, 8)])
    twins = (tmp_path / "MARS" / "info" / "twins.json").read_text()
    assert "".join(twins.split()) == '{"groups":[[2,4],[6,8]]}'


def test_until_it_is_closed_nothing_looks_like_a_data_set(tmp_path: Path) -> None:
    writer = mars(tmp_path)
    assert not (tmp_path / "MARS").exists()
    writer.close()
    assert [path.name for path in tmp_path.iterdir()] == ["MARS"]


def test_what_a_killed_run_left_is_not_mixed_into_the_next(tmp_path: Path) -> None:
    MarsWriter(tmp_path).add(77, "train", 1, [JPEG])
    mars(tmp_path).close()
    assert not (tmp_path / "MARS" / "bbox_train" / "0077").exists()


@pytest.mark.parametrize("writer", [MarsWriter, VeriWriter])
def test_a_data_set_that_is_there_is_not_written_over(
    tmp_path: Path, writer: type[MarsWriter | VeriWriter]
) -> None:
    (tmp_path / "MARS").mkdir()
    (tmp_path / "VeRi").mkdir()
    with pytest.raises(WorldError, match="already exists"):
        writer(tmp_path)


@pytest.mark.parametrize(
    ("identity", "part", "camera"),
    [(10_000, "train", 1), (0, "train", 1), (-2, "test", 1), (1, "train", 7), (1, "train", 0)],
)
def test_what_mars_cannot_name_is_refused(tmp_path: Path, identity: int, part: str, camera: int) -> None:
    writer = MarsWriter(tmp_path)
    with pytest.raises(WorldError, match="MARS has"):
        writer.add(identity, "train" if part == "train" else "test", camera, [JPEG])


def test_a_data_set_without_a_test_is_refused(tmp_path: Path) -> None:
    writer = MarsWriter(tmp_path)
    writer.add(1, "train", 1, [JPEG])
    with pytest.raises(WorldError, match="test part; use more people"):
        writer.close()
    assert not (tmp_path / "MARS").exists()


def test_vehicles_are_read_back_with_camera_and_time(tmp_path: Path) -> None:
    writer = VeriWriter(tmp_path)
    writer.add(1, "train", 12, {0.0: JPEG, 2.0: JPEG})
    writer.add(2, "test", 1, {4.0: JPEG, 8.0: JPEG})
    writer.add(2, "test", 1, {60.0: JPEG, 61.0: JPEG})
    writer.add(2, "test", 2, {9.0: JPEG})
    writer.close()
    benchmark = load_veri_776(tmp_path, 0)
    train, query, gallery = (
        [(one.identity, int(one.camera), one.moment) for one in part]
        for part in (benchmark.train, benchmark.query, benchmark.gallery)
    )
    assert train == [("0001", 12, 0), ("0001", 12, 50)]
    assert query == [("0002", 1, 100)]
    assert sorted(gallery) == [("0002", 1, 200), ("0002", 1, 1500), ("0002", 1, 1525), ("0002", 2, 225)]


def test_vehicles_without_a_test_are_refused(tmp_path: Path) -> None:
    writer = VeriWriter(tmp_path)
    writer.add(1, "train", 1, {0.0: JPEG})
    with pytest.raises(WorldError, match="image_query; use more vehicles"):
        writer.close()


@pytest.mark.parametrize("before", range(13))
def test_cameras_of_one_production_never_share_a_number(before: int) -> None:
    assert sorted(camera_number(before, camera, 6) for camera in range(6)) == [1, 2, 3, 4, 5, 6]

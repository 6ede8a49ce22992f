from __future__ import annotations

from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import pytest

from detectors.yolo import class_numbers, import_ultralytics
from samples.world.detection_sets import (
    NAMES,
    DetectionWriter,
    Example,
    View,
    examples,
    label,
    wanted,
    without,
)
from samples.world.errors import WorldError
from samples.world.production import Sighting
from samples.world.sensor import Sensor
from tests.samples.world.rectangles import Rectangles, Walk

Box = tuple[float, float, float, float]
JPEG = cv2.imencode(".jpg", np.zeros((64, 96, 3), np.uint8))[1].tobytes()


def sighting(box: Box, share: float = 1.0, category: Literal["person", "vehicle"] = "person") -> Sighting:
    return Sighting(1, category, box, box, share)


def test_a_label_is_class_middle_and_size_as_shares_of_the_picture() -> None:
    assert label(sighting((10, 20, 30, 60)), 100, 200) == "0 0.100000 0.400000 0.100000 0.400000"
    assert (
        label(sighting((0, 0, 200, 100), category="vehicle"), 100, 200)
        == "1 0.500000 0.500000 1.000000 1.000000"
    )


def test_the_detector_looks_for_all_classes_of_the_set_unasked() -> None:
    assert class_numbers(dict(enumerate(NAMES)), None) == [0, 1]


@pytest.mark.parametrize(
    ("box", "share", "found"),
    [
        pytest.param((0, 0, 20, 40), 0.25, True, id="a-quarter"),
        pytest.param((0, 0, 20, 40), 0.24, False, id="hardly-seen"),
        pytest.param((0, 0, 20, 11), 1.0, False, id="tiny"),
    ],
)
def test_only_who_can_be_seen_is_to_be_found(box: Box, share: float, found: bool) -> None:
    assert wanted(sighting(box, share)) == found


def test_who_is_hardly_seen_is_blurred_away_unless_somebody_stands_there() -> None:
    image = np.random.default_rng(0).integers(0, 255, (100, 200, 3), np.uint8)
    alone, beside, labelled = (
        sighting((10, 10, 40, 60), 0.2), sighting((110, 10, 140, 60), 0.2), sighting((130, 10, 170, 90))
    )  # fmt: skip
    cleared = without(image, [alone, beside, labelled])
    assert cleared[12:58, 12:38].std() < 0.3 * image[12:58, 12:38].std()
    assert np.array_equal(cleared[:, 50:], image[:, 50:])


def test_pictures_are_taken_now_and_then_by_every_camera() -> None:
    plan = Rectangles((Walk(1), Walk(2, cameras=(1,)), Walk(1, "vehicle")), seconds=4.0)
    found = examples(View(plan.opening(), (Sensor(), Sensor()), seed=0, every=2.0))
    classes = [sorted(line.split()[0] for line in one.labels) for one in found]
    assert classes == [["0", "1"], ["0", "0", "1"]] * 2
    image = cv2.imdecode(np.frombuffer(found[2].picture, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape == (64, 96, 3)


def test_ultralytics_reads_the_set(tmp_path: Path) -> None:
    writer = DetectionWriter(tmp_path / "plaza")
    writer.add("train", Example(JPEG, ("0 0.5 0.5 0.1 0.4", "1 0.2 0.2 0.1 0.1")))
    writer.add("train", Example(JPEG, ()))
    writer.add("val", Example(JPEG, ("0 0.5 0.5 0.1 0.4",)))
    writer.close()
    import_ultralytics()
    from ultralytics.data import YOLODataset
    from ultralytics.data.utils import check_det_dataset

    described = check_det_dataset(str(tmp_path / "plaza" / "data.yaml"), autodownload=False)
    assert described["names"] == {0: "person", 1: "vehicle"}
    labels = [
        YOLODataset(img_path=described[part], data=described, augment=False).labels
        for part in ("train", "val")
    ]
    assert [[one["cls"].ravel().tolist() for one in part] for part in labels] == [[[0, 1], []], [[0]]]


def test_until_it_is_closed_nothing_looks_like_a_set(tmp_path: Path) -> None:
    writer = DetectionWriter(tmp_path / "plaza")
    writer.add("train", Example(JPEG, ()))
    assert not (tmp_path / "plaza").exists()
    with pytest.raises(WorldError, match="no image for val"):
        writer.close()
    assert not (tmp_path / "plaza").exists()


def test_a_folder_that_is_there_is_not_written_into(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="already exists"):
        DetectionWriter(tmp_path)

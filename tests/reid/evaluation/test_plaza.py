"""The plaza's protocol: who counts as a twin, and among whom they are searched for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from reid.data.records import Benchmark, LabelledTracklet
from reid.errors import DatasetError
from reid.evaluation.plaza import load_plaza, read_twins, subset_scores


def seen(identity: str, camera: str) -> LabelledTracklet:
    return LabelledTracklet(("a.jpg",), identity, camera)


QUERY = [("ann", "1"), ("ida", "1"), ("tom", "1")]
GALLERY = [("ann", "2"), ("ida", "2"), ("tom", "2"), ("tom", "1")]
BENCHMARK = Benchmark("plaza", (), tuple(seen(*one) for one in QUERY), tuple(seen(*one) for one in GALLERY))
TWINS = [frozenset({"ann", "ida"})]


def turned(*degrees: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    radians = np.deg2rad(degrees)
    return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


def test_twins_are_searched_for_among_all_and_among_themselves() -> None:
    """Ann is found behind Tom, though before her twin; Ida's twin is before her; Tom is found at once."""
    query, gallery = turned(0, 90, 20), turned(30, 160, 20, 20)
    scores = subset_scores(query, gallery, BENCHMARK, TWINS)
    assert {name: own.queries for name, own in scores.items()} == {
        "standard": 1,
        "twins": 2,
        "among twins": 2,
    }
    assert (scores["standard"].mean_ap, scores["standard"].rank(1)) == (1, 1)
    # Ann: tom (20 degrees, twice), ann (30): rank 3. Ida: ann (60 away), then ida and the toms (70): rank 2.
    assert scores["twins"].rank(1) == 0
    assert scores["twins"].mean_ap == pytest.approx((1 / 3 + 1 / 2) / 2)
    assert scores["among twins"].rank(1) == 1 / 2
    assert scores["among twins"].mean_ap == pytest.approx((1 + 1 / 2) / 2)


def test_without_twins_everybody_is_standard() -> None:
    scores = subset_scores(turned(0, 90, 20), turned(30, 160, 20, 20), BENCHMARK, [])
    assert {name: own.queries for name, own in scores.items()} == {"standard": 3}


def test_whose_twin_is_not_in_the_test_has_none(drawn_mars: Path, tmp_path: Path) -> None:
    """Odd identities are for training."""
    folder = shutil.copytree(drawn_mars / "MARS", tmp_path / "MARS")
    groups = [["0002", 4], [1, 3], ["0006", "0005"]]
    (folder / "info/twins.json").write_text(json.dumps({"groups": groups}))
    benchmark, found = load_plaza(tmp_path)
    assert found == [frozenset({"0002", "0004"})]
    assert benchmark.name == "plaza"


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"groups": 3}', '{"groups": [["ann"]]}', '{"groups": [[1, 2], [2, 3]]}', '{"pairs": []}'],
)
def test_a_file_of_twins_that_makes_no_sense_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "info").mkdir()
    (tmp_path / "info/twins.json").write_text(text)
    with pytest.raises(DatasetError, match=r"twins\.json"):
        read_twins(tmp_path)


def test_a_plaza_that_was_not_drawn_yet_is_missed_with_the_command_that_draws_it(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"python -m samples\.world tracklets"):
        load_plaza(tmp_path)

from __future__ import annotations

from pathlib import Path

import pytest

from reid.data.catalogue import CATALOGUE, find_benchmark, load_benchmark
from reid.errors import DatasetError


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("MARS", "mars"),
        ("market1501", "market-1501"),
        ("Market_1501", "market-1501"),
        ("market", "market-1501"),
        ("ilids", "ilids-vid"),
        ("iLIDS_VID", "ilids-vid"),
        ("PRID", "prid-2011"),
        ("cuhk01", "cuhk01-486"),
        ("CUHK01_100", "cuhk01-100"),
        ("VeRi", "veri-776"),
        ("VehicleID", "vehicleid-800"),
        ("vehicleid2400", "vehicleid-2400"),
        *((key, key) for key in CATALOGUE),
    ],
)
def test_a_name_is_understood_as_people_write_it(name: str, key: str) -> None:
    assert find_benchmark(name) == (key, CATALOGUE[key])


@pytest.mark.parametrize(
    ("name", "near"), [("marz", "mars"), ("markt1501", "market-1501"), ("vehicle-id-880", "vehicleid-800")]
)
def test_an_unknown_name_is_answered_with_the_nearest(name: str, near: str) -> None:
    with pytest.raises(DatasetError, match=f"called {name}; did you mean {near}?"):
        find_benchmark(name)


@pytest.mark.parametrize(("name", "split", "last"), [("mars", 1, 0), ("prid", 10, 9), ("cuhk01", -1, 9)])
def test_a_split_that_does_not_exist_is_refused_with_those_that_do(
    name: str, split: int, last: int, tmp_path: Path
) -> None:
    with pytest.raises(DatasetError, match=f"no split {split}; choose one from 0 to {last}"):
        load_benchmark(name, tmp_path, split)

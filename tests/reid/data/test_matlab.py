from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.io import savemat

from reid.data.mars import LAYOUT
from reid.data.matlab import read_matrix
from reid.errors import DatasetError

FILE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "f4", "f8", "i8", ">f8", ">u2"])
def test_what_scipy_writes_is_read_back(dtype: str, compressed: bool, tmp_path: Path) -> None:
    for shape in ((1, 1), (7, 4), (4, 7), (1, 5), (0, 4)):
        rows = np.arange(shape[0] * shape[1]).reshape(shape).astype(dtype)
        other = {"name": "some text", "cells": np.array([1, "two"], object), "z": rows + 1}
        savemat(str(tmp_path / "a.mat"), {**other, "rows": rows}, do_compression=compressed)
        assert np.array_equal(read_matrix(LAYOUT, tmp_path / "a.mat", "rows"), rows)


@pytest.mark.parametrize(
    "value",
    ["text", np.array([[1.5]]), np.array([[np.nan]]), np.array([[1j]]), np.zeros((2, 2, 2)), {"a": 1}],
)
def test_what_is_no_matrix_of_whole_numbers_is_refused(value: object, tmp_path: Path) -> None:
    savemat(str(tmp_path / "a.mat"), {"rows": value})
    with pytest.raises(DatasetError, match="matrix of integers rows"):
        read_matrix(LAYOUT, tmp_path / "a.mat", "rows")


@FILE
@given(
    cut=st.integers(0, 1000),
    flips=st.lists(st.tuples(st.integers(100, 999), st.integers(0, 255)), max_size=3),
    compressed=st.booleans(),
)
def test_a_damaged_file_is_named_or_read_and_nothing_worse(
    cut: int, flips: list[tuple[int, int]], compressed: bool, tmp_path: Path
) -> None:
    path = tmp_path / "a.mat"
    savemat(str(path), {"rows": np.arange(80).reshape(20, 4)}, do_compression=compressed)
    data = bytearray(path.read_bytes()[:cut])
    for place, byte in flips:
        if place < len(data):
            data[place] = byte
    path.write_bytes(data)
    try:
        rows = read_matrix(LAYOUT, path, "rows")
    except DatasetError as error:
        assert str(path) in str(error)
    else:
        assert rows.size == 80

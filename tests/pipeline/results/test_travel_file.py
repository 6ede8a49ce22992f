"""Travel times in a file and in a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import PipelineError
from pipeline.matching.travel.travel_times import TravelStatistics
from pipeline.plots.travel_times import draw_statistics
from pipeline.results.travel_file import read_statistics, write_statistics

STATISTICS = TravelStatistics(
    {("person", 'the "old" gate', "hall/2"): (-3.25, 38.0, 41.5), ("vehicle", "é", "b"): (3600.0,)}, width=0.2
)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write_statistics(tmp_path / "s.toml", STATISTICS)
    assert read_statistics(tmp_path / "s.toml") == STATISTICS
    assert "3 gaps, median 38.0 s, from -3.2 to 41.5 s" in (tmp_path / "s.toml").read_text(encoding="utf-8")


def test_nothing_learnt_is_read_back_as_nothing(tmp_path: Path) -> None:
    write_statistics(tmp_path / "s.toml", TravelStatistics())
    assert read_statistics(tmp_path / "s.toml") == TravelStatistics()


WAY = '[[way]]\nclass = "person"\nfrom = "a"\nto = "b"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("gaps = [", "not a TOML file", id="no-toml"),
        pytest.param("bins = 5", "bins", id="unknown-key"),
        pytest.param("way = 5", "way: expected a list", id="way-is-no-table"),
        pytest.param('width = "x"', "width: expected a number, got text", id="width-is-text"),
        pytest.param(f"knee = {'9' * 400}", "knee: number out of range", id="knee-of-400-digits"),
        pytest.param("width = 5.0", "width of 0.01 to 1", id="width-out-of-range"),
        pytest.param(WAY, "way 1: missing key `gaps`", id="no-gaps"),
        pytest.param(WAY + "gaps = [1]\ncount = 1", "way 1: unknown key `count`", id="one-key-too-many"),
        pytest.param(WAY + 'gaps = ["1"]', "gaps 1: expected a number, got text", id="gaps-are-text"),
        pytest.param(WAY + "gaps = [nan]", "gaps 1: expected a number", id="gaps-are-nan"),
        pytest.param(WAY + "gaps = []", "gaps: expected a list of length >= 1", id="gaps-are-none"),
        pytest.param(2 * (WAY + "gaps = [1]\n"), "has two tables", id="a-way-twice"),
        pytest.param(WAY.replace('"b"', '"a"') + "gaps = [1]", "two cameras", id="one-camera"),
    ],
)
def test_a_damaged_file_is_refused_in_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "s.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PipelineError, match=said) as caught:
        read_statistics(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"none\.toml"):
        read_statistics(tmp_path / "none.toml")


@pytest.mark.parametrize("gaps", [(40.0,), (40.0,) * 9, (-1e9, 1e9), (0.0, 1.0, 2.0)])
def test_the_density_drawn_is_a_density(gaps: tuple[float, ...]) -> None:
    seconds, density = TravelStatistics(width=0.05).density(np.array(gaps))
    inside = np.abs(seconds) < 1e6 if max(gaps) > 1e6 else np.ones(len(seconds), bool)
    share = np.sum((density[1:] + density[:-1]) / 2 * np.diff(seconds) * (inside[1:] & inside[:-1]))
    assert share == pytest.approx(0 if max(gaps) > 1e6 else 1, abs=0.02)


def test_each_way_gets_a_panel(tmp_path: Path) -> None:
    many = TravelStatistics({("person", "a", name): (40.0, 45.0) for name in "bcde"})
    sizes = []
    for number, statistics in enumerate((TravelStatistics(), STATISTICS, many)):
        draw_statistics(statistics, tmp_path / f"{number}.png")
        with Image.open(tmp_path / f"{number}.png") as image:
            sizes.append(image.size)
    assert sizes == [(600, 150), (680, 260), (1020, 520)]

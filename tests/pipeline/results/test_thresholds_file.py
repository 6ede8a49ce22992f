"""Calibrations on disk and on paper."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from pipeline.errors import PipelineError
from pipeline.matching.config import MatchingConfig
from pipeline.matching.pairs.gallery import Gallery
from pipeline.matching.thresholds.calibration import Calibration, Compared
from pipeline.plots.calibration import draw_scores
from pipeline.results.thresholds_file import SavedThresholds, read_thresholds, scale_of, write_thresholds

FOUND = Calibration(
    0.61234, 0.7, "labels", 400, 30, false_match=0.01, interval=(0.005, 0.02), false_non_match=0.25
)


def gallery(counts: dict[tuple[str, str], int]) -> Gallery:
    """So many tracklets of each camera and class group."""
    rows = sorted(key for key, count in counts.items() for _ in range(count))
    n = len(rows)
    cameras, groups = (np.array(values, np.str_) for values in zip(*rows, strict=True))
    means, corner, times = np.ones((n, 1), np.float32), np.zeros((n, 4), np.float32), np.zeros(n)
    return Gallery(cameras, np.arange(n), groups, groups, times, times, corner, corner, means, means[:, None])


def test_what_is_written_is_read_back_and_can_be_read_by_people(tmp_path: Path) -> None:
    path = tmp_path / "calibration.toml"
    odd = 'network "x" \\ y'
    write_thresholds(
        path, {"people": (FOUND, "network abc"), "vehicles": (replace(FOUND, threshold=-0.2), odd)}
    )
    assert read_thresholds(path) == {
        "people": SavedThresholds(0.6123, 0.7, "network abc", path),
        "vehicles": SavedThresholds(-0.2, 0.7, odd, path),
    }
    text = path.read_text(encoding="utf-8")
    assert "# threshold 0.612 (chosen from 400 labelled pairs of different objects)." in text
    assert (
        "About 1.00% of pairs of different objects in two cameras reach it (90% interval 0.50% to 2.00%)."
        in text
    )
    assert "About 25% of objects seen by two cameras are missed." in text


PEOPLE = "[people]\nthreshold = 0.5\nstitch_threshold = 0.6\nscale = 's'\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("people", "not a TOML file"),
        ("", "holds no thresholds"),
        ("threshold = 0.5", "unknown key `threshold`"),
        ("[people]\nthreshold = 0.5", "people: missing key `stitch_threshold`"),
        ("[cars]\nthreshold = 0.5", "unknown key `cars`"),
        (PEOPLE.replace("0.5", "5"), "people, threshold: expected a number <= 1"),
        (PEOPLE.replace("0.6", "true"), "people, stitch_threshold: expected a number, got true or false"),
        (PEOPLE.replace("0.5", "nan"), "people, threshold: expected a number"),
        (PEOPLE.replace("'s'", "3"), "people, scale: expected text"),
        (PEOPLE + "margin = 1\n", "people: unknown key `margin`"),
    ],
)
def test_a_file_that_says_something_else_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "calibration.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PipelineError, match=f"calibration.toml: .*{said}"):
        read_thresholds(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"none\.toml: cannot be read"):
        read_thresholds(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("counts", "end"),
    [
        ({("a", "person"): 2, ("b", "person"): 1}, "centred nothing"),
        ({("a", "person"): 2, ("b", "person"): 3}, "centred person"),
        ({("a", "person"): 2, ("a", "vehicle"): 1}, "centred person"),
        ({("a", "person"): 2, ("b", "vehicle"): 2}, "centred person and vehicle"),
    ],
)
def test_scores_of_centred_embeddings_are_on_another_scale(
    counts: dict[tuple[str, str], int], end: str
) -> None:
    config = MatchingConfig(centring_minimum=2)
    assert scale_of(gallery(counts), config, "abc") == f"network abc, statistics of the network, {end}"


@pytest.mark.parametrize("count", [0, 1, 500])
def test_a_picture_shows_both_kinds_of_pairs_and_every_threshold(count: int) -> None:
    rng = np.random.default_rng(0)
    compared = Compared(rng.uniform(0.5, 0.9, count), rng.uniform(-0.2, 0.6, 2 * count))
    axes = Figure().subplots()
    draw_scores(axes, compared, {"here": 0.55, "shipped": 0.694})
    legend = axes.get_legend()
    assert legend is not None
    words = [text.get_text() for text in legend.get_texts()]
    pairs = [f"same object ({count} pairs)", f"different objects ({2 * count} pairs)"] if count else []
    assert sorted(words) == sorted([*pairs, "here 0.550", "shipped 0.694"])
    heights = [sum(bar.get_height() for bar in bars) for bars in axes.containers]
    assert heights == pytest.approx([1.0] * len(pairs))

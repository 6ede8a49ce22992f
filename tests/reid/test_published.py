from __future__ import annotations

import pytest

from reid.data.catalogue import CATALOGUE
from reid.losses.loss_weights import LOSSES
from reid.model.design import VARIANTS
from reid.published import (
    RESULTS,
    TABLE_8,
    TABLE_10,
    Extra,
    PaperNetwork,
    PublishedScores,
    difference_in_points,
    published_scores,
)


@pytest.mark.parametrize(
    ("dataset", "network", "extra", "figures"),
    [
        pytest.param("mars", "fgreid", "", PublishedScores(86.2, 89.6, 97.0, None, 98.8), id="the-headline"),
        pytest.param("veri-776", "fgreid", "st+rerank", PublishedScores(86.1, 95.8, 96.9), id="both-extras"),
        pytest.param(
            "cuhk01-100", "fgreid", "", PublishedScores(rank_1=98.9, rank_10=99.8), id="no-rank-5-but-10"
        ),
        pytest.param("mars", "fgreid", "st", None, id="not-tried-by-the-paper"),
        pytest.param("vehicleid-800", "fgreid", "", None, id="data-set-without-figures"),
        pytest.param("folder", "fgreid", "", None, id="ones-own-data"),
    ],
)
def test_rows_are_found_as_the_paper_prints_them(
    dataset: str, network: PaperNetwork, extra: Extra, figures: PublishedScores | None
) -> None:
    assert published_scores(dataset, network, extra) == figures


def test_every_row_belongs_to_a_data_set_a_variant_and_a_loss_we_have() -> None:
    assert set(RESULTS) <= set(CATALOGUE)
    assert {variant for variant, _ in TABLE_8} <= set(VARIANTS)
    assert set(TABLE_10) == {"", *LOSSES}


def test_tables_that_repeat_a_figure_agree() -> None:
    full, shared = published_scores("ilids-vid", "fgreid"), published_scores("ilids-vid", "baseline-1r")
    assert full is not None
    assert shared is not None
    assert full.rank_1 == TABLE_8["fgreid", "mars"] == TABLE_10[""]
    assert shared.rank_1 == TABLE_8["baseline-1r", "imagenet"]


@pytest.mark.parametrize("network", ["baseline-1r", "baseline"])
@pytest.mark.parametrize("dataset", list(RESULTS))
def test_the_papers_network_beats_its_baselines_on_every_data_set(
    dataset: str, network: PaperNetwork
) -> None:
    best, plain = published_scores(dataset, "fgreid"), published_scores(dataset, network)
    assert best is not None and best.rank_1 is not None
    assert plain is not None and plain.rank_1 is not None
    assert best.rank_1 > plain.rank_1


@pytest.mark.parametrize(
    ("ours", "paper", "points"),
    [(0.9, 89.6, 0.4), (0.5, 89.6, -39.6), (0.86249, 86.2, 0.0), (0.5, None, None)],
)
def test_the_difference_is_in_points(ours: float, paper: float | None, points: float | None) -> None:
    assert difference_in_points(ours, paper) == points


def test_a_misprint_is_caught() -> None:
    with pytest.raises(ValueError, match="grow with the rank"):
        PublishedScores(rank_1=95.0, rank_5=59.0)

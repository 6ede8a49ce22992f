from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.page.document import PageDocument, page_document
from pipeline.results.records import read_run
from pipeline.review.doubts import doubtful_links
from tests.pipeline.report.written import CONSIDERED, HALL, SEEN, Link, Tracklet, write_run


@pytest.fixture
def document(tmp_path: Path) -> PageDocument:
    """Link 1 is accepted with a slack of 0.06; 3 is ambiguous; 2 is rejected at 0.2, 4 at 0.65, 0.13 behind link 1."""
    return page_document(read_run(write_run(tmp_path / "run")))


def test_ambiguous_links_come_first_and_clear_ones_are_left_out(document: PageDocument) -> None:
    assert doubtful_links(document) == [3, 1]


@pytest.mark.parametrize(
    ("match", "score", "order"),
    [
        pytest.param(2, 0.59, [3, 1, 2], id="just-below-the-threshold-comes-after-little-slack"),
        pytest.param(2, 0.49, [3, 1], id="far-below-the-threshold"),
        pytest.param(4, 0.77, [3, 4, 1], id="above-the-threshold-but-another-was-linked"),
        pytest.param(4, 0.79, [3, 1], id="forbidden-by-a-rule-though-above"),
    ],
)
def test_the_most_useful_question_comes_first(
    document: PageDocument, match: int, score: float, order: list[int]
) -> None:
    links = tuple(replace(one, score=score) if one.match == match else one for one in document.links)
    assert doubtful_links(replace(document, links=links)) == order


def test_of_accepted_links_with_little_slack_the_least_certain_comes_first(document: PageDocument) -> None:
    weaker = replace(document.links[0], match=5, a=document.links[2].a, bar=0.05)
    assert doubtful_links(replace(document, links=(*document.links, weaker))) == [3, 5, 1]


def test_people_come_before_vehicles_whose_network_was_not_trained_on_them(tmp_path: Path) -> None:
    """One pair of vehicles is ambiguous, one far above the threshold; neither is trusted."""
    truck: Tracklet = (HALL, 7, 4, "car", 60, "linked")
    van: Tracklet = (HALL, 8, 6, "car", 90, "ambiguous")
    vehicles: list[Link] = [
        (SEEN[4], van, 0.7, truck, 0.01, "ambiguous", "too close to call"),
        (SEEN[4], truck, 0.99, None, None, "accepted", "cosine 0.990 reaches the threshold 0.600"),
    ]
    run = write_run(tmp_path / "run", (*SEEN, truck, van), (*vehicles, *CONSIDERED))
    assert doubtful_links(page_document(read_run(run))) == [5, 3, 1, 2]


def test_links_that_the_user_decided_are_not_asked_again(document: PageDocument) -> None:
    links = tuple(replace(link, decided_by="user") for link in document.links)
    assert doubtful_links(replace(document, links=links)) == []


def test_of_two_identities_one_pair_is_asked_about(document: PageDocument) -> None:
    links = (*document.links, replace(document.links[2], match=5, margin=0.019))
    assert doubtful_links(replace(document, links=links)) == [5, 1]

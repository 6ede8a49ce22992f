from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.page.document import Findings, read_findings
from pipeline.report.write import findings_of
from pipeline.review.doubts import doubtful
from tests.pipeline.report.written import CAMERAS, CONSIDERED, HALL, SEEN, Link, Tracklet, write_run


@pytest.fixture
def findings(tmp_path: Path) -> Findings:
    """Link 1 was made with a room of 0.06; 3 is open; 2 was turned down at 0.2, 4 at 0.65, 0.13 behind link 1."""
    return read_findings(write_run(tmp_path / "run"), CAMERAS, {"people": True})


def test_open_questions_come_first_and_what_is_clear_does_not_come(findings: Findings) -> None:
    assert doubtful(findings) == [3, 1]


@pytest.mark.parametrize(
    ("match", "score", "order"),
    [
        pytest.param(2, 0.59, [3, 1, 2], id="just-under-the-threshold-after-what-was-just-made"),
        pytest.param(2, 0.49, [3, 1], id="far-under-it"),
        pytest.param(4, 0.77, [3, 4, 1], id="alike-enough-but-somebody-else-was-taken"),
        pytest.param(4, 0.79, [3, 1], id="forbidden-by-a-rule-though-alike"),
    ],
)
def test_the_most_useful_question_comes_first(
    findings: Findings, match: int, score: float, order: list[int]
) -> None:
    links = tuple(replace(one, score=score) if one.match == match else one for one in findings.links)
    assert doubtful(replace(findings, links=links)) == order


def test_of_links_that_were_just_made_the_least_certain_is_asked_first(findings: Findings) -> None:
    weaker = replace(findings.links[0], match=5, a=findings.links[2].a, bar=0.05)
    assert doubtful(replace(findings, links=(*findings.links, weaker))) == [3, 5, 1]


def test_people_come_before_vehicles_whose_network_was_not_trained_on_them(tmp_path: Path) -> None:
    """The vehicles are open, and linked far over the threshold; neither is to be believed."""
    truck: Tracklet = (HALL, 7, 4, "car", 60, "linked")
    van: Tracklet = (HALL, 8, 6, "car", 90, "ambiguous")
    vehicles: list[Link] = [
        (SEEN[4], van, 0.7, truck, 0.01, "ambiguous", "too close to call"),
        (SEEN[4], truck, 0.99, None, None, "accepted", "cosine 0.990 reaches the threshold 0.600"),
    ]
    run = write_run(tmp_path / "run", (*SEEN, truck, van), (*vehicles, *CONSIDERED))
    assert doubtful(findings_of(run)) == [5, 3, 1, 2]


def test_what_the_user_said_is_not_asked_again(findings: Findings) -> None:
    links = tuple(replace(one, reason=f"you said so: {one.reason}") for one in findings.links)
    assert doubtful(replace(findings, links=links)) == []


def test_of_two_identities_one_pair_is_asked_about(findings: Findings) -> None:
    links = (*findings.links, replace(findings.links[2], match=5, margin=0.019))
    assert doubtful(replace(findings, links=links)) == [5, 1]

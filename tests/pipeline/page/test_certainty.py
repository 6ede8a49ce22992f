"""The certainty of links and identities."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.page.certainty import FULL, certainty_word, link_slack, weakest_slack


@pytest.mark.parametrize(
    ("score", "margin", "by_user", "trusted", "expected"),
    [
        pytest.param(0.95, None, False, True, "sure", id="far-above-without-runner-up"),
        pytest.param(0.95, 0.06, False, True, "likely", id="a-near-runner-up"),
        pytest.param(0.62, 0.30, False, True, "doubtful", id="barely-above"),
        pytest.param(0.55, 0.30, False, True, "doubtful", id="below-the-threshold"),
        pytest.param(0.95, None, False, False, "doubtful", id="an-untrusted-network"),
        pytest.param(None, None, True, False, "sure", id="decided-by-the-user"),
    ],
)
def test_a_link_is_as_certain_as_its_distance_to_threshold_and_runner_up(
    score: float | None, margin: float | None, by_user: bool, trusted: bool, expected: str
) -> None:
    assert certainty_word(link_slack(score, 0.6, margin, by_user=by_user, trusted=trusted)) == expected


def test_an_identity_is_as_certain_as_the_weakest_link_that_connects_it() -> None:
    assert weakest_slack([1, 2, 3, 4], [(1, 2, 0.2), (3, 4, 0.2), (2, 3, 0.04), (1, 4, 0.07)]) == 0.07


def test_an_identity_whose_links_do_not_connect_it_has_no_certainty() -> None:
    assert weakest_slack([1, 2, 3], [(1, 2, 0.2)]) == 0.0


LINKS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.floats(0, FULL)), max_size=15)


@given(LINKS)
def test_an_identity_stays_connected_without_its_weaker_links(links: list[tuple[int, int, float]]) -> None:
    found = weakest_slack(range(6), links)
    reached, kept = {0}, [link for link in links if link[2] >= found]
    for _ in range(6):
        reached |= {i for a, b, _ in kept for i in (a, b) if {a, b} & reached}
    assert found == 0.0 or reached == set(range(6))

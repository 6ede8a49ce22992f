"""How sure a link and an identity are called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.page.certainty import FULL, room, weakest, word


@pytest.mark.parametrize(
    ("score", "margin", "said", "trusted", "expected"),
    [
        pytest.param(0.95, None, False, True, "sure", id="far-over-and-nobody-else"),
        pytest.param(0.95, 0.06, False, True, "likely", id="somebody-else-was-near"),
        pytest.param(0.62, 0.30, False, True, "doubtful", id="hardly-enough"),
        pytest.param(0.55, 0.30, False, True, "doubtful", id="alone-not-even-enough"),
        pytest.param(0.95, None, False, False, "doubtful", id="a-network-not-to-be-trusted"),
        pytest.param(None, None, True, False, "sure", id="the-user-said-so"),
    ],
)
def test_a_link_is_as_sure_as_the_nearest_thing_that_could_have_undone_it(
    score: float | None, margin: float | None, said: bool, trusted: bool, expected: str
) -> None:
    assert word(room(score, 0.6, margin, said=said, trusted=trusted)) == expected


def test_an_identity_is_as_sure_as_the_link_it_cannot_do_without() -> None:
    assert weakest([1, 2, 3, 4], [(1, 2, 0.2), (3, 4, 0.2), (2, 3, 0.04), (1, 4, 0.07)]) == 0.07


def test_tracklets_that_no_link_joins_leave_nothing_sure() -> None:
    assert weakest([1, 2, 3], [(1, 2, 0.2)]) == 0.0


LINKS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.floats(0, FULL)), max_size=15)


@given(LINKS)
def test_taking_away_all_weaker_links_keeps_an_identity_together(links: list[tuple[int, int, float]]) -> None:
    found = weakest(range(6), links)
    reached, kept = {0}, [link for link in links if link[2] >= found]
    for _ in range(6):
        reached |= {i for a, b, _ in kept for i in (a, b) if {a, b} & reached}
    assert found == 0.0 or reached == set(range(6))

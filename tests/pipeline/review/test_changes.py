from __future__ import annotations

import pytest

from pipeline.review.changes import describe_changes

BEFORE = {"a/1": 1, "b/1": 1, "c/1": 1, "a/2": 2, "b/2": 2, "a/3": 3}


@pytest.mark.parametrize(
    ("after", "sentences"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param(
            {"c/1": 4}, ["Identity 1 was split: a/1, b/1 are identity 1; c/1 is identity 4."], id="split"
        ),
        pytest.param(
            {"a/3": 2}, ["Identities 2 and 3 were merged: a/2, a/3, b/2 are identity 2."], id="merged"
        ),
        pytest.param({"a/3": None}, ["Identity 3 was removed: a/3 left out."], id="removed"),
        pytest.param({"c/3": 4}, ["Identity 4 was added: c/3."], id="added"),
        pytest.param({"b/2": None}, ["Identity 2 changed: a/2 is identity 2."], id="lost-one"),
        pytest.param(
            {"a/2": 3, "b/2": 3, "a/3": 2}, ["2 other identities have new numbers."], id="only-numbers"
        ),
        pytest.param(
            {"c/1": 2, "b/2": 1},
            ["Identities 1 and 2 were regrouped: a/1, b/1, b/2 are identity 1; a/2, c/1 are identity 2."],
            id="regrouped",
        ),
    ],
)
def test_every_change_of_an_identity_is_a_sentence(
    after: dict[str, int | None], sentences: list[str]
) -> None:
    now = {name: number for name, number in {**BEFORE, **after}.items() if number is not None}
    assert describe_changes(BEFORE, now) == sentences


def test_runs_without_identities_have_no_changes() -> None:
    assert describe_changes({}, {}) == []

"""How certain links and identities are, as a number and as a word."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Word = Literal["sure", "likely", "doubtful"]

SURE, LIKELY = 0.10, 0.05
"""Minimum slack, in units of the score, of a link that is called sure, or likely."""
FULL = 0.20
"""Slack at which the certainty bar of the page is full."""


def link_slack(
    score: float | None, threshold: float | None, margin: float | None, *, by_user: bool, trusted: bool
) -> float:
    """Return the slack of an accepted link: how much its score could fall before the link would not be made.

    This is the distance to the threshold or to the runner-up, whichever is smaller, and at most `FULL`.

    Args:
        score: score of the link.
        threshold: minimum score of a link.
        margin: distance to the runner-up; None: there is none.
        by_user: whether the user decided; then the slack is full.
        trusted: whether the network may be trusted for this class; if not, the slack is 0.

    >>> round(link_slack(0.85, 0.70, 0.06, by_user=False, trusted=True), 3)
    0.06
    """
    if by_user:
        return FULL
    if score is None or threshold is None or not trusted:
        return 0.0
    return max(0.0, min(score - threshold, FULL if margin is None else margin, FULL))


def certainty_word(slack: float) -> Word:
    """Return how sure a link with this slack is, as a word.

    >>> [certainty_word(slack) for slack in (0.2, 0.1, 0.07, 0.01)]
    ['sure', 'sure', 'likely', 'doubtful']
    """
    if slack >= SURE:
        return "sure"
    return "likely" if slack >= LIKELY else "doubtful"


def weakest_slack(members: Iterable[int], links: Iterable[tuple[int, int, float]]) -> float:
    """Return the slack of the weakest link that holds an identity together.

    Links are added from the strongest to the weakest until all members are connected (the bottleneck of a maximum
    spanning tree). A weak link between tracklets that stronger links already connect does not count.

    Args:
        members: tracklets of one identity, at least two.
        links: accepted links between them as (a, b, slack).

    Returns:
        The slack; 0 if the links do not connect all members.

    >>> weakest_slack([1, 2, 3], [(1, 2, 0.20), (2, 3, 0.15), (1, 3, 0.01)])
    0.15
    """
    group = {member: member for member in members}
    for a, b, slack in sorted(links, key=lambda link: -link[2]):
        old, new = group[a], group[b]
        group = {member: new if label == old else label for member, label in group.items()}
        if len(set(group.values())) == 1:
            return slack
    return 0.0

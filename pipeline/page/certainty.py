"""How sure is a link, and how sure an identity, in a number and a word?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Word = Literal["sure", "likely", "doubtful"]

SURE, LIKELY = 0.10, 0.05
"""Room, in units of the score, from which a link is called sure, or likely."""
FULL = 0.20
"""Room that fills the bar."""


def room(
    score: float | None, threshold: float | None, margin: float | None, *, said: bool, trusted: bool
) -> float:
    """Tell how far a link that was made is from not having been made.

    That is how far its score is over the threshold, or how much better it is than with its runner-up, whichever is less.

    Args:
        score: what was decided on.
        threshold: what was needed.
        margin: what the runner-up in the partner's place would lose; None: there is none.
        said: whether the user decided; nothing is surer.
        trusted: whether the network may be trusted for this class; if not, no link of it has any room.

    >>> round(room(0.85, 0.70, 0.06, said=False, trusted=True), 3)
    0.06
    """
    if said:
        return FULL
    if score is None or threshold is None or not trusted:
        return 0.0
    return max(0.0, min(score - threshold, FULL if margin is None else margin, FULL))


def word(space: float) -> Word:
    """Say it in a word.

    >>> [word(space) for space in (0.2, 0.1, 0.07, 0.01)]
    ['sure', 'sure', 'likely', 'doubtful']
    """
    return "sure" if space >= SURE else "likely" if space >= LIKELY else "doubtful"


def weakest(members: Iterable[int], links: Iterable[tuple[int, int, float]]) -> float:
    """Find the room of the weakest link that an identity cannot do without.

    Links are taken from the strongest down until all members hang together: a weak link between two that
    stronger ones join anyway does not count (the bottleneck of a maximum spanning tree).

    Args:
        members: tracklets of one identity, at least two.
        links: pairs of them that were accepted, with their room.

    Returns:
        Its room; 0 where the links do not reach everybody.

    >>> weakest([1, 2, 3], [(1, 2, 0.20), (2, 3, 0.15), (1, 3, 0.01)])
    0.15
    """
    group = {member: member for member in members}
    for a, b, space in sorted(links, key=lambda link: -link[2]):
        old, new = group[a], group[b]
        group = {member: new if label == old else label for member, label in group.items()}
        if len(set(group.values())) == 1:
            return space
    return 0.0

"""What became of the identities when a run was matched again, in sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from pipeline.matching.groups import partition

Numbers = Mapping[str, int]
"""The identity of each tracklet that has one, by name."""


def changes(before: Numbers, after: Numbers) -> list[str]:
    """Say which identities split, merged, appeared, vanished, or changed otherwise.

    Identities are compared by their tracklets: a new number alone is no change, and said in one sentence.

    >>> changes({"a/1": 1, "b/1": 1, "a/2": 2}, {"a/1": 1, "b/1": 2, "a/2": 3})
    ['Identity 1 split: a/1 is identity 1; b/1 is identity 2.', '1 other has a new number.']
    """
    old, new = _members(before), _members(after)
    found, renumbered = [], 0
    for olds, news in _components(old, new, before, after):
        if [old[n] for n in olds] == [new[n] for n in news]:
            renumbered += olds != news
        else:
            found.append(_sentence(olds, news, old, new))
    if renumbered:
        found.append(f"{renumbered} other{' has a new number' if renumbered == 1 else 's have new numbers'}.")
    return found


def _members(numbers: Numbers) -> dict[int, list[str]]:
    members: dict[int, list[str]] = defaultdict(list)
    for name in sorted(numbers):
        members[numbers[name]].append(name)
    return members


def _components(
    old: Mapping[int, list[str]], new: Mapping[int, list[str]], before: Numbers, after: Numbers
) -> Iterator[tuple[list[int], list[int]]]:
    """Gather old and new identities that share tracklets, directly or through others; by the first number."""
    olds, news = sorted(old), sorted(new)
    place = {number: len(olds) + n for n, number in enumerate(news)}
    shared = [(olds.index(before[name]), place[after[name]]) for name in sorted(before.keys() & after.keys())]
    labels = partition(len(olds) + len(news), shared).tolist()
    groups: dict[int, tuple[list[int], list[int]]] = {}
    for label, number in zip(labels[: len(olds)], olds, strict=True):
        groups.setdefault(label, ([], []))[0].append(number)
    for label, number in zip(labels[len(olds) :], news, strict=True):
        groups.setdefault(label, ([], []))[1].append(number)
    yield from sorted(groups.values())


def _sentence(
    olds: Sequence[int], news: Sequence[int], old: Mapping[int, list[str]], new: Mapping[int, list[str]]
) -> str:
    """Say what became of identities that share tracklets."""
    shares = "; ".join(
        f"{', '.join(new[n])} {'is' if len(new[n]) == 1 else 'are'} identity {n}" for n in news
    )
    if not news:
        return f"{_identities(olds)} vanished: {', '.join(old[olds[0]])} left out."
    if not olds:
        return f"{_identities(news)} appeared: {', '.join(new[news[0]])}."
    if len(olds) == 1 == len(news):
        return f"{_identities(olds)} changed: {shares}."
    if len(olds) == 1:
        return f"{_identities(olds)} split: {shares}."
    if len(news) == 1:
        return f"{_identities(olds)} merged: {shares}."
    return f"{_identities(olds)} were shared out anew: {shares}."


def _identities(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"Identity {numbers[0]}"
    return f"Identities {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"

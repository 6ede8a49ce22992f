"""Changes of the identities between two matchings of a run, in sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from pipeline.matching.groups import partition

Numbers = Mapping[str, int]
"""Identity of each tracklet that has one, by the tracklet's name."""


def describe_changes(before: Numbers, after: Numbers) -> list[str]:
    """Return a sentence for each identity that was split, merged, added, removed or changed otherwise.

    Identities are compared by their tracklets. Identities with a new number only are counted in one sentence.

    >>> describe_changes({"a/1": 1, "b/1": 1, "a/2": 2}, {"a/1": 1, "b/1": 2, "a/2": 3})
    ['Identity 1 was split: a/1 is identity 1; b/1 is identity 2.', '1 other identity has a new number.']
    """
    old, new = _members(before), _members(after)
    sentences, renumbered = [], 0
    for olds, news in _components(old, new, before, after):
        if [old[number] for number in olds] == [new[number] for number in news]:
            renumbered += olds != news
        else:
            sentences.append(_sentence(olds, news, old, new))
    if renumbered:
        has = "identity has a new number" if renumbered == 1 else "identities have new numbers"
        sentences.append(f"{renumbered} other {has}.")
    return sentences


def _members(numbers: Numbers) -> dict[int, list[str]]:
    members: dict[int, list[str]] = defaultdict(list)
    for name in sorted(numbers):
        members[numbers[name]].append(name)
    return members


def _components(
    old: Mapping[int, list[str]], new: Mapping[int, list[str]], before: Numbers, after: Numbers
) -> Iterator[tuple[list[int], list[int]]]:
    """Yield groups of old and new identities that share tracklets, directly or through other identities, in order."""
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
    """Return the sentence on old and new identities that share tracklets."""
    members = "; ".join(
        f"{', '.join(new[number])} {'is' if len(new[number]) == 1 else 'are'} identity {number}"
        for number in news
    )
    if not news:
        return f"{_identities(olds)} was removed: {', '.join(old[olds[0]])} left out."
    if not olds:
        return f"{_identities(news)} was added: {', '.join(new[news[0]])}."
    if len(olds) == len(news) == 1:
        return f"{_identities(olds)} changed: {members}."
    if len(olds) == 1:
        return f"{_identities(olds)} was split: {members}."
    if len(news) == 1:
        return f"{_identities(olds)} were merged: {members}."
    return f"{_identities(olds)} were regrouped: {members}."


def _identities(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"Identity {numbers[0]}"
    return f"Identities {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"

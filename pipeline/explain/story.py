"""Why a run found what it found, told to a person, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from detectors.boxes import PERSON, class_group
from pipeline.errors import RunError
from pipeline.explain.account import Account, Pair, Seen


def explain_identity(account: Account, identity: int) -> Iterator[str]:
    """Tell who was put together as one identity, why, and who else was considered; line by line.

    Raises:
        RunError: the run has no such identity.
    """
    members = sorted(
        (one for one in account.seen.values() if one.identity == identity),
        key=lambda one: (one.start, one.end, one.name),
    )
    if not members:
        last = max((one.identity or 0 for one in account.seen.values()), default=0)
        there = f"they are numbered from 1 to {last}" if last else "it found nobody"
        raise RunError(f"{account.run}: has no identity {identity}; {there}")
    names = {one.name for one in members}
    cameras, kinds = sorted({one.camera for one in members}), sorted({one.kind for one in members})
    yield f"Identity {identity}: {_listed(map(_a, kinds))}, {_count(len(members), 'tracklet')} in {_listed(cameras)}"
    yield from _caution(account)
    yield ""
    yield from (f"  {one.start:8.1f} to {one.end:8.1f} s  {one.name}" for one in members)
    joined = [pair for pair in account.pairs if {pair.a, pair.b} <= names and pair.decision == "accepted"]
    if joined:
        yield from ("", "Why they are one")
        joined.sort(key=lambda pair: (not pair.runner_up, -_or_one(pair.score), pair.a, pair.b))
        yield from (f"  {pair.a} and {pair.b}, {_gap(pair)}: {_reason(account, pair)}" for pair in joined)
    yield from ("", "Who else was considered")
    for one in members:
        yield from _candidates(
            account, one, [pair for pair in account.considered(one.name) if pair not in joined]
        )
    yield from _how_to_read(account, members[0].kind)


def explain_pair(account: Account, a: str, b: str) -> Iterator[str]:
    """Tell why two tracklets are one identity or are not; line by line.

    Raises:
        RunError: one of them is no tracklet of the run.
    """
    one, other = account.about(a), account.about(b)
    yield from (f"{seen}: {_a(seen.kind)}, {seen.start:.1f} to {seen.end:.1f} s" for seen in (one, other))
    yield from _caution(account)
    yield from ("", _verdict(account, one, other))
    row = next((pair for pair in account.pairs if {pair.a, pair.b} == {a, b}), None)
    if row is not None:
        yield from _terms(row)
    if one.camera != other.camera:
        yield from ("", "Who else was considered in the other's camera")
        for seen, camera in ((one, other.camera), (other, one.camera)):
            pairs = [pair for pair in account.considered(seen.name) if pair != row]
            pairs = [pair for pair in pairs if account.about(pair.other(seen.name)).camera == camera]
            yield from _candidates(account, seen, pairs)
    yield from _how_to_read(account, one.kind)


def explain_tracklet(account: Account, name: str) -> Iterator[str]:
    """Tell whom a tracklet was found to be, or why nobody; line by line.

    Raises:
        RunError: it is no tracklet of the run.
    """
    one = account.about(name)
    if one.identity is not None:
        return explain_identity(account, one.identity)
    return iter([f"{one}: {_a(one.kind)}, {one.start:.1f} to {one.end:.1f} s", _no_part(account, one)])


def _verdict(account: Account, one: Seen, other: Seen) -> str:
    """Say in a sentence whether two tracklets are one identity, and why."""
    together = one.identity is not None and one.identity == other.identity
    verdict = "They are one identity" if together else "They are not one identity"
    row = next((pair for pair in account.considered(one.name) if pair.other(one.name) == other.name), None)
    if row is not None:
        return f"{verdict}: {_reason(account, row)}"
    return f"{verdict}: {_unlisted(account, one, other)}"


def _unlisted(account: Account, one: Seen, other: Seen) -> str:
    """Say why a pair is not among those considered."""
    if one.identity is None or other.identity is None:
        return "; ".join(_no_part(account, seen) for seen in (one, other) if seen.identity is None)
    if one.identity == other.identity:
        return f"each was joined with others of it (--identity {one.identity} tells with whom)"
    if class_group(one.kind) != class_group(other.kind):
        return f"{_a(one.kind)} is never {_a(other.kind)}"
    if one.camera == other.camera:
        together = max(one.start, other.start) <= min(one.end, other.end)
        alike = "in the same camera at the same time" if together else "not alike enough for one camera"
        return f"they were {alike}"
    return "each of them has better candidates in the other's camera"


def _no_part(account: Account, one: Seen) -> str:
    """Say why a tracklet has no identity."""
    why = {
        "rejected_short": f"it has {_count(one.boxes, 'box')}, and {account.min_boxes} are the fewest that count",
        "rejected_quality": f"it is too small (a median box under {account.min_area:g} square pixels) or has no "
        "usable picture",
        "ignored": "you said that it is to be ignored",
    }
    return f"{one.name} took no part, because {why.get(one.status, one.status)}"


def _terms(pair: Pair) -> Iterator[str]:
    """Say what each term of a pair's score said."""
    yield f"  in time: {_gap(pair, pair.b)}"
    if pair.appearance is not None:
        yield f"  their looks: {pair.appearance:.3f}"
        yield f"  place and time between: {'say nothing' if pair.time is None else f'{pair.time:+.3f}'}"
    if pair.score is not None and pair.threshold is not None:
        yield f"  decided on: {pair.score:.3f}, of {pair.threshold:.3f} needed"
    if pair.margin is not None:
        yield f"  runner-up: {pair.runner_up}, in whose place it is {pair.margin:.3f} better"


def _or_one(score: float | None) -> float:
    """Put first what was not scored: the user said it."""
    return 1.0 if score is None else score


def _candidates(account: Account, one: Seen, pairs: Sequence[Pair]) -> Iterator[str]:
    """List whom a tracklet was compared with, the best first."""
    yield f"  {one.name}:" if pairs else f"  {one.name}: nobody could be compared"
    for pair in sorted(pairs, key=lambda pair: (-_or_one(pair.appearance), pair.other(one.name))):
        other = account.about(pair.other(one.name))
        yield f"    {other}, {_gap(pair, other.name)}: {_reason(account, pair)}"


def _reason(account: Account, pair: Pair) -> str:
    """Give the reason as the run wrote it, and who the runner-up turned out to be."""
    if not pair.runner_up:
        return pair.reason
    return f"{pair.reason} (who is {account.about(pair.runner_up).who})"


def _gap(pair: Pair, whose: str | None = None) -> str:
    """Say when the second of a pair, or the one that is named, was seen after the other."""
    if pair.gap <= 0:
        return "seen at the same time"
    return f"{pair.gap:.1f} s {'earlier' if whose == pair.a else 'later'}"


def _caution(account: Account) -> Iterator[str]:
    """Say what makes the whole story doubtful."""
    if account.clocks:
        clocks = "clock is" if len(account.clocks) == 1 else "clocks are"
        yield f"The {clocks} unknown of {_listed(account.clocks)}: all times are as if no clock were wrong."


def _how_to_read(account: Account, kind: str) -> Iterator[str]:
    """Say what the words and numbers mean."""
    yardsticks = account.yardsticks
    own = yardsticks.get("everything") or yardsticks["people" if kind == PERSON else "vehicles"]
    yield from (
        "",
        "How to read this",
        "  A tracklet is what one camera saw of somebody from entry to exit. A cosine says how alike two of them",
        "  look: 1 is the same, 0 is nothing in common. Where more than two are joined, the mean over all pairs",
        "  counts. A link needs",
        f"  - between cameras {own.threshold},",
        f"  - within one camera {own.stitch_threshold},",
        "  - half-way between the two for who is left over in one camera and somebody whom others show, too,",
        f"  - and a lead over the runner-up in its place, all partners counted, of {own.margin}; else it is left open.",
        "  Of each tracklet, the two best candidates in each other camera are written down, and the best one that a",
        "  rule forbids.",
    )


def _listed(words: Iterable[str]) -> str:
    """Join words as people do.

    >>> _listed(["c1", "c2", "c3"])
    'c1, c2 and c3'
    """
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _a(kind: str) -> str:
    return f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind}"


def _count(number: int, what: str) -> str:
    plural = f"{what}es" if what.endswith("x") else f"{what}s"
    return f"{number} {what if number == 1 else plural}"

"""Explanations of a finished run, line by line: why tracklets are one identity, or are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from detectors.class_names import class_group
from pipeline.errors import RunError
from pipeline.matching.config import Chosen, ChosenBy
from pipeline.results.records import FinishedRun, MatchRecord, TrackletRecord

CHOSEN_BY: dict[ChosenBy, str] = {
    "default": "the default",
    "network": "measured for the network",
    "user": "your threshold",
    "calibration": "from your calibration file",
    "false match rate": "chosen for your false match rate",
}


def explain_identity(run: FinishedRun, identity: int) -> Iterator[str]:
    """Yield the lines that explain an identity: its tracklets, its links and the other candidates.

    Raises:
        RunError: the run has no such identity.
    """
    record = next((record for record in run.identities if record.number == identity), None)
    if record is None:
        last = max((record.number for record in run.identities), default=0)
        range_of = f"they are numbered from 1 to {last}" if last else "it found none"
        raise RunError(f"{run.folder}: has no identity {identity}; {range_of}")
    members = [run.tracklet(name) for name in record.tracklets]
    kinds = _listed(map(_with_article, sorted({tracklet.kind for tracklet in members})))
    yield f"Identity {identity}: {kinds}, {_count(len(members), 'tracklet')} in {_listed(record.cameras)}"
    yield from _clock_note(run)
    yield ""
    for tracklet in members:
        yield f"  {tracklet.start:8.1f} to {tracklet.end:8.1f} s  {tracklet.name}"
    links = [
        match
        for match in run.matches
        if match.decision == "accepted" and match.a in record.tracklets and match.b in record.tracklets
    ]
    if links:
        yield from ("", "Links between its tracklets")
        links.sort(key=lambda match: (match.runner_up is None, -_score_or_one(match.score), match.a, match.b))
        for match in links:
            yield f"  {match.a} and {match.b}, {_gap(match)}: {_reason(run, match)}"
    yield from ("", "Other candidates")
    for tracklet in members:
        candidates = [match for match in run.matches_of(tracklet.name) if match not in links]
        yield from _candidates(run, tracklet, candidates)
    yield from _how_to_read(run, record.kind)


def explain_pair(run: FinishedRun, a: str, b: str) -> Iterator[str]:
    """Yield the lines that explain why two tracklets are one identity, or are not.

    Raises:
        RunError: the run has no such tracklet.
    """
    first, second = run.tracklet(a), run.tracklet(b)
    for tracklet in (first, second):
        yield _title(tracklet)
    yield from _clock_note(run)
    match = next((match for match in run.matches_of(a) if match.other(a) == b), None)
    is_one = first.identity is not None and first.identity == second.identity
    verdict = "They are one identity" if is_one else "They are not one identity"
    yield from ("", f"{verdict}: {_reason(run, match) if match else _why_unlisted(run, first, second)}")
    if match is not None:
        yield from _terms(match)
    elif (appearance := _appearance(run, first, second)) is not None:
        yield f"  appearance: {appearance:.3f}"
    if first.camera != second.camera:
        yield from ("", "Other candidates in the other tracklet's camera")
        for tracklet, camera in ((first, second.camera), (second, first.camera)):
            candidates = [
                candidate
                for candidate in run.matches_of(tracklet.name)
                if candidate != match and run.tracklet(candidate.other(tracklet.name)).camera == camera
            ]
            yield from _candidates(run, tracklet, candidates)
    yield from _how_to_read(run, first.kind)


def explain_tracklet(run: FinishedRun, name: str) -> Iterator[str]:
    """Yield the lines that explain the identity of a tracklet, or why it has none.

    Raises:
        RunError: the run has no such tracklet.
    """
    tracklet = run.tracklet(name)
    if tracklet.identity is not None:
        return explain_identity(run, tracklet.identity)
    return iter([_title(tracklet), _why_unmatched(run, tracklet)])


def _title(tracklet: TrackletRecord) -> str:
    kind = _with_article(tracklet.kind)
    return f"{_named(tracklet)}: {kind}, {tracklet.start:.1f} to {tracklet.end:.1f} s"


def _named(tracklet: TrackletRecord) -> str:
    return f"{tracklet.name} ({_outcome(tracklet)})"


def _outcome(tracklet: TrackletRecord) -> str:
    if tracklet.identity is None:
        return tracklet.status.replace("_", " ")
    return f"identity {tracklet.identity}"


def _why_unlisted(run: FinishedRun, first: TrackletRecord, second: TrackletRecord) -> str:
    """Return why matches.csv does not list a pair."""
    if first.identity is None or second.identity is None:
        unmatched = [tracklet for tracklet in (first, second) if tracklet.identity is None]
        return "; ".join(_why_unmatched(run, tracklet) for tracklet in unmatched)
    if first.identity == second.identity:
        return f"both are linked with other tracklets of it (--identity {first.identity} lists the links)"
    if class_group(first.kind) != class_group(second.kind):
        return f"{_with_article(first.kind)} is never {_with_article(second.kind)}"
    if first.camera == second.camera:
        if max(first.start, second.start) <= min(first.end, second.end):
            return "they were in the same camera at the same time"
        return "their score is too low for two tracklets of one camera"
    return "each of them has better candidates in the other tracklet's camera"


def _appearance(run: FinishedRun, first: TrackletRecord, second: TrackletRecord) -> float | None:
    """Return the appearance score of a pair; None if no network embedded both."""
    from pipeline.matching.pairs.appearance import score_gallery  # slow to import

    for saved in run.galleries:
        keys = saved.gallery.keys
        if first.key in keys and second.key in keys:
            scores = score_gallery(saved.gallery, run.record.matching[saved.network.classes])
            return float(scores[keys.index(first.key), keys.index(second.key)])
    return None


def _why_unmatched(run: FinishedRun, tracklet: TrackletRecord) -> str:
    """Return why a tracklet has no identity."""
    settings = run.record.settings
    stride = settings.tracking.vid_stride
    fewest = -(-settings.embedding.min_boxes // stride)  # with a stride of n, a box counts as n frames
    reasons = {
        "rejected_short": f"it has {_count(tracklet.boxes, 'box')}, and at least {fewest} are needed",
        "rejected_quality": f"it is too small (its median box has less than {settings.embedding.min_area:g} square "
        "pixels) or has no usable picture",
        "ignored": "you marked it as ignored",
    }
    return f"{tracklet.name} was not matched, because {reasons.get(tracklet.status, tracklet.status)}"


def _terms(match: MatchRecord) -> Iterator[str]:
    """Yield the terms of a pair's score."""
    yield f"  time: {_gap(match, match.b)}"
    if match.appearance is not None:
        yield f"  appearance: {match.appearance:.3f}"
        yield f"  place and time: {'no evidence' if match.spacetime is None else f'{match.spacetime:+.3f}'}"
    if match.score is not None and match.threshold is not None:
        yield f"  score: {match.score:.3f}, threshold {match.threshold:.3f}"
    if match.margin is not None:
        yield f"  runner-up: {match.runner_up}, {match.margin:.3f} behind"


def _score_or_one(score: float | None) -> float:
    """Return a score for sorting; a link that the user decided has none and comes first."""
    return 1.0 if score is None else score


def _candidates(run: FinishedRun, tracklet: TrackletRecord, matches: Sequence[MatchRecord]) -> Iterator[str]:
    """Yield the candidates of a tracklet, the best first."""
    yield f"  {tracklet.name}:" if matches else f"  {tracklet.name}: no candidate"
    by_appearance = sorted(
        matches, key=lambda match: (-_score_or_one(match.appearance), match.other(tracklet.name))
    )
    for match in by_appearance:
        candidate = run.tracklet(match.other(tracklet.name))
        yield f"    {_named(candidate)}, {_gap(match, candidate.name)}: {_reason(run, match)}"


def _reason(run: FinishedRun, match: MatchRecord) -> str:
    """Return the reason of a decision, with the identity of the runner-up."""
    if match.runner_up is None:
        return match.reason
    return f"{match.reason} ({match.runner_up} is {_outcome(run.tracklet(match.runner_up))})"


def _gap(match: MatchRecord, name: str | None = None) -> str:
    """Return when the second tracklet of a pair, or the named one, was seen after the other."""
    if match.gap <= 0:
        return "seen at the same time"
    return f"{match.gap:.1f} s {'earlier' if name == match.a else 'later'}"


def _clock_note(run: FinishedRun) -> Iterator[str]:
    cameras = run.record.cameras
    unknown = [name for name, camera in cameras.items() if not camera.offset_known]
    if len(cameras) > 1 and unknown:
        yield f"No clock offset is given for {_listed(unknown)}; 0 s is assumed."


def _how_to_read(run: FinishedRun, kind: str) -> Iterator[str]:
    """Yield what the words and numbers mean."""
    config = run.record.matching_of(kind)
    yield from (
        "",
        "How to read this",
        "  A tracklet is one object, as one camera saw it from entry to exit. The score of two tracklets is the cosine",
        "  similarity of their embeddings, at most 1, plus the evidence of place and time. The score of two groups of",
        "  tracklets is the mean over their pairs. A link needs",
        f"  - a score of {_threshold(config.threshold)} between cameras,",
        f"  - a score of {_threshold(config.stitch_threshold)} within one camera,",
        f"  - a score of {config.halfway_threshold:.3f} if one group was seen by one camera and the other by several,",
        f"  - and a lead of {config.margin:.3f} over the runner-up; otherwise the link is ambiguous and not made.",
        "  For each tracklet, the list has the two best candidates of each other camera, and the best one that a rule",
        "  forbids.",
    )


def _threshold(threshold: Chosen) -> str:
    return f"{threshold.value:.3f} ({CHOSEN_BY[threshold.by]})"


def _listed(words: Iterable[str]) -> str:
    """Join words with commas and "and".

    >>> _listed(["c1", "c2", "c3"])
    'c1, c2 and c3'
    """
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _with_article(kind: str) -> str:
    return f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind}"


def _count(number: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith("x") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"

"""Passages: how often, and how fast, identities went from one camera to another; counted and drawn."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np

from pipeline.matching.outcome import Outcome

MOST = 30
"""Largest number of cameras that are drawn: those with the most passages."""
LEGIBLE = 24
"""Largest number of characters of a camera's name that are drawn."""

Passages = Mapping[tuple[str, str], Sequence[float]]
"""Seconds from the end of a visit to one camera to the start of the next visit, by the two cameras; negative: they
overlap."""


def find_passages(visits: Iterable[tuple[int, str, float, float]]) -> Passages:
    """Return the passages of each identity from visit to visit.

    Args:
        visits: identity, camera, first and last second of each tracklet.

    Returns:
        The gaps by the two cameras; both are the same camera if the identity came back to it.

    >>> dict(find_passages([(1, "gate", 0, 5), (1, "yard", 9, 12), (1, "yard", 20, 21), (2, "yard", 0, 3)]))
    {('gate', 'yard'): [4], ('yard', 'yard'): [8]}
    """
    passages = defaultdict(list)
    ordered = sorted(visits, key=lambda visit: (visit[0], visit[2], visit[3], visit[1]))
    for (identity, camera, _, end), (next_identity, next_camera, start, _) in pairwise(ordered):
        if identity == next_identity:
            passages[camera, next_camera].append(start - end)
    return dict(passages)


def passages_of(outcomes: Iterable[Outcome]) -> Passages:
    """Return the passages of the identities of a run."""
    return find_passages(
        (outcome.identity, outcome.tracklet.camera, *outcome.tracklet.span)
        for outcome in outcomes
        if outcome.identity is not None
    )


def draw_passages(passages: Passages, picture: Path) -> None:
    """Draw the number of passages between each two cameras, and their median time, as a PNG file.

    Args:
        passages: at least one passage.
        picture: file to write.

    Raises:
        ReidError: the picture cannot be written.
    """
    from reid.pictures.canvas import new_figure, save_figure  # importing matplotlib takes long

    cameras = {camera for route in passages for camera in route}
    busiest = sorted(cameras, key=lambda camera: (-_count(passages, camera), camera))
    shown = sorted(busiest[:MOST])
    counts = np.array([[len(passages.get((a, b), ())) for b in shown] for a in shown])  # (c, c)
    figure = new_figure(2.6 + 0.75 * len(shown), 2 + 0.6 * len(shown))
    axes = figure.add_subplot()
    axes.imshow(counts, cmap="Blues", vmin=0, aspect="auto")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            text = f"{count}\n{_duration(median(passages[shown[row], shown[column]]))}"
            colour = "white" if count > 0.65 * counts.max() else "black"
            axes.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
    names = [name if len(name) <= LEGIBLE else f"{name[: LEGIBLE - 1]}…" for name in shown]
    axes.set_xticks(range(len(shown)), names, rotation=30, ha="right", parse_math=False)
    axes.set_yticks(range(len(shown)), names, parse_math=False)
    axes.set(xlabel="to camera", ylabel="from camera")
    title = "Passages between cameras:\nnumber and median time"
    if len(cameras) > MOST:
        title += f"\n(the {MOST} busiest of {len(cameras)} cameras)"
    axes.set_title(title, fontsize=9)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a box is drawn for letters that the font lacks
        save_figure(figure, picture)


def _count(passages: Passages, camera: str) -> int:
    return sum(len(gaps) for route, gaps in passages.items() if camera in route)


def _duration(seconds: float) -> str:
    """Return a time as a short text.

    >>> _duration(4.25), _duration(-1), _duration(75), _duration(7300)
    ('4.2 s', 'at once', '75 s', '122 min')
    """
    if seconds <= 0:
        return "at once"
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} min"

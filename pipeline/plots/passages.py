"""Passages: from which camera to which people and vehicles went, counted and drawn."""

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
"""Cameras that are drawn: those with the most passages."""
LEGIBLE = 24
"""Characters of a camera's name that are drawn."""

Passages = Mapping[tuple[str, str], Sequence[float]]
"""Seconds from the end of a sighting in one camera to the beginning of the next in another; negative: they overlap."""


def passages(seen: Iterable[tuple[int, str, float, float]]) -> Passages:
    """Follow each identity from sighting to sighting.

    Args:
        seen: identity, camera, first and last second of each tracklet.

    Returns:
        The gaps by the cameras from and to; by one camera twice where somebody came back to it.

    >>> dict(passages([(1, "gate", 0, 5), (1, "yard", 9, 12), (1, "yard", 20, 21), (2, "yard", 0, 3)]))
    {('gate', 'yard'): [4], ('yard', 'yard'): [8]}
    """
    found = defaultdict(list)
    ordered = sorted(seen, key=lambda one: (one[0], one[2], one[3], one[1]))
    for (who, here, _, end), (next_who, there, start, _) in pairwise(ordered):
        if who == next_who:
            found[here, there].append(start - end)
    return dict(found)


def passages_of(outcomes: Iterable[Outcome]) -> Passages:
    """Follow the identities of a run."""
    named = ((one.identity, one.tracklet) for one in outcomes if one.identity is not None)
    return passages((identity, tracklet.camera, *tracklet.span) for identity, tracklet in named)


def draw_passages(found: Passages, picture: Path) -> None:
    """Draw how many went from each camera to each, and how long half of them took at most, as a PNG file.

    Args:
        found: of at least one passage.
        picture: where to draw.

    Raises:
        ReidError: the picture cannot be written.
    """
    from reid.pictures.canvas import new_figure, save_figure  # matplotlib takes longer than matching may

    every = sorted({camera for way in found for camera in way}, key=lambda name: (-_busy(found, name), name))
    shown = sorted(every[:MOST])
    counts = np.array([[len(found.get((a, b), ())) for b in shown] for a in shown])  # (c, c)
    figure = new_figure(2.6 + 0.75 * len(shown), 2 + 0.6 * len(shown))
    axes = figure.add_subplot()
    axes.imshow(counts, cmap="Blues", vmin=0, aspect="auto")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            said = f"{count}\n{_seconds(median(found[shown[row], shown[column]]))}"
            ink = "white" if count > 0.65 * counts.max() else "black"
            axes.text(column, row, said, ha="center", va="center", fontsize=8, color=ink)
    names = [name if len(name) <= LEGIBLE else f"{name[: LEGIBLE - 1]}…" for name in shown]
    axes.set_xticks(range(len(shown)), names, rotation=30, ha="right", parse_math=False)
    axes.set_yticks(range(len(shown)), names, parse_math=False)
    axes.set(xlabel="next seen in", ylabel="seen in")
    title = "passages, and the median time\nbetween the sightings"
    axes.set_title(
        title if len(every) <= MOST else f"{title}\n(the {MOST} busiest of {len(every)} cameras)", fontsize=9
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a box stands for letters that the font lacks
        save_figure(figure, picture)


def _busy(found: Passages, camera: str) -> int:
    return sum(len(gaps) for way, gaps in found.items() if camera in way)


def _seconds(gap: float) -> str:
    """Say a time shortly.

    >>> _seconds(4.25), _seconds(-1), _seconds(75), _seconds(7300)
    ('4.2 s', 'at once', '75 s', '122 min')
    """
    if gap <= 0:
        return "at once"
    if gap < 10:
        return f"{gap:.1f} s"
    return f"{gap:.0f} s" if gap < 600 else f"{gap / 60:.0f} min"

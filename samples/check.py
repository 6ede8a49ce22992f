"""How many identities of a run are right? `python -m samples.check RUN FOLDER [--picture FILE]`.

RUN is what `reid-pipeline match` wrote, FOLDER what `samples.world` filmed (truth.csv and NAME.mp4). A tracklet is
whoever it lies on (overlap of 0.5) in most of its frames. Counted are tracklets good enough to be matched: who is
in two cameras but too small or too briefly in one of them is named apart, as no network ever saw them.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from detectors.tracker import iou
from pipeline.errors import PipelineError, RunError
from pipeline.export.native import TRACKS
from pipeline.export.reading import cameras_of, rows, tracklet_rows

SAME = 0.5
"""Overlap from which a box shows whom the truth names."""
Tracklet = tuple[str, int]
"""Camera and track."""
Frame = tuple[str, int]
Boxes = dict[Frame, list[tuple[str, NDArray[np.float32]]]]
"""Of each frame: names and boxes x0, y0, x1, y1."""


@dataclass(frozen=True)
class Answer:
    """What a run says of a tracklet good enough to be matched, and what is true."""

    tracklet: Tracklet
    identity: str
    """The run's."""
    person: str | None
    """The truth's; None where it follows nobody for most of its time."""


@dataclass(frozen=True)
class Score:
    """A run against the truth; a link is two tracklets of different cameras that are one."""

    linked: int
    possible: int
    right: int
    people: Mapping[str, str]
    """`right`, `missed` or `wrong` for everybody whom tracklets of two cameras show."""

    @property
    def precision(self) -> float:
        """Share of the links made that are right; 1 where none was made."""
        return self.right / self.linked if self.linked else 1.0

    @property
    def recall(self) -> float:
        """Share of the possible links that were made; 1 where none was possible."""
        return self.right / self.possible if self.possible else 1.0


def score(answers: Iterable[Answer]) -> Score:
    """Count links and people.

    Somebody is right if all their tracklets are one identity that holds nobody else, wrong if it does hold somebody
    else, missed if their tracklets were left apart.

    >>> a, b = Answer(("east", 1), "7", "Ada"), Answer(("west", 4), "7", "Ada")
    >>> score([a, b, Answer(("west", 5), "8", "Bea")])
    Score(linked=1, possible=1, right=1, people={'Ada': 'right'})
    """
    pairs = [(a, b) for a, b in combinations(answers, 2) if a.tracklet[0] != b.tracklet[0]]
    linked = [(a, b) for a, b in pairs if a.identity == b.identity]
    possible = [(a, b) for a, b in pairs if a.person is not None and a.person == b.person]
    right = [(a, b) for a, b in linked if a.person is not None and a.person == b.person]
    verdicts = {str(a.person): "right" for a, _ in possible}
    verdicts |= {str(a.person): "missed" for a, b in possible if a.identity != b.identity}
    mixed = {one.person for a, b in linked if a.person != b.person for one in (a, b)}
    verdicts |= {person: "wrong" for person in verdicts if person in mixed}
    return Score(len(linked), len(possible), len(right), dict(sorted(verdicts.items())))


def read_truth(folder: Path, cameras: Iterable[str]) -> Boxes:
    """Read the visible boxes of some cameras.

    Raises:
        RunError: there is no truth, or not of these cameras.
    """
    path, boxes = folder / "truth.csv", defaultdict(list)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                name = f"{row['class']} {row['identity']}"
                sides = [row[f"bb_{side}"] for side in ("left", "top", "width", "height")]
                boxes[row["camera"], int(row["frame"])].append((name, corners(sides)))
    except OSError as error:
        raise RunError(f"{path} cannot be read ({error.strerror}); name the folder of the sample") from error
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{path} is no truth of samples.world ({error})") from error
    strangers = set(cameras) - {camera for camera, _ in boxes}
    if strangers:
        raise RunError(f"{path} knows no camera {', '.join(sorted(strangers))}; name the run of this sample")
    return boxes


def corners(sides: list[str]) -> NDArray[np.float32]:
    """Turn left, top, width, height into x0, y0, x1, y1."""
    left, top, width, height = map(float, sides)
    return np.array([left, top, left + width, top + height], np.float32)


def read_tracks(run: Path) -> dict[Tracklet, dict[int, NDArray[np.float32]]]:
    """Read the boxes of each tracklet by frame."""
    tracks: dict[Tracklet, dict[int, NDArray[np.float32]]] = defaultdict(dict)
    names = TRACKS.split(",")
    for values in rows(run, "tracks.csv", TRACKS):
        row = dict(zip(names, values, strict=True))
        sides = [row[f"bb_{side}"] for side in ("left", "top", "width", "height")]
        tracks[row["camera"], int(row["track"])][int(row["frame"])] = corners(sides)
    return tracks


def whose(camera: str, boxes: Mapping[int, NDArray[np.float32]], truth: Boxes) -> str | None:
    """Find whom a tracklet follows for more than half of its frames."""
    votes = Counter(
        name
        for frame, box in boxes.items()
        if (name := nearest(box, truth.get((camera, frame), []))) is not None
    )
    person, count = votes.most_common(1)[0] if votes else (None, 0)
    return person if 2 * count > len(boxes) else None


def nearest(box: NDArray[np.float32], there: list[tuple[str, NDArray[np.float32]]]) -> str | None:
    """Find whose true box lies most on this one, if it is the same."""
    if not there:
        return None
    shared = iou(box[None], np.stack([other for _, other in there]))[0]  # (g,)
    return there[int(shared.argmax())][0] if shared.max() >= SAME else None


def read_answers(run: Path, truth: Boxes) -> list[Answer]:
    """Read what a run says of each tracklet that it matched."""
    tracks = read_tracks(run)
    keys = [
        ((row["camera"], int(row["track"])), row["identity"]) for row in tracklet_rows(run) if row["identity"]
    ]
    return [Answer(key, identity, whose(key[0], tracks[key], truth)) for key, identity in keys]


def present(truth: Boxes, cameras: Iterable[str]) -> set[str]:
    """Find everybody in at least two of some cameras' pictures."""
    seen = {(name, camera) for (camera, _), there in truth.items() for name, _ in there}
    views = Counter(name for name, camera in seen if camera in set(cameras))
    return {name for name, count in views.items() if count > 1}


@click.command()
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw two cameras side by side."
)
def main(run: Path, folder: Path, picture: Path | None) -> None:
    """Hold the identities of RUN against the truth in FOLDER."""
    try:
        cameras = cameras_of(run)
        truth = read_truth(folder, cameras)
        answers = read_answers(run, truth)
        if picture is not None:
            from samples.pictures import draw_moment

            draw_moment(run, folder, picture)
    except PipelineError as error:
        raise click.ClickException(str(error)) from error
    show(score(answers), present(truth, cameras), cameras)


def show(result: Score, there: set[str], cameras: list[str]) -> None:
    """Print the figures."""
    counts = Counter(result.people.values())
    click.echo(
        f"identities right: {counts['right']} of {len(result.people)} people followed in two of "
        f"{', '.join(cameras)}; wrong {counts['wrong']}, missed {counts['missed']}"
    )
    for person, verdict in result.people.items():
        if verdict != "right":
            click.echo(f"  {person}: {verdict}")
    click.echo(
        f"link precision {result.precision:.3f} ({result.right} of {result.linked}), "
        f"recall {result.recall:.3f} ({result.right} of {result.possible})"
    )
    unseen = sorted(there - result.people.keys())
    if unseen:
        click.echo(f"in two pictures, but not followed well enough to be matched: {', '.join(unseen)}")


if __name__ == "__main__":
    main()

"""A finished run's account of itself: tracklets, considered pairs and what a link needed, read from its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import RunError
from pipeline.results.reading import match_rows, run_record, tracklet_rows

CHOSEN = {
    "network": "as the network's makers measured it",
    "for this run": "as this run was told",
    "default": "the default",
    "by labels": "measured by labels",
    "by the false-match rate": "chosen for the false-match rate asked for",
}


@dataclass(frozen=True)
class Seen:
    """A row of tracklets.csv."""

    name: str
    """As in "gate/17"."""
    camera: str
    kind: str
    start: float
    end: float
    """First and last sighting, in seconds."""
    boxes: int
    identity: int | None
    status: str

    @property
    def who(self) -> str:
        """Say whom it was found to be, or why nobody."""
        return self.status.replace("_", " ") if self.identity is None else f"identity {self.identity}"

    def __str__(self) -> str:
        return f"{self.name} ({self.who})"


@dataclass(frozen=True)
class Pair:
    """A row of matches.csv."""

    a: str
    b: str
    gap: float
    """Seconds from the end of the one to the start of the other; negative: seen at one time."""
    appearance: float | None
    """What each term says; None: nothing."""
    time: float | None
    score: float | None
    """What was decided on."""
    threshold: float | None
    runner_up: str
    margin: float | None
    decision: str
    reason: str

    def other(self, name: str) -> str:
        """Name the other side."""
        return self.b if name == self.a else self.a


@dataclass(frozen=True)
class Yardstick:
    """What a link needed; each number with who chose it."""

    threshold: str
    stitch_threshold: str
    margin: str


@dataclass(frozen=True)
class Account:
    """What a finished run wrote down."""

    run: Path
    clocks: tuple[str, ...]
    """Cameras whose clock is unknown, where that matters."""
    min_boxes: int
    min_area: float
    yardsticks: dict[str, Yardstick]
    """By the classes that a network embeds: everything, or people and vehicles."""
    seen: dict[str, Seen]
    """By name, in the order of the file: by camera and track."""
    pairs: tuple[Pair, ...]

    def about(self, name: str) -> Seen:
        """Look up a tracklet.

        Raises:
            RunError: there is none of this name.
        """
        if name not in self.seen:
            raise RunError(f"{self.run}: has no tracklet {name}; tracklets.csv lists them, as camera/track")
        return self.seen[name]

    def considered(self, name: str) -> list[Pair]:
        """List the pairs that one tracklet is of."""
        return [pair for pair in self.pairs if name in (pair.a, pair.b)]


def read_account(run: Path) -> Account:
    """Read a finished run's tracklets, considered pairs and record.

    Raises:
        RunError: a file is missing or damaged.
    """
    record: dict[str, Any] = run_record(run)
    try:
        cameras, embedding = record["cameras"], record["settings"]["embedding"]
        stride = record["settings"]["tracking"]["vid_stride"]
        unknown = [name for name, camera in cameras.items() if not camera["offset_known"]]
        seen = [_seen(row) for row in tracklet_rows(run)]
        return Account(
            run,
            clocks=tuple(unknown) if len(cameras) > 1 else (),
            min_boxes=-(-embedding["min_boxes"] // stride),  # a box at a stride of n counts n times
            min_area=embedding["min_area"],
            yardsticks={name: _yardstick(own) for name, own in record["matching"].items()},
            seen={one.name: one for one in seen},
            pairs=tuple(_pair(row) for row in match_rows(run)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(
            f"{run}: run.json, tracklets.csv or matches.csv is damaged or of another version ({error!r}); "
            f"give the command of its match again"
        ) from error


def _yardstick(settings: dict[str, Any]) -> Yardstick:
    """Spell out thresholds and who chose them."""
    names = ("threshold", "stitch_threshold", "margin")
    values = [settings[name] for name in names]
    return Yardstick(*(f"{one['value']:.3f} ({CHOSEN.get(one['chosen'], one['chosen'])})" for one in values))


def _seen(row: dict[str, str]) -> Seen:
    return Seen(
        f"{row['camera']}/{row['track']}",
        row["camera"],
        row["class"],
        float(row["start_time_s"]),
        float(row["end_time_s"]),
        int(row["boxes"]),
        int(row["identity"]) if row["identity"] else None,
        row["status"],
    )


def _pair(row: dict[str, str]) -> Pair:
    return Pair(
        f"{row['camera_a']}/{row['track_a']}",
        f"{row['camera_b']}/{row['track_b']}",
        float(row["gap_s"]),
        _number(row["appearance"]),
        _number(row["spacetime"]),
        _number(row["score"]),
        _number(row["threshold"]),
        row["runner_up"],
        _number(row["margin"]),
        row["decision"],
        row["reason"],
    )


def _number(field: str) -> float | None:
    return float(field) if field else None

"""One camera's recording: its files, found by a path, a folder or a pattern, and how its clock is read."""

from __future__ import annotations

import difflib
import glob
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec

from pipeline.footage.placing import date_in

# fmt: off
VIDEOS = (
    ".3gp", ".264", ".265", ".asf", ".avi", ".dav", ".flv", ".h264", ".h265", ".hevc", ".m2ts", ".m4v", ".mjpeg", ".mjpg",
    ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".ts", ".vob", ".webm", ".wmv",
)
# fmt: on
"""Suffixes by which the videos of a folder are recognised."""
PICTURES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
"""Suffixes by which the pictures of a folder are recognised."""
Rate = Annotated[float, msgspec.Meta(gt=0, le=1000)]
ClockRate = Annotated[float, msgspec.Meta(ge=0.5, le=2)]


@dataclass(frozen=True)
class Timing:
    """How the times of a recording are read."""

    fps: Rate | None = None
    """Pictures a second of a folder of pictures; None: as its seqinfo.ini says."""
    rate: ClockRate = 1.0
    """Seconds of the shared timeline in a second of the recording's clock."""
    from_first_frame: bool = False
    """True: times count from the first frame, not from the zero of the recording's clock."""


@dataclass(frozen=True)
class Recording:
    """What one camera recorded: video files, one after the other, or a folder of numbered pictures."""

    files: tuple[Path, ...]
    """At least one; a folder of pictures counts as one."""
    timing: Timing = field(default_factory=Timing)

    def __str__(self) -> str:
        more = len(self.files) - 1
        return f"{self.files[0]}{f' and {more} more' if more else ''}"

    @property
    def missing(self) -> tuple[Path, ...]:
        """The files that do not exist, and folders without videos or pictures."""
        return tuple(
            path for path in self.files if not (any(list_pictures(path)) if path.is_dir() else path.exists())
        )


def find_recording(path: str | Path, timing: Timing = Timing()) -> Recording:
    """Return the recording that a path names.

    Args:
        path: a video file; a folder of videos or of numbered pictures; or a pattern of files with *, ? or [] (** stands
            for any folders). Several videos are pieces of one recording. They are ordered by the dates in their names if
            all have one, otherwise by the names. A path that names nothing is kept as it is, and is then `missing`.
        timing: how its times are read.
    """
    place = Path(path)
    if place.is_dir():
        videos = [file for file in place.iterdir() if is_shown(file) and file.suffix.lower() in VIDEOS]
    elif not place.exists() and glob.has_magic(str(path)):
        found = glob.iglob(str(path), recursive=True)  # noqa: PTH207 - a pattern may be absolute
        videos = [file for file in map(Path, found) if file.is_file()]
    else:
        videos = []
    dates = {path: date_in(path.name) for path in videos}
    if None in dates.values():
        dates = dict.fromkeys(videos, 0.0)
    videos.sort(key=lambda path: (dates[path], natural_order(path)))
    return Recording(tuple(videos) or (place,), timing)


def is_shown(path: Path) -> bool:
    """Return whether a file was put there by the user: hidden files, and those of macOS, are passed over."""
    return not path.name.startswith(".") and "__MACOSX" not in path.parts


def natural_order(path: Path) -> tuple[object, ...]:
    """Return a key that sorts paths by name, and numbers in names by value.

    >>> [path.name for path in sorted([Path("gate10.mp4"), Path("gate9.mp4")], key=natural_order)]
    ['gate9.mp4', 'gate10.mp4']
    """
    words = re.split(r"(\d+)", str(path))
    return (
        *((word.lower(), 0) if place % 2 == 0 else ("", int(word)) for place, word in enumerate(words)),
        path.name,
    )


def list_pictures(folder: Path) -> list[Path]:
    """Return the pictures of a folder in the order of their names."""
    pictures = [path for path in folder.iterdir() if is_shown(path) and path.suffix.lower() in PICTURES]
    return sorted(pictures, key=natural_order)


def describe_missing(paths: Sequence[Path]) -> str:
    """Return a sentence that names paths at which nothing was found, each with the most similar name there is."""
    return "; ".join(map(_describe, paths))


def _describe(path: Path) -> str:
    if path.is_dir():
        return f"{path} holds no video and no picture itself; for those in its folders, write '{path / '**/*.mp4'}'"
    if path.exists():
        return f"{path} is not a regular file; write its content to a file first"
    if glob.has_magic(str(path)):
        return f"no file matches {path}"
    folder = path.parent
    while not folder.is_dir():
        path, folder = folder, folder.parent
    similar = difflib.get_close_matches(path.name, [file.name for file in folder.iterdir()], n=1, cutoff=0.5)
    return f"{path} does not exist" + (f" (is it {folder / similar[0]}?)" if similar else "")

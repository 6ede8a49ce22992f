"""Detector weights: find them on this machine, or download them once and check their SHA-256."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from threading import Thread
from types import MappingProxyType
from typing import Literal
from urllib.request import urlopen

from detectors.errors import WeightsError

DEFAULT = "yolo11n.pt"
SHIPPED = Path(__file__).parent / "shipped" / "plaza-yolo11n.pt"
"""Weights that come with the program, used if the default is not available."""
TIMEOUT = 5.0
"""Seconds without a byte after which a download fails."""
LIMITS = "the detector that comes with this program was trained on synthetic footage only and misses more"
CHUNK = 1 << 16
"""Bytes read at a time."""

Progress = Callable[[int, int | None], None]
"""Called with the bytes downloaded so far and, if known, the bytes in all."""


@dataclass(frozen=True)
class Release:
    """One published file."""

    url: str
    sha256: str


RELEASES: Mapping[str, Release] = MappingProxyType(
    {
        DEFAULT: Release(
            "https://github.com/ultralytics/assets/releases/download/v8.3.0/yolo11n.pt",
            "0ebbc80d4a7680d14987a577cd21342b65ecfd94632bd9a8da63ae6417644ee1",
        )
    }
)
"""Files that may be downloaded; several independent projects publish the same hash for each."""


@dataclass(frozen=True)
class DetectorWeights:
    """The weights a run detects with."""

    path: Path
    """A file, or a folder for formats that are folders."""
    source: Literal["given", "default", "shipped"]
    """Given by the operator, the default, or those that come with the program."""
    note: str = ""
    """One sentence for the operator if the weights have limits."""


def find_weights(
    given: str | Path | None,
    *,
    releases: Mapping[str, Release] = RELEASES,
    shipped: Path = SHIPPED,
    progress: Progress | None = None,
) -> DetectorWeights:
    """Return the given weights, else the default, else those that come with the program.

    Args:
        given: a path, a bare name such as "yolo11n.pt", "shipped" for those that come with the program, or None.
        releases: the files that may be downloaded, by name.
        shipped: the weights that come with the program; they may be missing.
        progress: called while a file is downloaded.

    Raises:
        WeightsError: the weights are missing and cannot be downloaded; the message says what to do.
    """
    if given == "shipped":
        if not shipped.is_file():
            raise WeightsError(f"no detector came with this program (there is no {shipped}); give a file")
        return DetectorWeights(shipped, "shipped", LIMITS)
    try:
        path = _find(Path(given or DEFAULT), releases, progress)
    except WeightsError as error:
        if given is not None or not shipped.is_file():
            raise
        return DetectorWeights(shipped, "shipped", f"{LIMITS}; it is used because {error}")
    return DetectorWeights(path, "default" if given is None else "given")


def _find(path: Path, releases: Mapping[str, Release], progress: Progress | None) -> Path:
    """Return a path if it exists, else a file of this name in the cache, downloaded if it is missing."""
    if path.exists():
        return path
    if path.name != str(path):
        raise WeightsError(f"no detector weights at {path}; check the path")
    cached = download_folder() / path.name
    if cached.exists():
        return cached
    if path.name not in releases:
        names = ", ".join(sorted(releases))
        raise WeightsError(
            f"no detector weights {path} here or at {cached}, and only {names} can be downloaded"
        )
    release = releases[path.name]
    try:
        _download(release, cached, progress)
    except (OSError, HTTPException, ValueError) as error:
        # pooch raises ValueError for a wrong hash, with a message of four lines
        reason = "its SHA-256 is wrong: cut off or changed" if isinstance(error, ValueError) else error
        raise WeightsError(
            f"the detector weights {path} are not here, and {release.url} could not be downloaded"
            f" ({reason}); give --detector-weights FILE, or put {path} at {cached}, or give --detections FILE"
        ) from error
    return cached


def download_folder() -> Path:
    """Return torch hub's folder of downloaded checkpoints, without importing torch."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(os.environ.get("TORCH_HOME") or f"{cache}/torch").expanduser() / "hub" / "checkpoints"


def _download(release: Release, target: Path, progress: Progress | None) -> None:
    """Download a file; only a file with the right SHA-256 gets the target's name."""
    import pooch

    pooch.get_logger().setLevel("WARNING")  # by default it announces each download on stderr
    pooch.retrieve(
        release.url,
        known_hash=f"sha256:{release.sha256}",
        fname=target.name,
        path=target.parent,
        downloader=partial(_fetch, progress=progress),
    )


def _fetch(url: str, file: str, _: object, *, progress: Progress | None) -> None:
    """Write the content of `url` to `file`; pooch's interface of a downloader.

    A thread opens the connection, because looking up a host name has no timeout and can take minutes.
    """
    opened: Future[HTTPResponse] = Future()

    def connect() -> None:
        try:
            opened.set_result(urlopen(url, timeout=TIMEOUT))
        except Exception as error:
            opened.set_exception(error)

    Thread(target=connect, daemon=True).start()
    try:
        response = opened.result(2 * TIMEOUT)  # a release's address redirects to a second host
    except FutureTimeoutError as error:
        raise TimeoutError(f"no answer within {2 * TIMEOUT:g} s") from error
    with response, Path(file).open("wb") as target:
        size = response.headers.get("Content-Length")
        while chunk := response.read(CHUNK):
            target.write(chunk)
            if progress is not None:
                progress(target.tell(), int(size) if size else None)

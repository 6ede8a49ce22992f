"""Where are the detector's weights? On this machine, or downloaded once and checked."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from types import MappingProxyType
from typing import IO, Literal
from urllib.request import urlopen

from detectors.errors import WeightsError

DEFAULT = "yolo11n.pt"
SHIPPED = Path(__file__).parent / "shipped" / "plaza-yolo11n.pt"
"""Weights that come with the program, for where the default cannot be had."""
TIMEOUT = 5.0
"""Seconds without a byte after which a download is given up."""
LIMITS = "the detector that came with this program, which has seen synthetic footage alone and misses more"
PIECE = 1 << 16
"""Bytes read at a time."""


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
"""What may be downloaded: only files whose hash several independent projects publish alike."""


@dataclass(frozen=True)
class DetectorWeights:
    """The weights a run detects with."""

    path: Path
    """A file, or a folder where the weights are one."""
    source: Literal["given", "default", "shipped"]
    """Named by the operator, what is taken where nobody names any, or come with the program."""
    note: str = ""
    """One sentence for the operator, where these are not what one would wish for."""


def find_weights(
    given: str | Path | None, *, releases: Mapping[str, Release] = RELEASES, shipped: Path = SHIPPED
) -> DetectorWeights:
    """Find weights: the default where it can be had, else those that come with the program; or those named.

    Args:
        given: a path, a bare name such as "yolo11n.pt", "shipped" for those that come with the program, or None.
        releases: what may be downloaded, by name.
        shipped: weights that come with the program, if there.

    Raises:
        WeightsError: there are none; the message says what to do.
    """
    if given == "shipped":
        if not shipped.is_file():
            raise WeightsError(f"no detector came with this program (there is no {shipped}); give a file")
        return DetectorWeights(shipped, "shipped", f"people and vehicles are found by {LIMITS}")
    path = Path(given or DEFAULT)
    try:
        found = _find(path, releases)
    except WeightsError as error:
        if given is not None or not shipped.is_file():
            raise
        note = f"people and vehicles are found by {LIMITS}, because {error}"
        return DetectorWeights(shipped, "shipped", note)
    return DetectorWeights(found, "default" if given is None else "given")


def _find(path: Path, releases: Mapping[str, Release]) -> Path:
    """Look for weights as a path, then by name in torch's cache, then download them into that cache."""
    if path.exists():
        return path
    if path.name != str(path):
        raise WeightsError(f"no detector weights at {path}; check the path")
    cached = checkpoints() / path.name
    if cached.exists():
        return cached
    if path.name not in releases:
        known = ", ".join(sorted(releases))
        raise WeightsError(
            f"no detector weights {path} here or at {cached}, and only {known} can be downloaded"
        )
    try:
        _download(releases[path.name], cached)
    except (OSError, HTTPException, ValueError) as error:
        raise WeightsError(
            f"the detector weights {path} are not here, and {releases[path.name].url} could not be downloaded"
            f" ({error}); give --detector-weights FILE, or put {path} at {cached}, or give --detections FILE"
        ) from error
    return cached


def checkpoints() -> Path:
    """Name the folder where torch keeps downloaded weights; torch itself is not needed to know."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("TORCH_HOME") or cache / "torch") / "hub" / "checkpoints"


def _download(release: Release, target: Path) -> None:
    """Download under a temporary name; only the right bytes ever get the target's name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        urlopen(release.url, timeout=TIMEOUT) as response,
        tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}-", delete=False) as file,
    ):
        part = Path(file.name)
        try:
            found = _copy(response, file, target.name)
            if found != release.sha256:
                raise ValueError(
                    f"its SHA-256 is {found[:12]}…, not {release.sha256[:12]}…: cut off or changed"
                )
            file.close()
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


def _copy(response: HTTPResponse, file: IO[bytes], name: str) -> str:
    """Copy a response into a file, with a progress bar on a terminal; give its SHA-256."""
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress

    size = response.headers.get("Content-Length")
    digest = hashlib.sha256()
    with Progress(
        *Progress.get_default_columns(),
        DownloadColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    ) as progress:
        task = progress.add_task(name, total=int(size) if size else None)
        while piece := response.read(PIECE):
            digest.update(piece)
            file.write(piece)
            progress.advance(task, len(piece))
    return digest.hexdigest()

"""Detector weights: find them on this machine, or download them once and check their SHA-256."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from detectors.errors import WeightsError

DEFAULT = "yolo11n.pt"
SHIPPED = Path(__file__).parent / "shipped" / "plaza-yolo11n.pt"
"""Weights that come with the program, used if the default is not available."""
LIMITS = "the detector that comes with this program was trained on synthetic footage only and misses more"

Download = Callable[[str, Path, str], object]
"""Downloads an address to a path, and raises OSError, HTTPException or ValueError if the SHA-256 does not come out."""


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
    cache: Path,
    download: Download,
    releases: Mapping[str, Release] = RELEASES,
    shipped: Path = SHIPPED,
) -> DetectorWeights:
    """Return the given weights, else the default, else those that come with the program.

    Args:
        given: a path, a bare name such as "yolo11n.pt", "shipped" for those that come with the program, or None.
        cache: folder of downloaded weights.
        download: downloads a file.
        releases: the files that may be downloaded, by name.
        shipped: the weights that come with the program; they may be missing.

    Raises:
        WeightsError: the weights are missing and cannot be downloaded; the message says what to do.
    """
    if given == "shipped":
        if not shipped.is_file():
            raise WeightsError(f"no detector came with this program (there is no {shipped}); give a file")
        return DetectorWeights(shipped, "shipped", LIMITS)
    try:
        path = _find(Path(given or DEFAULT), cache, download, releases)
    except WeightsError as error:
        if given is not None or not shipped.is_file():
            raise
        return DetectorWeights(shipped, "shipped", f"{LIMITS}; it is used because {error}")
    return DetectorWeights(path, "default" if given is None else "given")


def _find(path: Path, cache: Path, download: Download, releases: Mapping[str, Release]) -> Path:
    """Return a path if it exists, else a file of this name in the cache, downloaded if it is missing."""
    if path.exists():
        return path
    if path.name != str(path):
        raise WeightsError(f"no detector weights at {path}; check the path")
    cached = cache / path.name
    if cached.exists():
        return cached
    if path.name not in releases:
        names = ", ".join(sorted(releases))
        raise WeightsError(
            f"no detector weights {path} here or at {cached}, and only {names} can be downloaded"
        )
    release = releases[path.name]
    try:
        download(release.url, cached, release.sha256)
    except (OSError, HTTPException, ValueError) as error:
        raise WeightsError(
            f"the detector weights {path} are not here, and {release.url} could not be downloaded"
            f" ({error}); give --detector-weights FILE, or put {path} at {cached}, or give --detections FILE"
        ) from error
    return cached

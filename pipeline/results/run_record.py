"""The record of a run, `run.json`: what was run on what, with which settings, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from pipeline.config import RunConfig
from pipeline.embedding.networks import Classes
from pipeline.errors import PipelineError, RunError
from pipeline.folder.store import read_json, write_json_file
from pipeline.folder.toml_files import path_of
from pipeline.footage.cameras import Camera, CameraSet, Polygon, Transition
from pipeline.footage.recording import Timing
from pipeline.matching.config import MatchingConfig
from pipeline.matching.thresholds.calibration import Calibration
from pipeline.tracking.camera_job import CameraReport
from pipeline.tracking.config import TrackingConfig
from reid.files import sha256

NAME = "run.json"
TABLES = ("tracks.csv", "tracklets.csv", "matches.csv")
GALLERY = "gallery.parquet"


@dataclass(frozen=True)
class CameraSettings:
    """What the boxes and tracks of one camera depend on."""

    footage: str | None
    """Fingerprint of the recording; None if it could not be read."""
    detections: str | None
    """Fingerprint of the precomputed detections; None without any."""
    ignore: tuple[Polygon, ...]
    """Ignored polygons, in pixels."""
    offset: float | None
    """Clock offset in seconds, if start or end cut the recording; else None."""
    timing: Timing = field(default_factory=Timing)
    """How the times of the recording are read."""
    detections_fps: float | None = None
    """Frames a second of the detections; None: those of the footage."""
    detections_size: tuple[int, int] | None = None
    """Width and height of the frames that the detections were made for; None: those of the footage."""


@dataclass(frozen=True)
class EmbeddingSettings:
    """What the embeddings depend on, beside the tracks."""

    networks: str
    """Keys of the networks and their classes."""
    clips: int
    """Maximum number of clips of a tracklet."""
    clip_length: int
    min_boxes: int
    min_area: float
    seed: int


@dataclass(frozen=True)
class Settings:
    """Everything that the stored boxes, tracks and embeddings depend on; matching options are not part of it."""

    meaning: int
    """Version of the stored boxes, tracks, crops and embeddings."""
    cameras: dict[str, CameraSettings]
    tracking: TrackingConfig
    """`weights` holds the SHA-256 of the detector's weights; None without a detector."""
    embedding: EmbeddingSettings


@dataclass(frozen=True)
class RunInputs:
    """The cameras and the configuration of a run, with absolute paths: enough to repeat its matching."""

    cameras: tuple[Camera, ...]
    transitions: tuple[Transition, ...]
    config: RunConfig

    @property
    def camera_set(self) -> CameraSet:
        """The cameras and what is known between them."""
        return CameraSet(self.cameras, self.transitions)


@dataclass(frozen=True)
class DetectorRecord:
    """The detector's weights."""

    source: str
    file: str
    sha256: str


@dataclass(frozen=True)
class NetworkRecord:
    """The weights of a ReID network."""

    source: str
    file: str | None
    sha256: str | None
    variant: str


@dataclass(frozen=True)
class WeightsRecord:
    """The weights that a run used."""

    detector: DetectorRecord | None
    """None if all boxes were precomputed."""
    network: dict[Classes, NetworkRecord]


@dataclass(frozen=True)
class CalibrationRecord:
    """Which errors the thresholds are expected to make, and what else a run learnt from its tracklets."""

    estimate: Calibration | None
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class CorrectionsRecord:
    """The corrections file that a run used, and its number of rows by verdict."""

    file: str
    sha256: str
    same: int
    different: int
    ignore: int


@dataclass(frozen=True)
class CameraRecord:
    """What became of one camera."""

    files: tuple[str, ...]
    detections: str | None
    offset_s: float
    offset_known: bool
    failed: str | None
    """Why the camera was left out; None if it was read."""
    report: CameraReport | None
    """What was read of the recording; None if the camera failed."""


@dataclass(frozen=True)
class RunRecord:
    """The content of `run.json`."""

    state: Literal["running", "done", "failed"]
    """`failed`: at least one camera could not be read."""
    command: str
    started: str
    """Time in ISO 8601, UTC."""
    versions: dict[str, str]
    weights: WeightsRecord
    links_trusted: dict[Classes, bool]
    seed: int
    device: str
    settings: Settings
    given: RunInputs
    matching: dict[Classes, MatchingConfig]
    """The configuration with which the tracklets of each network were matched."""
    calibration: dict[Classes, CalibrationRecord] = field(default_factory=dict)
    corrections: CorrectionsRecord | None = None
    finished: str | None = None
    warnings: tuple[str, ...] = ()
    cameras: dict[str, CameraRecord] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall time by stage."""
    checksums: dict[str, str] = field(default_factory=dict)
    """SHA-256 of each of `TABLES` and of `GALLERY`."""

    def matching_of(self, kind: str) -> MatchingConfig:
        """Return the configuration with which tracklets of a class were matched."""
        return self.matching[classes_of(kind, self.matching)]

    def trusts(self, kind: str | None) -> bool:
        """Return whether the links of a class may be trusted; a class that no network embeds is trusted."""
        return self.links_trusted.get(classes_of(kind, self.links_trusted), True)


def classes_of(kind: str | None, networks: Mapping[Classes, object]) -> Classes:
    """Return under which of its networks' classes a run keeps a class of object.

    >>> classes_of("car", {"people": 1, "vehicles": 2}), classes_of("car", {"everything": 1})
    ('vehicles', 'everything')
    """
    if "everything" in networks:
        return "everything"
    return "people" if kind == "person" else "vehicles"


def write_record(run: Path, record: RunRecord) -> None:
    """Write `run.json`, atomically; raise `RunError` if it cannot be written."""
    write_json_file(run / NAME, as_json(record))


def as_json(value: object) -> Any:
    """Return a record, or a part of one, as JSON knows it."""
    return msgspec.to_builtins(value, enc_hook=_encode)


def read_record(run: Path) -> RunRecord:
    """Read the `run.json` of a finished run.

    Raises:
        RunError: it is missing, damaged, of another version, or the run is not finished.
    """
    path = run / NAME
    if not path.is_file():
        raise RunError(f"{run}: has no {NAME}; name the folder of a finished run")
    record = _decode(path)
    if record.state == "running":
        raise RunError(f"{run}: the run is not finished; repeat its command first")
    return record


def checksums(run: Path) -> dict[str, str]:
    """Return the SHA-256 of each table and of the gallery file of a run."""
    return {name: sha256(run / name) for name in (*TABLES, GALLERY)}


def checked_file(run: Path, record: RunRecord, name: str) -> Path:
    """Return the path of a table or of the gallery file.

    Raises:
        RunError: it is missing, cannot be read, or is not as the run wrote it.
    """
    path, advice = run / name, "repeat the command of its match to write it again"
    if not path.is_file():
        raise RunError(f"{run}: has no {name}; {advice}")
    try:
        digest = sha256(path)
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror}); {advice}") from error
    if digest != record.checksums.get(name):
        raise RunError(f"{path}: is damaged or was changed after the run wrote it; {advice}")
    return path


def read_settings(run: Path) -> Settings | None:
    """Return the settings with which a folder was begun, None for a new one; raise `RunError` if they are damaged."""
    path = run / NAME
    return _decode(path).settings if path.exists() else None


def _decode(path: Path) -> RunRecord:
    content = read_json(path)
    try:
        return msgspec.convert(content, RunRecord, dec_hook=path_of)
    except (msgspec.ValidationError, ValueError, PipelineError) as error:  # settings check their own values
        raise RunError(
            f"{path}: was written by another version ({error}); run again with --overwrite"
        ) from error


def _encode(value: object) -> str:
    """Encode the one type that JSON does not know."""
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} cannot be written to {NAME}")

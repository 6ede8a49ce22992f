"""From footage to identities: the public interface of the program.

    from pipeline import RunConfig, match, read_run

Every other module may change from one version to the next. `docs/reference.md` describes each name with an example.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detectors.errors import DetectorError as DetectorError
    from pipeline.config import RunConfig as RunConfig
    from pipeline.embedding.config import EmbeddingConfig as EmbeddingConfig
    from pipeline.errors import CamerasError as CamerasError
    from pipeline.errors import CorrectionsError as CorrectionsError
    from pipeline.errors import FootageError as FootageError
    from pipeline.errors import PipelineError as PipelineError
    from pipeline.errors import RunError as RunError
    from pipeline.footage.caller_frames import keep_frames as keep_frames
    from pipeline.footage.cameras import Camera as Camera
    from pipeline.footage.cameras import CameraSet as CameraSet
    from pipeline.footage.cameras import Transition as Transition
    from pipeline.footage.cameras import cameras_from_arguments as cameras_from_arguments
    from pipeline.footage.recording import Recording as Recording
    from pipeline.footage.recording import Timing as Timing
    from pipeline.footage.recording import find_recording as find_recording
    from pipeline.matching.config import Chosen as Chosen
    from pipeline.matching.config import MatchingConfig as MatchingConfig
    from pipeline.results.records import FinishedRun as FinishedRun
    from pipeline.results.records import IdentityRecord as IdentityRecord
    from pipeline.results.records import MatchRecord as MatchRecord
    from pipeline.results.records import Records as Records
    from pipeline.results.records import TrackletRecord as TrackletRecord
    from pipeline.results.records import read_run as read_run
    from pipeline.results.run_record import RunRecord as RunRecord
    from pipeline.run import RunResult as RunResult
    from pipeline.run import match as match
    from pipeline.tracking.config import TrackingConfig as TrackingConfig
    from reid.errors import ReidError as ReidError

PUBLIC = {
    "pipeline.run": ("match", "RunResult"),
    "pipeline.results.records": (
        "read_run",
        "FinishedRun",
        "TrackletRecord",
        "IdentityRecord",
        "MatchRecord",
        "Records",
    ),
    "pipeline.results.run_record": ("RunRecord",),
    "pipeline.footage.cameras": ("Camera", "CameraSet", "Transition", "cameras_from_arguments"),
    "pipeline.footage.caller_frames": ("keep_frames",),
    "pipeline.footage.recording": ("Recording", "Timing", "find_recording"),
    "pipeline.config": ("RunConfig",),
    "pipeline.tracking.config": ("TrackingConfig",),
    "pipeline.embedding.config": ("EmbeddingConfig",),
    "pipeline.matching.config": ("MatchingConfig", "Chosen"),
    "pipeline.errors": ("PipelineError", "FootageError", "CamerasError", "CorrectionsError", "RunError"),
    "detectors.errors": ("DetectorError",),
    "reid.errors": ("ReidError",),
}
"""Public names by module. They are imported on first use: `--help` and the decoder process need none of them."""


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    for module, names in PUBLIC.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'pipeline' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(name for names in PUBLIC.values() for name in names)

"""A finished run that can be matched again, though it never had footage: parts and embeddings made by hand.

Three people pass three cameras, one after the other. Tracklets of one person have a cosine of 0.58, a little above the
threshold; those of two people have a cosine of 0.
"""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree

import numpy as np
import pyarrow as pa

from pipeline.config import RunConfig
from pipeline.embedding.config import EmbeddingConfig
from pipeline.folder.store import RunFolder, open_run, write_json_file, write_part
from pipeline.footage.cameras import Camera, CameraSet
from pipeline.footage.recording import Recording
from pipeline.protocols import no_progress
from pipeline.run import match
from pipeline.setup.inputs import prepare
from pipeline.tracking.camera_job import CameraReport
from reid.checkpoints import save_checkpoint
from reid.model.design import VARIANTS, with_backbone
from reid.model.network import build
from tests.pipeline.report.written import FRAMES, GATE, HALL, YARD, write_parts

CAMERAS = (GATE, HALL, YARD)
PEOPLE = (1, 2, 3)
ALIKE = 0.58
COMMAND = ("match", "gate.mp4", "hall.mp4", "yard.mp4")


def made_run(folder: Path) -> Path:
    """Make the run in a new folder, without footage."""
    weights = folder.parent / "weights.safetensors"
    save_checkpoint(
        build(with_backbone(VARIANTS["fgreid"], "test_resnet"), 1), weights, size=(64, 32), about={}
    )
    gone = folder.parent / "gone"
    gone.mkdir()
    for name in ("boxes.csv", *map(str, range(len(CAMERAS)))):
        (gone / name).write_text(name)
    cameras = CameraSet(
        tuple(
            Camera(name, Recording((gone / str(n),)), 0.0, True, (), gone / "boxes.csv")
            for n, name in enumerate(CAMERAS)
        )
    )
    config = RunConfig(
        embedding=EmbeddingConfig(weights=weights, clips=1), threshold=ALIKE - 0.08, device="cpu"
    )
    with open_run(folder) as run:
        prepare(cameras, config, run, overwrite=False, command=COMMAND, start_progress=no_progress)
    rmtree(gone)
    for place, name in enumerate(CAMERAS):
        seen = [(name, person, None, "person", 100.0 * place + 20 * person, "linked") for person in PEOPLE]
        write_parts(folder, name, seen)
        write_json_file(
            run.camera(name).report, vars(CameraReport(10, 640, 480, 900, 900, 0, 1, False, (), {}))
        )
    write_embeddings(run)
    match(cameras, config, folder, command=COMMAND, warn=lambda _: None)
    return folder


def write_embeddings(run: RunFolder) -> None:
    """Write embeddings with a dimension per person and a dimension per tracklet."""
    members = [(camera, person, FRAMES) for camera in CAMERAS for person in PEOPLE]
    person = np.eye(len(PEOPLE))[[n % len(PEOPLE) for n in range(len(members))]]
    vectors = np.hstack([np.sqrt(ALIKE) * person, np.sqrt(1 - ALIKE) * np.eye(len(members))]).astype(
        np.float16
    )
    columns = {
        "camera": [camera for camera, _, _ in members],
        "track": [track for _, track, _ in members],
        "member": list(range(len(members))),
        "weight": pa.array([0.5] * len(members), pa.float32()),
        "first_frame": [1000 * (n // len(PEOPLE)) + 200 * (n % len(PEOPLE) + 1) for n in range(len(members))],
        "vector": pa.FixedSizeListArray.from_arrays(
            pa.array(vectors.ravel(), pa.float16()), vectors.shape[1]
        ),
    }
    path = run.embeddings(0, repr(members))
    path.parent.mkdir()
    write_part(path, pa.table(columns))
